// Polynomials over the scalar field, by the number-theoretic transform.
import { frAdd, frMul, frSub } from './generated/field'

const SIZE: usize = 36
const T: usize = memory.data(36)

/** Coefficients to values or back: `roots` are the n/2 powers of a root of unity. Leaves the order bit-reversed. */
export function transform(values: usize, n: i32, roots: usize): void {
  for (let half = n >> 1, step = 1; half > 0; half >>= 1, step <<= 1) {
    const far = <usize>half * SIZE, stride = <usize>step * SIZE
    for (let block = 0; block < n; block += half << 1) {
      let low = values + <usize>block * SIZE, root = roots
      for (let at = 0; at < half; at++, low += SIZE, root += stride) {
        frSub(T, low, low + far)
        frAdd(low, low, low + far)
        frMul(low + far, T, root)
      }
    }
  }
}

/** The same from the bit-reversed order to the natural one. */
export function transformReversed(values: usize, n: i32, roots: usize): void {
  for (let half = 1, step = n >> 1; half < n; half <<= 1, step >>= 1) {
    const far = <usize>half * SIZE, stride = <usize>step * SIZE
    for (let block = 0; block < n; block += half << 1) {
      let low = values + <usize>block * SIZE, root = roots
      for (let at = 0; at < half; at++, low += SIZE, root += stride) {
        frMul(T, low + far, root)
        frSub(low + far, low, T)
        frAdd(low, low, T)
      }
    }
  }
}

/** first, first·base, first·base², … */
export function powers(out: usize, first: usize, base: usize, n: i32): void {
  memory.copy(out, first, SIZE)
  for (let at = 1; at < n; at++, out += SIZE) frMul(out + SIZE, out, base)
}

/** Brings element i to the place whose index has i's bits in reverse. */
export function reverseBits(values: usize, n: i32): void {
  const shift = clz(n) + 1
  for (let at = 0; at < n; at++) {
    let reversed = 0
    for (let bit = 0; bit < 32 - shift; bit++) reversed |= ((at >> bit) & 1) << (31 - shift - bit)
    if (reversed <= at) continue
    const low = values + <usize>at * SIZE, high = values + <usize>reversed * SIZE
    memory.copy(T, low, SIZE)
    memory.copy(low, high, SIZE)
    memory.copy(high, T, SIZE)
  }
}

export function multiplyEach(out: usize, a: usize, b: usize, n: i32): void {
  for (let at = 0; at < n; at++, out += SIZE, a += SIZE, b += SIZE) frMul(out, a, b)
}

export function subtractEach(out: usize, a: usize, b: usize, n: i32): void {
  for (let at = 0; at < n; at++, out += SIZE, a += SIZE, b += SIZE) frSub(out, a, b)
}

/**
 * Adds coefficient · witness[signal] to a[row] or b[row] for each of `count` entries of 48 bytes: matrix (0: a), row, signal,
 * coefficient.
 */
export function addRows(a: usize, b: usize, entries: usize, count: i32, witness: usize): void {
  for (let at = 0; at < count; at++, entries += 48) {
    const row = (load<u32>(entries) === 0 ? a : b) + <usize>load<u32>(entries, 4) * SIZE
    frMul(T, entries + 12, witness + <usize>load<u32>(entries, 8) * SIZE)
    frAdd(row, row, T)
  }
}
