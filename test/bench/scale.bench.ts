import { availableParallelism } from 'node:os'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import type { Tools } from '../../scripts/bench/tools.ts'
import type { Weather } from '../../scripts/scale/links.ts'
import { at, type Measured } from '../../scripts/scale/measured.ts'
import { compare } from '../../scripts/scale/model.ts'
import { NWAKU } from '../../scripts/scale/nwaku.ts'
import { scaleMessages } from './scale/messages.ts'
import { scaleRun } from './scale/run.ts'
import { sizesOf } from './scale/sizes.ts'

/** 150 ms one way on average, as nwaku's published runs had, but unequal, and with loss. */
const WEATHER: Weather = { delayMs: [100, 200], loss: 0.005 }
/** Messages a second, in the network's time. */
const RATE = 4
/** Nodes that each dials; with those that dial it, about the 20 connections that nodes look for (`discovery.targetPeers`). */
const DIALS = 10
const SEED = 46

async function run(tools: Tools): Promise<Row[]> {
  const sizes = sizesOf(process.env['BENCH_SCALE_NODES'], Number(process.env['BENCH_SCALE_SLOWER'] ?? 1))
  const most = Math.max(...sizes.map(({ messages }) => messages))
  tools.note(`making ${most} proofs`)
  const messages = await scaleMessages(most)
  const runs: Measured[] = []
  for (const { nodes, messages: count, slowMotion } of sizes) {
    tools.note(`${nodes} nodes, ${slowMotion} times as slow as the clock: ${count} messages`)
    const options = {
      nodes,
      processes: availableParallelism(),
      dials: DIALS,
      weather: WEATHER,
      rate: RATE,
      slowMotion,
      seed: SEED,
    }
    const run = await scaleRun(messages.slice(0, count), options)
    runs.push(run)
    tools.note(told(run))
  }
  tools.keep({ runs })
  return rowsOf(runs)
}

function told({ nodes, arrived, expected, latencyMs, cpuMsPerMessage, idleCpuShare }: Measured): string {
  return `${nodes} nodes: ${arrived} of ${expected} arrived, P50 ${at(latencyMs, 0.5).toFixed(0)} ms, P99 ${at(latencyMs, 0.99).toFixed(0)} ms; a node took ${cpuMsPerMessage.toFixed(1)} ms CPU a message, ${(100 * idleCpuShare).toFixed(2)} % of a core at rest`
}

function rowsOf(runs: readonly Measured[]): Row[] {
  const compared = new Map(compare(runs).map((point) => [point.what, point]))
  const row = (
    metric: string,
    unit: string,
    ours: number,
    peers: Row['peers'],
    gate: Row['gate'] = null,
  ): Row => {
    return { metric, unit, ours, min: ours, peers, ratio: null, gate }
  }
  const { latency } = NWAKU
  return runs.flatMap((run) => {
    const name = `${run.nodes} nodes`
    const beside = (what: string) => compared.get(`${name}: ${what}`)!.model
    const published = { p50: latency.p50, p95: latency.p95, p99: latency.p99 }
    return [
      row(
        `${name}: messages that did not arrive, of ${run.expected}`,
        '',
        run.expected - run.arrived,
        {},
        { atMost: 0 },
      ),
      ...([0.5, 0.95, 0.99] as const).map((share) => {
        const label = `P${share * 100}`
        const others = published[label.toLowerCase() as keyof typeof published]
        return row(`${name}: from the first node to another, ${label}`, 'ms', at(run.latencyMs, share), {
          'our model': beside(`${label}, ms`),
          [`nwaku, ${latency.nodes} nodes, published`]: others,
        })
      }),
      row(
        `${name}: what a node receives for a message of ${run.messageBytes} bytes`,
        'bytes',
        run.bytesPerMessage,
        {
          'our model': beside('bytes a message'),
        },
      ),
      row(`${name}: memory a node, above its process`, 'MB', run.memoryBytes / 1e6, {
        'our model': beside('bytes of memory a node') / 1e6,
      }),
      row(`${name}: CPU of a node, a message`, 'ms CPU', run.cpuMsPerMessage, {}),
    ]
  })
}

export default {
  name: 'scale',
  title: 'a message through networks of relay nodes, over links with delay and loss',
  run,
} satisfies Bench
