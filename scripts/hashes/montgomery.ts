import {
  type Code,
  get,
  i32,
  I32,
  I64,
  i64,
  join,
  set,
  tee,
  type ValueType,
  type WasmFunction,
  when,
} from './assembler.ts'

/** Order of BN254's scalar field. */
export const P = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n

/** An element is 9 limbs of 29 bits, each in 4 bytes, little-endian, in Montgomery form with R = 2^261. */
const LIMBS = 9
const BITS = 29n
const MASK = (1n << BITS) - 1n
const R = 1n << (BigInt(LIMBS) * BITS)
export const ELEMENT_BYTES = 4 * LIMBS

const MINUS_INVERSE = (() => {
  let inverse = 1n
  for (let bits = 1n; bits < BITS; bits *= 2n) inverse = (inverse * (2n - P * inverse)) & MASK
  return -inverse & MASK
})()

const limbsOf = (value: bigint): bigint[] =>
  Array.from({ length: LIMBS }, (_, at) => (value >> (BITS * BigInt(at))) & MASK)

/** The bytes of `value` in Montgomery form, or of `value` itself if `plain`. */
export function elementBytes(value: bigint, plain = false): Uint8Array {
  const bytes = new Uint8Array(ELEMENT_BYTES)
  const view = new DataView(bytes.buffer)
  const limbs = limbsOf(plain ? value : (value * R) % P)
  limbs.forEach((limb, at) => view.setUint32(4 * at, Number(limb), true))
  return bytes
}

/** Multiplying by this turns a plain element into its Montgomery form. */
export const R_SQUARED = (R * R) % P

const range = Array.from({ length: LIMBS }, (_, at) => at)
const times = (...factors: readonly Code[]): Code => join(...factors, i64.mul())

/** Adds the values of `terms` to local `sum`. */
const accumulate = (sum: number, terms: readonly Code[]): Code =>
  join(get(sum), ...terms.map((term) => join(term, i64.add())), set(sum))

/**
 * One round of Montgomery's reduction of the accumulators `t`, whose lowest is made divisible by 2^29 and dropped.
 * An accumulator takes 4 products of 58 bits a round for at most 9 rounds: 36 · 2^58 < 2^64, so nothing overflows.
 */
function reduceRound(t: readonly number[], q: number): { code: Code; rest: number[] } {
  const limbs = limbsOf(P)
  const [lowest, ...rest] = t as [number, ...number[]]
  const code = join(
    get(lowest),
    i64.const(MINUS_INVERSE),
    i64.mul(),
    i64.const(MASK),
    i64.and(),
    set(q), // prettier-ignore
    accumulate(lowest, [times(get(q), i64.const(limbs[0]!))]),
    ...rest.map((sum, at) =>
      accumulate(sum, [
        times(get(q), i64.const(limbs[at + 1]!)),
        ...(at === 0 ? [join(get(lowest), i64.const(BITS), i64.shr())] : []),
      ]),
    ),
    i64.const(0n),
    set(lowest), // prettier-ignore
  )
  return { code, rest: [...rest, lowest] }
}

/** Propagates carries from limb to limb and stores them at the address in `out`; `plus` adds an element first. */
function storeCarried(t: readonly number[], out: number, plus?: number): Code {
  return join(
    ...t.map((sum, at) =>
      join(
        plus === undefined ? [] : accumulate(sum, [join(get(plus), i64.load32(4 * at))]),
        at === 0 ? [] : accumulate(sum, [join(get(t[at - 1]!), i64.const(BITS), i64.shr())]),
        get(out),
        get(sum),
        ...(at === LIMBS - 1 ? [] : [i64.const(MASK), i64.and()]),
        i64.store32(4 * at),
      ),
    ),
  )
}

/**
 * `out` = Σ x[i]·y[i] / R (+ `plus`), for `pairs` factors that lie one after the other at `x` and at `y`.
 * Values stay below 2^261 without a final subtraction as long as Σ x·y < 2^515 or so: R is 2^7 times P.
 */
export function dot({ pairs, plus }: { readonly pairs: number; readonly plus: boolean }): WasmFunction {
  const params: ValueType[] = plus ? [I32, I32, I32, I32] : [I32, I32, I32]
  const [out, x, y] = [0, 1, 2]
  const first = params.length
  const t = range.map((at) => first + at)
  const q = first + LIMBS
  const factors = Array.from({ length: pairs }, (_, pair) => range.map((at) => q + 1 + pair * LIMBS + at))
  const digits = Array.from({ length: pairs }, (_, pair) => q + 1 + pairs * LIMBS + pair)
  const load = factors.flatMap((limbs, pair) =>
    limbs.map((local, at) => join(get(y), i64.load32(ELEMENT_BYTES * pair + 4 * at), set(local))),
  )
  let sums = t
  const rounds = range.map((round) => {
    const products = join(
      ...digits.map((digit, pair) => join(get(x), i64.load32(ELEMENT_BYTES * pair + 4 * round), set(digit))),
      ...range.map((at) =>
        accumulate(
          sums[at]!,
          digits.map((digit, pair) => times(get(digit), get(factors[pair]![at]!))),
        ),
      ),
    )
    const { code, rest } = reduceRound(sums, q)
    sums = rest
    return join(products, code)
  })
  return {
    params,
    locals: Array.from({ length: LIMBS + 1 + pairs * (LIMBS + 1) }, () => I64),
    body: join(...load, ...rounds, storeCarried(sums, out, plus ? 3 : undefined)),
  }
}

/** `out` = x² / R: half of the products, each doubled once. */
export function square(): WasmFunction {
  const [out, x, first] = [0, 1, 2]
  const limbs = range.map((at) => first + at)
  const doubled = range.map((at) => first + LIMBS + at)
  const t = Array.from({ length: 2 * LIMBS }, (_, at) => first + 2 * LIMBS + at)
  const q = first + 4 * LIMBS
  const load = range.map((at) =>
    join(
      get(x),
      i64.load32(4 * at),
      tee(limbs[at]!),
      i64.const(1n),
      i64.shl(),
      set(doubled[at]!), // prettier-ignore
    ),
  )
  const products = t.slice(0, -1).map((sum, column) => {
    const terms = range.flatMap((low) => {
      const high = column - low
      if (high < low || high >= LIMBS) return []
      return [times(get(low === high ? limbs[low]! : doubled[low]!), get(limbs[high]!))]
    })
    const [head, ...others] = terms
    return join(head!, ...others.map((term) => join(term, i64.add())), set(sum))
  })
  const prime = limbsOf(P)
  const rounds = range.map((round) =>
    join(
      get(t[round]!),
      i64.const(MINUS_INVERSE),
      i64.mul(),
      i64.const(MASK),
      i64.and(),
      set(q), // prettier-ignore
      ...range.map((at) => accumulate(t[round + at]!, [times(get(q), i64.const(prime[at]!))])),
      accumulate(t[round + 1]!, [join(get(t[round]!), i64.const(BITS), i64.shr())]),
    ),
  )
  return {
    params: [I32, I32],
    locals: Array.from({ length: 4 * LIMBS + 1 }, () => I64),
    body: join(...load, ...products, ...rounds, storeCarried(t.slice(LIMBS), out)),
  }
}

/** Reads 32 little-endian bytes at `from` as 9 plain limbs to `out`. */
export function unpack(): WasmFunction {
  const [out, from] = [0, 1]
  const limb = (at: number): Code => {
    const bit = 29 * at
    const word = Math.floor(bit / 64)
    const shift = BigInt(bit % 64)
    const low = join(get(from), i64.load(8 * word), i64.const(shift), i64.shr())
    const spills = (bit % 64) + 29 > 64 && word < 3
    const high = join(get(from), i64.load(8 * word + 8), i64.const(64n - shift), i64.shl(), i64.or())
    return join(get(out), low, ...(spills ? [high] : []), i64.const(MASK), i64.and(), i64.store32(4 * at))
  }
  return { params: [I32, I32], locals: [], body: join(...range.map(limb)) }
}

/** Writes the carried limbs at `from`, at most P as a number, as 32 little-endian bytes to `out`; P becomes 0. */
export function pack(): WasmFunction {
  const [out, from, words] = [0, 1, 2]
  const word = (at: number): Code => {
    const parts = range.flatMap((limb) => {
      const shift = 29 * limb - 64 * at
      if (shift <= -29 || shift >= 64) return []
      const move = shift < 0 ? [i64.const(BigInt(-shift)), i64.shr()] : [i64.const(BigInt(shift)), i64.shl()]
      return [join(get(from), i64.load32(4 * limb), ...move)]
    })
    const [head, ...others] = parts
    return join(head!, ...others.map((part) => join(part, i64.or())), set(words + at))
  }
  const four = [0, 1, 2, 3]
  const wordOfP = (at: number) => (P >> BigInt(64 * at)) & 0xffff_ffff_ffff_ffffn
  const isP = join(
    ...four.map((at) => join(get(words + at), i64.const(wordOfP(at)), i64.eq(), at === 0 ? [] : i32.and())),
  )
  const clear = join(...four.map((at) => join(i64.const(0n), set(words + at))))
  const store = join(...four.map((at) => join(get(out), get(words + at), i64.store(8 * at))))
  return {
    params: [I32, I32],
    locals: [I64, I64, I64, I64],
    body: join(...four.map(word), isP, when(clear), store),
  }
}
