import { P } from './montgomery.ts'

/** Poseidon with 3 words of state (two inputs) as circomlib has it: https://eprint.iacr.org/2019/458. */
const WIDTH = 3
const FULL_ROUNDS = 8
export const PARTIAL_ROUNDS = 57
const ROUNDS = FULL_ROUNDS + PARTIAL_ROUNDS
const FIELD_BITS = 254

type Row = readonly bigint[]
type Matrix = readonly Row[]

const mod = (value: bigint): bigint => ((value % P) + P) % P

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let factor = mod(base), rest = exponent; rest > 0n; rest >>= 1n, factor = mod(factor * factor)) {
    if (rest & 1n) result = mod(result * factor)
  }
  return result
}

const inverse = (value: bigint): bigint => power(value, P - 2n)
const dotProduct = (a: Row, b: Row): bigint => mod(a.reduce((sum, value, at) => sum + value * b[at]!, 0n))
const apply = (matrix: Matrix, vector: Row): bigint[] => matrix.map((row) => dotProduct(row, vector))
const column = (matrix: Matrix, at: number): bigint[] => matrix.map((row) => row[at]!)
const multiply = (a: Matrix, b: Matrix): bigint[][] =>
  a.map((row) => b[0]!.map((_, at) => dotProduct(row, column(b, at))))

/** The paper's Grain LFSR in self-shrinking mode; yields field elements, bits high first. */
function* grain(): Generator<bigint, never> {
  const setup: [value: number, bits: number][] = [
    [1, 2],
    [0, 4],
    [FIELD_BITS, 12],
    [WIDTH, 12],
    [FULL_ROUNDS, 10],
    [PARTIAL_ROUNDS, 10],
    [2 ** 30 - 1, 30], // prettier-ignore
  ]
  let state = setup.flatMap(([value, bits]) =>
    Array.from({ length: bits }, (_, at) => Math.floor(value / 2 ** (bits - 1 - at)) % 2),
  )
  const next = (): number => {
    const bit = [62, 51, 38, 23, 13, 0].reduce((sum, at) => sum ^ state[at]!, 0)
    state = [...state.slice(1), bit]
    return bit
  }
  const output = (): number => {
    for (;;) {
      const keep = next()
      const bit = next()
      if (keep === 1) return bit
    }
  }
  for (let warmUp = 0; warmUp < 160; warmUp++) next()
  for (;;) {
    let value = 0n
    for (let at = 0; at < FIELD_BITS; at++) value = value * 2n + BigInt(output())
    yield value
  }
}

/** Round constants, and the matrix 1 / (x + y) of Cauchy, as the paper's reference script draws them. */
function draw(): { constants: bigint[][]; mix: bigint[][] } {
  const numbers = grain()
  const below = (): bigint => {
    for (;;) {
      const { value } = numbers.next()
      if (value < P) return value
    }
  }
  const constants = Array.from({ length: ROUNDS }, () => Array.from({ length: WIDTH }, below))
  const points = Array.from({ length: 2 * WIDTH }, () => mod(numbers.next().value))
  const [xs, ys] = [points.slice(0, WIDTH), points.slice(WIDTH)]
  return { constants, mix: xs.map((x) => ys.map((y) => inverse(x + y))) }
}

/** One partial round: s0' = row · s + constant, s1' = s1 + down[0]·s0, s2' = s2 + down[1]·s0. */
export interface SparseRound {
  readonly row: Row
  readonly down: Row
  readonly constant: bigint
}

/** Everything that the hash needs, rearranged so that a partial round costs 5 products instead of 9. */
export interface PoseidonConstants {
  readonly mix: Matrix
  /** Constants added before the first S-box. */
  readonly start: Row
  /** Constants added after the mix of full rounds 0, 1, 2. */
  readonly opening: Matrix
  /** The matrix and the constants of full round 3, before the partial rounds. */
  readonly entry: { readonly matrix: Matrix; readonly constants: Row }
  readonly partial: readonly SparseRound[]
  /** Constants added after the mix of the last full rounds but one. */
  readonly closing: Matrix
}

/** Splits `matrix` into sparse · block, where block leaves the first word alone. */
function split(matrix: Matrix): { row: bigint[]; down: bigint[]; block: bigint[][] } {
  const [[corner, ...right], [left1, a, b], [left2, c, d]] = matrix as [
    bigint[],
    [bigint, bigint, bigint],
    [bigint, bigint, bigint],
  ]
  const scale = inverse(a * d - b * c)
  const inverted = [
    [mod(d * scale), mod(-b * scale)],
    [mod(-c * scale), mod(a * scale)],
  ]
  const row = [corner!, ...[0, 1].map((at) => dotProduct(right, column(inverted, at)))]
  const block = [
    [1n, 0n, 0n],
    [0n, a, b],
    [0n, c, d],
  ]
  return { row, down: [left1, left2], block }
}

/**
 * Rearranges the rounds without changing the function. The constants of the two words that a partial round's S-box
 * leaves alone move down to the round after the partial ones, and from there up to before them; the part of each mix
 * that leaves the first word alone moves up through the S-boxes into the last full round before them.
 */
export function poseidonConstants(): PoseidonConstants {
  const { constants, mix } = draw()
  const half = FULL_ROUNDS / 2
  const end = half + PARTIAL_ROUNDS
  const added = constants.map((row) => [...row])
  for (let round = half; round < end; round++) {
    const [, ...others] = added[round]!
    const moved = apply(mix, [0n, ...others])
    added[round] = [added[round]![0]!, 0n, 0n]
    added[round + 1] = added[round + 1]!.map((value, at) => mod(value + moved[at]!))
  }
  const [, ...offset] = added[end]!
  let matrix: Matrix = mix
  const partial: SparseRound[] = []
  for (let round = end - 1; round >= half; round--) {
    const { row, down, block } = split(matrix)
    const constant = mod(added[round + 1]![0]! - dotProduct(row.slice(1), offset))
    partial.unshift({ row, down, constant })
    matrix = multiply(block, mix)
  }
  return {
    mix,
    start: added[0]!,
    opening: added.slice(1, half),
    entry: { matrix, constants: [added[half]![0]!, ...offset] },
    partial,
    closing: added.slice(end + 1),
  }
}
