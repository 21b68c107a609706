import Table from 'cli-table3'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import type { Tools } from '../../scripts/bench/tools.ts'
import { startNetwork } from '../integration/client/network.ts'
import { sizeOf } from './tools/bench-chain.ts'
import { quantile } from './tools/relay-run.ts'
import { acquaint, newTalker, type Talker, type Write } from './tools/talkers.ts'

const MESSAGES = sizeOf('BENCH_LATENCY_MESSAGES', 60)
const NODE = { payments: { freeQuota: 10_000 }, chain: {}, discovery: {}, log: { level: 'warn' as const } }
const PUBLIC = {
  epochSeconds: 600,
  membership: { rootWindow: 3_600, term: 15_552_000, grace: 2_592_000, exitDelay: 86_400 },
}
const WHOLE = "from the sender's call to the receiver's decrypted message, stored"

/** What a text goes through, in this order. */
const STEPS = [
  'sealed, and the ratchet on disk',
  'proof finished from a slot',
  'kept in the outbox, on disk',
  'pushed to a node, checked and archived there, relayed, checked again, pushed on, decrypted',
  'stored at the receiver, and handed out',
] as const
type Step = (typeof STEPS)[number]
type Times = Readonly<Record<Step, number>>

/** When something is there for the first time; throws if it never was, since then a step has another name now. */
function first(writes: readonly Write[], what: string, is: (write: Write) => boolean): Write {
  const found = writes.find(is)
  if (!found) throw new Error(`No write shows when the message was ${what}`)
  return found
}

/** Sends one text and says how long each step took, in milliseconds. */
async function oneText(alice: Talker, bob: Talker, text: string): Promise<Times> {
  const arrived = (async () => {
    for await (const event of bob.chat.events()) {
      if (event.kind === 'message') return performance.now()
    }
    throw new Error('The chat has ended')
  })()
  alice.writes()
  bob.writes()
  const began = performance.now()
  const sending = alice.chat.send('Bob', text)
  const handedOut = await arrived
  await sending
  const writes = alice.writes()
  const sealed = first(writes, 'sealed', ({ key }) => key.includes('/session/'))
  const kept = first(writes, 'kept', ({ key, kind }) => key.startsWith('outbox/') && kind === 'set')
  const opened = first(bob.writes(), 'opened', (write) => write.began > kept.ended)
  const spans = [
    sealed.ended - began,
    kept.began - sealed.ended,
    kept.ended - kept.began,
    opened.began - kept.ended,
    handedOut - opened.began,
  ]
  return Object.fromEntries(STEPS.map((step, at) => [step, spans[at]!])) as unknown as Times
}

/** Waits until nothing of the last text is under way: its acknowledgement, and the slots for the next. */
async function settle(alice: Talker, bob: Talker): Promise<void> {
  for await (const event of alice.chat.events()) if (event.kind === 'delivered') break
  await Promise.all([alice, bob].map(({ client }) => client.proving.prepare({ slots: 1 })))
}

async function run(tools: Tools): Promise<Row[]> {
  const net = await startNetwork({ ...PUBLIC, nodes: [NODE, NODE, NODE] })
  try {
    const [alice, bob] = [await newTalker(net, { name: 'Alice' }), await newTalker(net, { name: 'Bob' })]
    await acquaint(alice, bob)
    await Promise.all([alice, bob].map(({ client }) => client.proving.prepare({ slots: 1 })))
    tools.note(`${MESSAGES} texts over three nodes`)
    const times: Times[] = []
    for (let at = -3; at < MESSAGES; at++) {
      const settled = settle(alice, bob)
      const found = await oneText(alice, bob, `text ${at}`)
      if (at >= 0) times.push(found)
      await settled
    }
    const row = (metric: string, of: (times: Times) => number): Row => {
      const sorted = times.map(of).sort((a, b) => a - b)
      const [ours, p99] = [quantile(sorted, 0.5), quantile(sorted, 0.99)]
      return { metric, unit: 'ms', ours, min: sorted[0]!, peers: { P99: p99 }, ratio: null, gate: null }
    }
    const whole = (one: Times) => STEPS.reduce((sum, step) => sum + one[step], 0)
    return [row(WHOLE, whole), ...STEPS.map((step) => row(step, (one) => one[step]))]
  } finally {
    await net.stop()
  }
}

/** One line a step, and which costs most. */
function table(rows: readonly Row[]): string {
  const [whole, ...steps] = rows
  const text = new Table({
    head: ['ms', 'P50', 'P99', 'best', 'part of P50'],
    style: { head: [], border: [] },
  })
  for (const { metric, ours, peers, min } of rows) {
    const part = `${Math.round((100 * ours!) / whole!.ours!)} %`
    text.push([metric, ours!.toFixed(1), peers['P99']!.toFixed(1), min!.toFixed(1), part])
  }
  const most = steps.reduce((a, b) => (b.ours! > a.ours! ? b : a))
  return `${text.toString()}\nMost time goes by until a text is ${most.metric}.`
}

export default {
  name: 'latency',
  title: 'how long a text takes, step by step, with a slot ready',
  run,
  table,
} satisfies Bench
