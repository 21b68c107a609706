import type { Weather } from './links.ts'
import type { Measured } from './measured.ts'
import { modelOf, type Predicted } from './model.ts'
import { NWAKU } from './nwaku.ts'
import { ASSUMED } from './world.ts'

/** Networks that the model is asked about, beside those measured. */
const BEYOND = [1_000, 10_000, 1_000_000] as const
/** Connections of a node in a network that has enough nodes. */
const MANY_CONNECTIONS = 20

/** What the model says beyond what was measured; docs/scale/model.json. */
export interface Carried {
  /** Measured sizes and beyond, under the weather of the runs, each node on a machine of its own. */
  readonly model: readonly Predicted[]
  /** nwaku's published network by our model. */
  readonly likeNwaku: Predicted
  /** A shard as {@link ASSUMED} has it. */
  readonly shard: Predicted
}

/** Carries the runs on, to networks of at most so many nodes: a million take some seconds. */
export function carryOn(runs: readonly Measured[], mostNodes = Number.POSITIVE_INFINITY): Carried {
  const { predict } = modelOf(runs)
  const least = leastOf(runs)
  const asked = (nodes: number, weather: Weather = least.weather, connections = MANY_CONNECTIONS) =>
    predict({ nodes, weather, connections: Math.min(nodes - 1, connections), rate: 1, hops: least })
  const sizes = [...runs.map(({ nodes }) => nodes), ...BEYOND].filter((nodes) => nodes <= mostNodes)
  const { nodes, weather, dials } = NWAKU.latency
  return {
    model: sizes.map((size) => asked(size)),
    likeNwaku: asked(nodes, weather, 2 * dials),
    shard: asked(ASSUMED.nodesPerShard),
  }
}

/** The smallest run, which is slowed least. */
export const leastOf = (runs: readonly Measured[]): Measured =>
  runs.reduce((least, run) => (run.nodes < least.nodes ? run : least))
