import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeMessage, type WakuMessage } from '@teahouse/protocol/wire'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import type { Tools } from '../../scripts/bench/tools.ts'
import { withClock } from '../support/index.ts'
import { benchChain, sizeOf, twoNodes } from './tools/bench-chain.ts'
import { relayMessages } from './tools/relay-messages.ts'
import { PUBSUB_TOPIC, quantile, relayRun, WARM_UP } from './tools/relay-run.ts'

const MESSAGES = sizeOf('BENCH_FLOOD_MESSAGES', 3_000)
/** Honest messages a second: half of what a node has to do on a core. */
const RATE = 150
const ATTACKERS = 2

/** Starts processes that gossip proofs which do not hold, under new names whenever they are turned away. */
async function attack(model: WakuMessage, address: string, clock: string) {
  const file = join(await mkdtemp(join(tmpdir(), 'teahouse-flood-')), 'model.bin')
  await writeFile(file, encodeMessage(model))
  const program = join(import.meta.dirname, '../integration/nodes/flooder.ts')
  let refusals = 0
  const attackers: ChildProcess[] = Array.from({ length: ATTACKERS }, () => {
    const child = spawn(process.execPath, [program, address, PUBSUB_TOPIC, file], {
      env: { ...process.env, ...withClock({ file: clock }) },
    })
    child.stdout.on('data', (chunk: Buffer) => (refusals += chunk.toString().split('refused').length - 1))
    return child
  })
  return {
    refusals: () => refusals,
    stop: async () => void attackers.forEach((child) => child.kill('SIGKILL')),
  }
}

async function run(tools: Tools): Promise<Row[]> {
  const chain = await benchChain()
  try {
    const messages = await relayMessages(chain, WARM_UP + MESSAGES + 1, tools.note)
    const model = messages.pop()!
    const nodes = await twoNodes(chain)
    tools.note(`${MESSAGES} honest messages at ${RATE}/s`)
    const quiet = await relayRun(nodes, messages, RATE)
    tools.note(`the same while ${ATTACKERS} processes flood the first node`)
    let refused = 0
    const flooded = await relayRun(nodes, messages, RATE, async (address, clock) => {
      const attackers = await attack(model, address, clock)
      return async () => {
        refused = attackers.refusals()
        await attackers.stop()
      }
    })
    const rate = ({ arrived, seconds }: typeof quiet) => arrived / seconds
    const kept = (100 * rate(flooded)) / rate(quiet)
    tools.note(`${flooded.invalid[0]} invalid proofs came in; ${refused} times an attacker was turned away`)
    const row = (metric: string, unit: string, ours: number, gate: Row['gate']): Row => {
      return { metric, unit, ours, min: ours, peers: {}, ratio: null, gate }
    }
    return [
      row('rate of honest messages in a flood, of that without one', '%', kept, { atLeast: 80 }),
      row(`honest messages lost of ${MESSAGES}`, '', flooded.published - flooded.arrived, { atMost: 0 }),
      row('invalid proofs that came in', '', flooded.invalid[0]!, { atLeast: 20 }),
      row('times an attacker was disconnected', '', refused, { atLeast: 1 }),
      row('P99 of honest messages, without the flood', 'ms', quantile(quiet.latencies, 0.99), null),
      row('P99 of honest messages, in the flood', 'ms', quantile(flooded.latencies, 0.99), null),
    ]
  } finally {
    await chain.stop()
  }
}

export default {
  name: 'flood',
  title: 'honest messages through two nodes, one of which is flooded with proofs that do not hold',
  run,
} satisfies Bench
