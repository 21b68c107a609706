import type { Plot } from '../simulate/outcome.ts'
import { leastOf, type Carried } from './carried.ts'
import { at, mean, type Kept, type Measured } from './measured.ts'
import { compare, isClose, type Compared } from './model.ts'
import { NWAKU } from './nwaku.ts'
import { latencyPlot, reachPlot } from './plots.ts'
import { ASSUMED, loadOf, type Load } from './world.ts'

/** Everything that docs/scale.md shows. */
export interface Report {
  readonly kept: Kept
  readonly carried: Carried
  readonly compared: readonly Compared[]
  readonly loads: readonly Load[]
  readonly plots: readonly Plot[]
}

/** The same measurements, carried on, give the same report. */
export function reportOf(kept: Kept, carried: Carried): Report {
  const { runs } = kept.details
  const least = leastOf(runs)
  const cost = {
    bytes: carried.shard.bytesPerMessage,
    cpuMs: least.cpuMsPerMessage,
    storedBytes: least.messageBytes,
  }
  return {
    kept,
    carried,
    compared: compare(runs),
    loads: [10_000, 1_000_000].map((nodes) => loadOf(nodes, cost)),
    plots: [latencyPlot(runs, carried.model), reachPlot(runs)],
  }
}

/** The tables of docs/scale.md. */
export function tablesOf(report: Report): string {
  return [
    measuredTable(report),
    comparedTable(report),
    beyondTable(report),
    nwakuTable(report),
    worldTable(report),
  ].join('\n\n')
}

function measuredTable({ kept: { measured, environment, details } }: Report): string {
  const { cores, cpu, node } = environment
  const [{ weather, messageBytes }] = details.runs as readonly [Measured, ...Measured[]]
  const [least, most] = weather.delayMs
  const head = [
    'nodes',
    'slowed',
    'arrived',
    'P50',
    'P95',
    'P99',
    'bytes a message',
    'memory a node',
    'CPU a message',
    'mesh',
    'connections',
  ]
  const rows = details.runs.map((run) => [
    figure(run.nodes),
    `${figure(run.slowMotion)} ×`,
    `${figure(run.arrived)} of ${figure(run.expected)}`,
    ...[0.5, 0.95, 0.99].map((share) => `${figure(at(run.latencyMs, share))} ms`),
    figure(run.bytesPerMessage),
    `${figure(run.memoryBytes / 1e6)} MB`,
    `${figure(run.cpuMsPerMessage)} ms`,
    figure(mean(run.meshSizes)),
    figure(run.connections),
  ])
  const conditions =
    `Measured on ${measured.slice(0, 10)}, ${cores} cores of ${cpu}, Node ${node}. Links of ${least} to ${most} ms one way, ${100 * weather.loss} % of segments lost; ` +
    `messages of ${figure(messageBytes)} bytes with their proofs, ${figure(details.runs[0]!.rate)} a second.`
  return `${conditions}\n\n${table(head, rows)}`
}

function comparedTable({ compared }: Report): string {
  const rows = compared.map((point) => {
    const off = 100 * (point.model / point.measured - 1)
    return [
      point.what,
      figure(point.measured),
      figure(point.model),
      `${off >= 0 ? '+' : '−'}${Math.abs(off).toFixed(0)} %`,
    ]
  })
  const far = compared.filter((point) => !isClose(point)).length
  const verdict =
    far === 0
      ? 'The model is within 20 % of every point.'
      : `The model is off by more than 20 % at ${far} of ${compared.length} points.`
  return `${verdict}\n\n${table(['', 'measured', 'model', ''], rows)}`
}

function beyondTable({ carried }: Report): string {
  const rows = carried.model.map(({ nodes, latencyMs, bytesPerMessage, memoryBytes }) => [
    figure(nodes),
    ...[0.5, 0.95, 0.99].map((share) => `${figure(at(latencyMs, share))} ms`),
    figure(bytesPerMessage),
    `${figure(memoryBytes / 1e6)} MB`,
  ])
  return `By the model, one message a second, on machines of their own:\n\n${table(['nodes', 'P50', 'P95', 'P99', 'bytes a message', 'memory a node'], rows)}`
}

function nwakuTable({ carried: { likeNwaku }, kept: { details } }: Report): string {
  const { latency, traffic } = NWAKU
  const most = details.runs.reduce((largest, run) => (run.nodes > largest.nodes ? run : largest))
  const perByte = (bytes: number, payload: number) => figure(bytes / payload)
  const ours = [0.5, 0.95, 0.99].map((share) => `${figure(at(likeNwaku.latencyMs, share))} ms`)
  const rows = [
    [
      'nwaku, published: 1,000 nodes, 150 ms, no loss, 2 kB',
      `${latency.p50} ms`,
      `${latency.p95} ms`,
      `${latency.p99} ms`,
      '',
    ],
    ['our model of the same network', ...ours, ''],
    [
      'nwaku 0.34, published: 1,000 nodes, 1 kB, one a second',
      '',
      '',
      '',
      perByte(traffic.bytesPerSecond / traffic.rate, traffic.payloadBytes),
    ],
    [
      `ours, measured: ${figure(most.nodes)} nodes, 2 kB, ${figure(most.rate)} a second`,
      '',
      '',
      '',
      perByte(most.bytesPerMessage, latency.payloadBytes),
    ],
  ]
  return table(['', 'P50', 'P95', 'P99', 'bytes in, a byte of payload'], rows)
}

function worldTable({ loads, carried: { shard } }: Report): string {
  const {
    users,
    messagesPerUserDay,
    peak,
    nodesPerShard,
    messagesPerShard,
    keepers,
    keptDays,
    online,
    nodesPerUser,
  } = ASSUMED
  const rows: [string, (load: Load) => string][] = [
    ['messages a second that a node relays', (load) => figure(load.messagesPerSecond)],
    ['shards in all', (load) => figure(load.shards)],
    ['shards of a node', (load) => figure(load.shardsPerNode)],
    ['traffic, each way', (load) => `${figure(load.megabitsPerSecond)} Mbit/s`],
    ['cores', (load) => figure(load.cores)],
    ['disk', (load) => `${figure(load.diskBytes / 1e9)} GB`],
    ['connections of users', (load) => figure(load.userConnections)],
  ]
  const said =
    `A billion users: ${figure(users)} × ${messagesPerUserDay} messages a day, ${peak} times as many in the busiest second; ${nodesPerShard} nodes a shard of at most ${messagesPerShard} messages a second, ` +
    `which a message crosses in ${figure(at(shard.latencyMs, 0.5))} ms (P50), ${figure(at(shard.latencyMs, 0.99))} ms (P99); each message kept by ${keepers} nodes for ${keptDays} days; ` +
    `${100 * online} % of users connected, each to ${nodesPerUser} nodes. What a node carries then, at the peak:`
  const head = ['', ...loads.map(({ nodes }) => `${figure(nodes)} nodes`)]
  return `${said}\n\n${table(
    head,
    rows.map(([name, of]) => [name, ...loads.map(of)]),
  )}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Three digits that matter, in groups of thousands. */
const figure = (value: number): string =>
  Math.abs(value) >= 1_000
    ? Math.round(value).toLocaleString('en')
    : value.toLocaleString('en', { maximumSignificantDigits: 3 })
