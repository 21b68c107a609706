import { FIELD, fromLittleEndian, mod } from '../field.ts'

/** Bytes of a weight: 128 bits are the soundness of a batch. */
export const WEIGHT_BYTES = 16
/** Bits of each half of a weight. */
export const HALF_BITS = 64

/** φ(x, y) = (βx, y) is λ·(x, y) on G1: λ³ = 1, a polynomial in the curve's parameter. */
const X = 4_965_661_367_192_848_881n
export const LAMBDA = mod(-(36n * X ** 3n + 18n * X ** 2n + 6n * X + 2n))

/** Weights whose sum is 1 mod r. */
export interface Weights {
  /** What was drawn for all but the first: the halves a and b, 8 bytes each, of a + b·λ. */
  readonly drawn: Uint8Array
  /** All weights mod r. */
  readonly values: readonly bigint[]
}

/**
 * Draws `count` − 1 weights from the system's generator, 2^128 different ones each, and completes them with a first one so that
 * their sum is 1. Called after the claims they weigh have come, and anew for every equation.
 */
export function drawWeights(count: number): Weights {
  const drawn = globalThis.crypto.getRandomValues(new Uint8Array((count - 1) * WEIGHT_BYTES))
  const values = [1n]
  for (let at = 0; at < drawn.length; at += WEIGHT_BYTES) {
    const a = fromLittleEndian(drawn.subarray(at, at + 8))
    const b = fromLittleEndian(drawn.subarray(at + 8, at + WEIGHT_BYTES))
    const weight = (a + b * LAMBDA) % FIELD
    values.push(weight)
    values[0]! -= weight
  }
  values[0] = mod(values[0]!)
  return { drawn, values }
}
