import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Weather } from './links.ts'

const RESULTS = join(import.meta.dirname, '../../test/bench/results/scale.json')

/** The shares at which distributions are kept, ascending. */
export const SHARES: readonly number[] = [
  ...Array.from({ length: 20 }, (_, at) => Number((at * 0.05).toFixed(2))),
  0.99,
  1,
]

/** One network of real nodes, measured by `npm run bench -- scale`. Distributions are values at {@link SHARES}. */
export interface Measured {
  readonly nodes: number
  /** Processes that the nodes share. */
  readonly processes: number
  /** Messages a second. */
  readonly rate: number
  /** How many times slower than the clock the network ran. All times but those of processors are the network's. */
  readonly slowMotion: number
  readonly weather: Weather
  readonly messages: number
  /** Encoded, proof included. */
  readonly messageBytes: number
  /** How often messages had to arrive, and did. */
  readonly expected: number
  readonly arrived: number
  /** From when the first node takes a message until another has checked and kept it. */
  readonly latencyMs: readonly number[]
  /** What a hop takes beside its link's delay. */
  readonly hopMs: readonly number[]
  /** Bytes that a node receives for a message, without what it receives when there are none. */
  readonly bytesPerMessage: number
  readonly idleBytesPerSecond: number
  /** Heap and buffers that are alive after a collection, above what the process has without nodes. */
  readonly memoryBytes: number
  readonly cpuMsPerMessage: number
  /** Share of a core of a node without messages. */
  readonly idleCpuShare: number
  /** Peers in gossip's mesh, of each node. */
  readonly meshSizes: readonly number[]
  /** Mean. */
  readonly connections: number
  /** Proofs that every node verified and accepted at least. */
  readonly accepted: number
}

export interface Kept {
  readonly measured: string
  readonly environment: { readonly cpu: string; readonly cores: number; readonly node: string }
  readonly details: { readonly runs: readonly Measured[] }
}

/** What the last run of the benchmark left. */
export const readMeasured = (path: string = RESULTS): Kept => JSON.parse(readFileSync(path, 'utf8')) as Kept

export const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)

/** The value below which a share of ascending values lies. */
export const quantile = (values: ArrayLike<number>, share: number): number =>
  values[Math.floor(share * (values.length - 1))] ?? Number.POSITIVE_INFINITY

/** The value of a kept distribution at one of {@link SHARES}. */
export const at = (distribution: readonly number[], share: number): number =>
  distribution[SHARES.indexOf(share)]!

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length
