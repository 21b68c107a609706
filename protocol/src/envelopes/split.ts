import { checkBetween } from './errors.ts'

/** As many fresh random bytes. */
export type RandomBytes = (length: number) => Uint8Array

/** The bits of the contract's map of claimed shares. */
export const MAX_SHARES = 128
export const MAX_AMOUNT = 2n ** 128n - 1n

const platform: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length))

/** `count` amounts that differ by at most 1 and add up to `amount`, the larger first. Throws EnvelopeError OUT_OF_RANGE. */
export function splitEqually(amount: bigint, count: number): bigint[] {
  const parts = checkSplit(amount, count, 1n)
  const [each, rest] = [amount / parts, amount % parts]
  return Array.from({ length: count }, (_, at) => each + (BigInt(at) < rest ? 1n : 0n))
}

/**
 * `count` random amounts of at least `minimum` that add up to `amount`. Every such split is as likely as any other, so no place
 * in the list is worth more than another. Throws EnvelopeError OUT_OF_RANGE.
 */
export function splitRandomly(
  amount: bigint,
  count: number,
  { minimum = 1n, random = platform }: { readonly minimum?: bigint; readonly random?: RandomBytes } = {},
): bigint[] {
  checkBetween('minimum', minimum, 1n, MAX_AMOUNT)
  const parts = checkSplit(amount, count, minimum)
  // Cuts at different places of a line: what lies between two is at least 1.
  const line = amount - parts * (minimum - 1n)
  const cuts = [...distinct(count - 1, line - 1n, random)].sort((a, b) => (a < b ? -1 : 1))
  return [...cuts, line].map((cut, at) => cut - (cuts[at - 1] ?? 0n) + minimum - 1n)
}

/** The items in a uniformly random order. */
export function shuffled<T>(items: readonly T[], random: RandomBytes = platform): T[] {
  const order = [...items]
  for (let at = order.length - 1; at > 0; at--) {
    const other = Number(below(BigInt(at + 1), random))
    ;[order[at], order[other]] = [order[other]!, order[at]!]
  }
  return order
}

function checkSplit(amount: bigint, count: number, minimum: bigint): bigint {
  const parts = BigInt(Number.isInteger(count) ? count : -1)
  checkBetween('count', parts, 1n, BigInt(MAX_SHARES))
  checkBetween('amount', amount, parts * minimum, MAX_AMOUNT)
  return parts
}

/** `count` different numbers from 1 to `high`, by Floyd's algorithm: as many draws as numbers. */
function distinct(count: number, high: bigint, random: RandomBytes): Set<bigint> {
  const chosen = new Set<bigint>()
  for (let top = high - BigInt(count) + 1n; top <= high; top++) {
    const drawn = 1n + below(top, random)
    chosen.add(chosen.has(drawn) ? top : drawn)
  }
  return chosen
}

/** A uniform number below `bound`: draws that would favour some are thrown away. */
function below(bound: bigint, random: RandomBytes): bigint {
  const bits = (bound - 1n).toString(2).length
  const spare = BigInt((8 - (bits % 8)) % 8)
  for (;;) {
    const drawn = random(Math.ceil(bits / 8)).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) >> spare
    if (drawn < bound) return drawn
  }
}
