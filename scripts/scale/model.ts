import { SEGMENT_BYTES, type Weather } from './links.ts'
import { at, mean, SHARES, type Measured } from './measured.ts'
import { memoryAt, memoryOf } from './memory.ts'
import { spread } from './spread.ts'
import { bytesPerMessage } from './traffic.ts'

/** What the model says of a network. */
export interface Predicted {
  readonly nodes: number
  readonly latencyMs: readonly number[]
  readonly bytesPerMessage: number
  readonly memoryBytes: number
}

/** A prediction beside what was measured. */
export interface Compared {
  readonly what: string
  readonly measured: number
  readonly model: number
}

/** How far the model may be from what was measured. */
export const TOLERANCE = 0.2
/** Samples of latencies that are enough for a P99. */
const SAMPLES = 30_000
const SEED = 1
const TOPIC_BYTES = '/waku/2/rs/1984/0'.length
/** Hops above are slow because of a lost segment. */
const HOPS_UP_TO = 0.95

interface Asked {
  readonly nodes: number
  readonly weather: Weather
  readonly connections: number
  readonly rate: number
  /** From which the hop times are taken. */
  readonly hops: Measured
}

/** A model of gossip whose inputs are taken from runs: mesh sizes, the time of a hop, memory by connections. */
export function modelOf(runs: readonly Measured[]) {
  const meshSizes = runs.flatMap((run) => run.meshSizes)
  const memory = memoryOf(runs)
  const { messageBytes } = runs[0]!

  function predict({ nodes, weather, connections, rate, hops }: Asked): Predicted {
    const mesh = Math.min(nodes - 1, mean(meshSizes))
    const hopMs = hops.hopMs.filter((_, index) => SHARES[index]! <= HOPS_UP_TO)
    const latencyMs = spread({
      nodes,
      meshSizes,
      connections,
      weather,
      segments: Math.ceil(messageBytes / SEGMENT_BYTES),
      rate,
      hopMs,
      networks: Math.ceil(SAMPLES / nodes),
      seed: SEED,
    })
    const traffic = { nodes, mesh, connections, messageBytes, topicBytes: TOPIC_BYTES, rate }
    return {
      nodes,
      latencyMs,
      bytesPerMessage: bytesPerMessage(traffic),
      memoryBytes: memoryAt(memory, connections),
    }
  }

  return {
    predict,
    /** The run again, by the model: its own hop times, since its nodes shared this machine's cores. */
    again: (run: Measured) => predict({ ...run, hops: run }),
  }
}

/** Every measured point beside the model's. */
export function compare(runs: readonly Measured[]): Compared[] {
  const model = modelOf(runs)
  return runs.flatMap((run) => {
    const predicted = model.again(run)
    const name = `${run.nodes} nodes`
    return [
      ...[0.5, 0.95, 0.99].map((share) => ({
        what: `${name}: P${share * 100}, ms`,
        measured: at(run.latencyMs, share),
        model: at(predicted.latencyMs, share),
      })),
      { what: `${name}: bytes a message`, measured: run.bytesPerMessage, model: predicted.bytesPerMessage },
      { what: `${name}: bytes of memory a node`, measured: run.memoryBytes, model: predicted.memoryBytes },
    ]
  })
}

export const isClose = ({ measured, model }: Compared): boolean =>
  Math.abs(model - measured) <= TOLERANCE * measured
