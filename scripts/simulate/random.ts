/** Random numbers that can be had again from their seed (mulberry32). */
export interface Random {
  /** Evenly in [0, 1). */
  next(): number
  /** With this median; `spread` is the standard deviation of the logarithm. */
  lognormal(median: number, spread: number): number
  /** Whole, in [0, below). */
  below(below: number): number
}

export function randomFrom(seed: number): Random {
  let state = seed >>> 0

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** Box and Muller's. */
  function normal(): number {
    return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  }

  return {
    next,
    lognormal: (median, spread) => median * Math.exp(spread * normal()),
    below: (below) => Math.floor(next() * below),
  }
}
