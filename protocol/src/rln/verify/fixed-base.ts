import { type Address, type Heap, SIZE } from './mcl.ts'

/** Bits of a signed digit; a scalar of 254 bits and its last carry have 37. */
const BITS = 7
const HALF = 1 << (BITS - 1)
const DIGITS = 37
const SCALAR = 32

/** Multiplies a few points that stay the same. */
export interface FixedBase {
  /** `out` += scalar · point, for the scalar at an address. */
  addMultiple(out: Address, point: number, scalar: Address): void
}

/**
 * Tables of 1..64 times 2^7i times each of `count` points: a multiple is then a sum of 37 entries, without doublings.
 * 340 kB and a few milliseconds a point. Not in constant time: all of it is public.
 */
export function fixedBase(heap: Heap, points: Address, count: number): FixedBase {
  const { mcl } = heap
  const { g1 } = SIZE
  const tables = heap.reserve(count * DIGITS * HALF * g1)
  const bytesAt = heap.reserve(SCALAR)
  const entry = (point: number, digit: number, times: number) =>
    tables + ((point * DIGITS + digit) * HALF + times - 1) * g1

  for (let point = 0; point < count; point++) {
    let base = points + point * g1
    for (let digit = 0; digit < DIGITS; digit++) {
      heap.copy(entry(point, digit, 1), base, g1)
      for (let times = 2; times <= HALF; times++)
        mcl._mclBnG1_add(entry(point, digit, times), entry(point, digit, times - 1), base)
      if (digit + 1 === DIGITS) continue
      base = entry(point, digit + 1, 1)
      mcl._mclBnG1_dbl(base, entry(point, digit, HALF))
    }
  }
  mcl._mclBnG1_normalizeVec(tables, tables, count * DIGITS * HALF)

  return {
    addMultiple(out, point, scalar) {
      heap.fill(bytesAt, SCALAR)
      mcl._mclBnFr_getLittleEndian(bytesAt, SCALAR, scalar)
      const bytes = heap.read(bytesAt, SCALAR)
      let carry = 0
      for (let digit = 0; digit < DIGITS; digit++) {
        const bit = digit * BITS
        const pair = bytes[bit >> 3]! | ((bytes[(bit >> 3) + 1] ?? 0) << 8)
        let times = ((pair >> (bit & 7)) & (2 * HALF - 1)) + carry
        carry = times > HALF ? 1 : 0
        if (carry === 1) times -= 2 * HALF
        if (times > 0) mcl._mclBnG1_add(out, out, entry(point, digit, times))
        if (times < 0) mcl._mclBnG1_sub(out, out, entry(point, digit, -times))
      }
    },
  }
}
