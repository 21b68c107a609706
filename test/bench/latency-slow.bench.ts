import type { LocalNetwork } from '@teahouse/protocol/chain'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import type { Tools } from '../../scripts/bench/tools.ts'
import { startNetwork, type TestNetwork } from '../integration/client/network.ts'
import { sizeOf } from './tools/bench-chain.ts'
import { quantile } from './tools/relay-run.ts'
import { slowLine, type SlowLine } from './tools/slow-line.ts'
import { acquaint, newTalker, type Talker } from './tools/talkers.ts'

const MESSAGES = sizeOf('BENCH_SLOW_MESSAGES', 40)
const LINE = { bitsPerSecond: 50_000, roundTripMs: 600, loss: 0.05 }
const NODE = { payments: { freeQuota: 10_000 }, chain: {}, discovery: {}, log: { level: 'warn' as const } }
const PUBLIC = {
  epochSeconds: 600,
  membership: { rootWindow: 3_600, term: 15_552_000, grace: 2_592_000, exitDelay: 86_400 },
}
const GATE_MS = 5_000
/** Nothing is given up sooner than this. */
const PATIENCE_MS = 120_000

/** The network as it is seen from the other end of the line: the chain's endpoint, too. */
async function seenOver(line: SlowLine, network: LocalNetwork): Promise<LocalNetwork> {
  const { port } = new URL(network.rpcUrl!)
  return { ...network, rpcUrl: `http://127.0.0.1:${await line.through(Number(port))}` }
}

/** Milliseconds from the call until the other side has it, for each text; throws if one does not arrive. */
async function texts(from: Talker, to: Talker, tools: Tools): Promise<number[]> {
  const took: number[] = []
  for (let at = 0; at < MESSAGES; at++) {
    await Promise.all([from, to].map(({ client }) => client.proving.prepare({ slots: 1 })))
    const arrived = (async () => {
      for await (const event of to.chat.events(AbortSignal.timeout(PATIENCE_MS)))
        if (event.kind === 'message') return performance.now()
      throw new Error(`Text ${at} did not arrive`)
    })()
    const began = performance.now()
    await from.chat.send('Bob', `text ${at}`)
    took.push((await arrived) - began)
    if (at % 10 === 9) tools.note(`${at + 1} texts`)
  }
  return took.sort((a, b) => a - b)
}

async function between(
  net: TestNetwork,
  isSlow: { alice: boolean; bob: boolean },
  tools: Tools,
): Promise<Row> {
  const lines: SlowLine[] = []
  async function person(name: string, slow: boolean): Promise<Talker> {
    if (!slow) return newTalker(net, { name })
    const line = slowLine(LINE)
    lines.push(line)
    const { transports } = line
    return newTalker(net, { name, transports, network: await seenOver(line, net.network) })
  }
  const both = isSlow.alice && isSlow.bob
  const whose = both ? 'both' : isSlow.alice ? 'the sender' : 'the receiver'
  tools.note(`${whose} on a slow line`)
  try {
    const [alice, bob] = [await person('Alice', isSlow.alice), await person('Bob', isSlow.bob)]
    await acquaint(alice, bob)
    const sorted = await texts(alice, bob, tools)
    await Promise.all([alice, bob].map(({ client }) => client.stop()))
    const counts = lines.map((line) => line.counts())
    const [segments, lost] = (['segments', 'lost'] as const).map((name) =>
      counts.reduce((sum, count) => sum + count[name], 0),
    )
    tools.note(`${lost} of ${segments} segments lost`)
    const quantiles = { P50: quantile(sorted, 0.5), P99: quantile(sorted, 0.99) }
    const metric = `a text, ${whose} at 50 kbit/s, 600 ms, 5 % loss: P95 of ${MESSAGES}`
    const [ours, min] = [quantile(sorted, 0.95), sorted[0]!]
    return { metric, unit: 'ms', ours, min, peers: quantiles, ratio: null, gate: { atMost: GATE_MS } }
  } finally {
    await Promise.all(lines.map((line) => line.stop()))
  }
}

async function run(tools: Tools): Promise<Row[]> {
  const net = await startNetwork({ ...PUBLIC, nodes: [NODE, NODE, NODE] })
  try {
    return [
      await between(net, { alice: true, bob: false }, tools),
      await between(net, { alice: false, bob: true }, tools),
      await between(net, { alice: true, bob: true }, tools),
    ]
  } finally {
    await net.stop()
  }
}

export default {
  name: 'latency',
  title: 'how long a text takes on a slow line (shaped in user space)',
  run,
} satisfies Bench
