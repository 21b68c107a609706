import type { Plot } from '../simulate/outcome.ts'
import { at, SHARES, type Measured } from './measured.ts'
import type { Predicted } from './model.ts'
import { NWAKU } from './nwaku.ts'

const P = [0.5, 0.95, 0.99] as const

/** Latency by the number of nodes: measured, and the model's on beyond what fits on one machine. */
export function latencyPlot(runs: readonly Measured[], model: readonly Predicted[]): Plot {
  return {
    file: 'latency',
    title: 'From the first node to another',
    x: { label: 'nodes that relay one topic', log: true },
    y: { label: 'ms' },
    lines: P.flatMap((share) => [
      {
        name: `P${share * 100}, model`,
        points: model.map(({ nodes, latencyMs }) => [nodes, at(latencyMs, share)] as const),
      },
      {
        name: `P${share * 100}, measured`,
        points: runs.map(({ nodes, latencyMs }) => [nodes, at(latencyMs, share)] as const),
      },
    ]),
    marks: [{ x: NWAKU.latency.nodes, name: 'nwaku’s published runs' }],
  }
}

/** How many of the nodes have a message after how long. */
export function reachPlot(runs: readonly Measured[]): Plot {
  return {
    file: 'reach',
    title: 'Nodes that have a message',
    x: { label: 'ms after the first node took it' },
    y: { label: '% of the nodes' },
    lines: runs.map(({ nodes, latencyMs }) => ({
      name: `${nodes} nodes`,
      points: latencyMs.slice(0, -1).map((ms, index) => [ms, 100 * SHARES[index]!] as const),
    })),
  }
}
