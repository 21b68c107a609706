import { FIELD, inverse } from './field.ts'

/**
 * Poseidon of one and of two numbers as circomlib has it (https://eprint.iacr.org/2019/458). Its constants are drawn when they are
 * first needed, in some 10 ms, as the paper draws them: as text they would be a tenth of all that a page downloads.
 */
const FULL_ROUNDS = 8
const FIELD_BITS = 254
const STATE_BITS = 80
const WARM_UP = 160

interface Parameters {
  readonly partialRounds: number
  /** By round and word. */
  readonly constants: readonly (readonly bigint[])[]
  readonly mix: readonly (readonly bigint[])[]
}

/** The paper's Grain LFSR in self-shrinking mode: field elements from it, bits high first, some of them too large. */
function grain(width: number, partialRounds: number): () => bigint {
  const setup: readonly (readonly [value: number, bits: number])[] = [
    [1, 2],
    [0, 4],
    [FIELD_BITS, 12],
    [width, 12],
    [FULL_ROUNDS, 10],
    [partialRounds, 10],
    [2 ** 30 - 1, 30],
  ]
  const text = setup.map(([value, bits]) => value.toString(2).padStart(bits, '0')).join('')
  const state = Uint8Array.from(text, Number)
  let first = 0
  const at = (offset: number) => state[(first + offset) % STATE_BITS]!
  function next(): number {
    const bit = at(62) ^ at(51) ^ at(38) ^ at(23) ^ at(13) ^ at(0)
    state[first] = bit
    first = (first + 1) % STATE_BITS
    return bit
  }
  function output(): number {
    for (;;) {
      const keep = next()
      const bit = next()
      if (keep === 1) return bit
    }
  }
  for (let step = 0; step < WARM_UP; step++) next()
  return () => {
    let bits = '0b'
    for (let count = 0; count < FIELD_BITS; count++) bits += output()
    return BigInt(bits)
  }
}

/** Round constants, and the matrix 1 / (x + y) of Cauchy. */
function draw(width: number, partialRounds: number): Parameters {
  const next = grain(width, partialRounds)
  function below(): bigint {
    for (;;) {
      const value = next()
      if (value < FIELD) return value
    }
  }
  const words = <T>(make: (word: number) => T): T[] => Array.from({ length: width }, (_, word) => make(word))
  const constants = Array.from({ length: FULL_ROUNDS + partialRounds }, () => words(below))
  const [xs, ys] = [words(() => next() % FIELD), words(() => next() % FIELD)]
  return { partialRounds, constants, mix: xs.map((x) => ys.map((y) => inverse(x + y))) }
}

function power5(value: bigint): bigint {
  const square = (value * value) % FIELD
  return (value * ((square * square) % FIELD)) % FIELD
}

function hash(inputs: readonly bigint[], { partialRounds, constants, mix }: Parameters): bigint {
  const half = FULL_ROUNDS / 2
  let state = [0n, ...inputs]
  for (const [round, row] of constants.entries()) {
    const isFull = round < half || round >= half + partialRounds
    const boxed = state.map((word, at) => {
      const sum = word + row[at]!
      return isFull || at === 0 ? power5(sum) : sum
    })
    state = mix.map((weights) => boxed.reduce((sum, word, at) => sum + word * weights[at]!, 0n) % FIELD)
  }
  return state[0]!
}

let [one, two]: [Parameters?, Parameters?] = []

/** Of one number, not negative. */
export const poseidon1 = ([a]: readonly [bigint]): bigint => hash([a], (one ??= draw(2, 56)))

/** Of two numbers, not negative. */
export const poseidon2 = ([a, b]: readonly [bigint, bigint]): bigint => hash([a, b], (two ??= draw(3, 57)))
