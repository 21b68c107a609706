import { TeahouseError } from '@teahouse/protocol/errors'

export interface Size {
  readonly nodes: number
  readonly messages: number
  /** How many times slower than the clock the network runs. */
  readonly slowMotion: number
}

/** Networks that are measured unless told otherwise. */
const DEFAULT_NODES: readonly number[] = [10, 100, 200]

/** Arrivals that are enough for a P99, and messages at least and at most. */
const ARRIVALS = 5_000
const MESSAGES = { least: 30, most: 250 } as const
/** Nodes for which this machine has time as they would have on machines of their own. */
const NODES_IN_TIME = 15

/**
 * The networks by a list like `10,100`, the default ones without it; `slower` times as slow as they have to be, on a machine that has other
 * things to do. Throws TeahouseError BAD_SIZES.
 */
export function sizesOf(text: string | undefined, slower = 1): Size[] {
  const nodes = text === undefined ? DEFAULT_NODES : text.split(',').map(Number)
  const bad = nodes.find((count) => !Number.isInteger(count) || count < 2 || count > 10_000)
  if (bad !== undefined || !(slower >= 1))
    throw new TeahouseError(
      'BENCH_SCALE_NODES takes numbers of nodes from 2 to 10000 with commas, BENCH_SCALE_SLOWER a number from 1 on',
      { code: 'BAD_SIZES', given: text, slower },
    )
  return nodes.map((count) => ({
    nodes: count,
    messages: Math.max(MESSAGES.least, Math.min(MESSAGES.most, Math.ceil(ARRIVALS / count))),
    slowMotion: slower * Math.max(1, count / NODES_IN_TIME),
  }))
}
