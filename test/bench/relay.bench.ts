import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadArtifacts } from '@teahouse/protocol/rln/artifacts'
import { encodeMessage, type WakuMessage } from '@teahouse/protocol/wire'
import { groth16 } from 'snarkjs'
import type { Bench, Gate, Row } from '../../scripts/bench/bench.ts'
import { cpuMs, sampleOf, type Tools } from '../../scripts/bench/tools.ts'
import { affine, forSnarkjs, proofs } from '../circuits/support/proofs.ts'
import { benchChain, sizeOf, twoNodes } from './tools/bench-chain.ts'
import { relayMessages } from './tools/relay-messages.ts'
import {
  cpuOf,
  looseHost,
  PUBSUB_TOPIC,
  quantile,
  relayRun,
  type RelayRun,
  WARM_UP,
} from './tools/relay-run.ts'

/** Messages of the run that counts, and how many of them go out a second: more than 16 s at the gate's rate. */
const MESSAGES = sizeOf('BENCH_RELAY_MESSAGES', 5_000)
const RATE = sizeOf('BENCH_RELAY_RATE', 300)
const HALF_SECONDS = 30

/** CPU milliseconds of a process that relays as js-waku does, a message, without checking a proof. */
async function plainRelayMs(messages: readonly WakuMessage[]): Promise<number> {
  const children: ChildProcess[] = []
  const start = async (address?: string): Promise<string> => {
    const program = join(import.meta.dirname, 'tools/plain-relay.ts')
    const child = spawn(process.execPath, [program, PUBSUB_TOPIC, ...(address ? [address] : [])])
    children.push(child)
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
    return chunk.toString().trim()
  }
  try {
    const first = await start()
    await start(first)
    const publisher = await looseHost(first)
    await sleep(2_000)
    const before = await cpuOf(children[0]!.pid!)
    const began = performance.now()
    for (const [at, message] of messages.entries()) {
      const due = began + (at * 1_000) / RATE
      if (due > performance.now() + 2) await sleep(due - performance.now())
      await publisher.services.pubsub.publish(PUBSUB_TOPIC, encodeMessage(message))
    }
    await sleep(1_000)
    const used = (await cpuOf(children[0]!.pid!)) - before
    await publisher.stop()
    return used / messages.length
  } finally {
    for (const child of children) child.kill('SIGKILL')
  }
}

/** CPU milliseconds of snarkjs for one proof. */
async function snarkjsMs(): Promise<number> {
  const { vkey } = await loadArtifacts((url) => readFile(url))
  const claims = proofs.slice(0, 10).map((claim) => forSnarkjs(affine(claim)))
  const took: number[] = []
  for (let round = -1; round < 10; round++) {
    const { proof, publicSignals } = claims[Math.max(0, round)]!
    const cost = await cpuMs(() => groth16.verify(vkey, publicSignals, proof), 1)
    if (round >= 0) took.push(cost)
  }
  return sampleOf(took).median
}

function row(metric: string, unit: string, ours: number, gate: Gate | null, peers: Row['peers'] = {}): Row {
  const [first] = Object.values(peers)
  return { metric, unit, ours, min: ours, peers, ratio: first === undefined ? null : first / ours, gate }
}

function rowsOf(full: RelayRun, half: RelayRun, peerMs: number): Row[] {
  const perMessage = Math.max(...full.cpuMs) / full.arrived
  return [
    row('proofs really verified and accepted, by each node', '', Math.min(...full.accepted), {
      atLeast: MESSAGES,
    }),
    row(`messages lost of ${full.published}`, '', full.published - full.arrived, { atMost: 0 }),
    row('messages a second through both nodes', '/s', full.arrived / full.seconds, null),
    row('validated, kept and relayed a second of CPU of a node', '/s', 1_000 / perMessage, { atLeast: 300 }),
    row(
      'CPU of a node, a message',
      'ms CPU',
      perMessage,
      { ratio: 1 },
      { 'js-waku relay + snarkjs': peerMs },
    ),
    row(`from publisher through both nodes at ${RATE / 2}/s, P50`, 'ms', quantile(half.latencies, 0.5), null),
    row(`from publisher through both nodes at ${RATE / 2}/s, P99`, 'ms', quantile(half.latencies, 0.99), {
      atMost: 250,
    }),
  ]
}

async function run(tools: Tools): Promise<Row[]> {
  const chain = await benchChain()
  try {
    const messages = await relayMessages(chain, WARM_UP + MESSAGES, tools.note)
    const nodes = await twoNodes(chain)
    tools.note(`${MESSAGES} messages at ${RATE}/s through two nodes`)
    const full = await relayRun(nodes, messages, RATE)
    tools.note(
      `verified: ${full.accepted.join(' and ')}; arrived: ${full.arrived} in ${full.seconds.toFixed(1)} s`,
    )
    tools.note('the same at half the rate')
    // Messages are good for 40 s.
    const half = await relayRun(nodes, messages.slice(0, WARM_UP + HALF_SECONDS * (RATE / 2)), RATE / 2)
    tools.note('gossipsub as js-waku sets it up, and snarkjs')
    return rowsOf(full, half, (await plainRelayMs(messages)) + (await snarkjsMs()))
  } finally {
    await chain.stop()
  }
}

export default {
  name: 'relay',
  title: 'messages through two nodes that check, keep and relay each of them',
  run,
} satisfies Bench
