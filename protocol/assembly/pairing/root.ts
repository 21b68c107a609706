// Square roots in Fp and Fp2, p = 3 mod 4, and the decompression of points that were checked to be in form.
import { isZero, setOne, Base, Extension } from '../field'
import { fp2Add, fp2Sub } from '../fp2'
import { FP_TO_PLAIN, FP_ZERO, fpAdd, fpMul, fpSquare, fpSub } from '../generated/field'
import { decodeCoordinates, encodeCoordinates } from '../codec'
import { fp2Mul, fp2Square, fpHalve, HALF_P, P_MINUS_3_OVER_4, THREE, TWIST_B } from '../generated/pairing'
import { FP, FP2, fp2Neg } from './tower'

const POWERS: usize = memory.data(576)
const RESULT: usize = memory.data(36)

/** a^((p − 3)/4), four bits of the public exponent at a time. */
function powRoot(out: usize, a: usize): void {
  setOne<Base>(POWERS)
  memory.copy(POWERS + FP, a, FP)
  for (let power: usize = 2; power < 16; power++) fpMul(POWERS + power * FP, POWERS + (power - 1) * FP, a)
  let started = false
  for (let at: i32 = 63; at >= 0; at--) {
    if (started) for (let bit = 0; bit < 4; bit++) fpSquare(RESULT, RESULT)
    const digit: u32 = (load<u32>(P_MINUS_3_OVER_4 + ((at >> 3) << 2)) >> ((at & 7) << 2)) & 15
    if (digit === 0) continue
    if (started) fpMul(RESULT, RESULT, POWERS + <usize>digit * FP)
    else memory.copy(RESULT, POWERS + <usize>digit * FP, FP)
    started = true
  }
  memory.copy(out, RESULT, FP)
}

const ROOT: usize = memory.data(36)
const CHECK: usize = memory.data(36)

/** A square root of a, or false if it has none. `out` is not `a`. */
function fpRoot(out: usize, a: usize): bool {
  powRoot(ROOT, a)
  fpMul(out, ROOT, a)
  fpSquare(CHECK, out)
  fpSub(CHECK, CHECK, a)
  return isZero<Base>(CHECK)
}

const NORM: usize = memory.data(36)
const DELTA: usize = memory.data(36)
const X0: usize = memory.data(36)
const SQUARE: usize = memory.data(72)

/**
 * A square root of a = a0 + a1·u, or false if it has none. With s² = a0² + a1² and d = (a0 ± s)/2, whichever is a square
 * x0², the root is x0 + a1/(2·x0)·u. One power tells which, and gives the
 * inverse too: e = d^((p−3)/4) has (e·d)² = ±d.
 */
function fp2Root(out: usize, a: usize): bool {
  fpSquare(NORM, a)
  fpSquare(DELTA, a + FP)
  fpAdd(NORM, NORM, DELTA)
  if (!fpRoot(DELTA, NORM)) return false
  fpAdd(DELTA, DELTA, a)
  fpHalve(DELTA, DELTA)
  if (isZero<Base>(DELTA)) {
    // a1 = 0 and s = −a0: the root of a0 = −(√−a0)² is √−a0·u.
    fpSub(NORM, FP_ZERO, a)
    memory.fill(out, 0, FP)
    if (!fpRoot(out + FP, NORM)) return false
  } else {
    powRoot(ROOT, DELTA)
    fpMul(X0, ROOT, DELTA)
    fpSquare(CHECK, X0)
    fpSub(CHECK, CHECK, DELTA)
    const isSquare = isZero<Base>(CHECK)
    // With x = e·d it is x·e = ±1. If x² = d: x0 = x, and a1/(2·x0) = a1·e/2. If x² = −d: (a0 − s)/2 = (a1/(2x))², and
    // x0 = −a1·e/2, a1/(2·x0) = x.
    fpMul(NORM, ROOT, a + FP)
    fpHalve(NORM, NORM)
    if (isSquare) {
      memory.copy(out, X0, FP)
      memory.copy(out + FP, NORM, FP)
    } else {
      fpSub(out, FP_ZERO, NORM)
      memory.copy(out + FP, X0, FP)
    }
  }
  fp2Square(SQUARE, out)
  fp2Sub(SQUARE, SQUARE, a)
  return isZero<Extension>(SQUARE)
}

const PLAIN: usize = memory.data(32)
const BODY: usize = memory.data(64)
const CUBE: usize = memory.data(72)

/** Whether a value is above (p − 1)/2. */
function isLarger(a: usize): bool {
  encodeCoordinates(PLAIN, a, 1)
  for (let at: i32 = 24; at >= 0; at -= 8) {
    const own = load<u64>(PLAIN + <usize>at), half = load<u64>(HALF_P + <usize>at)
    if (own !== half) return own > half
  }
  return false
}

function decodeBody(out: usize, bytes: usize, n: i32): bool {
  memory.copy(BODY, bytes, <usize>n << 5)
  const last = BODY + (<usize>n << 5) - 1
  const larger = (load<u8>(last) & 0x80) !== 0
  store<u8>(last, load<u8>(last) & 0x3f)
  decodeCoordinates(out, BODY, n, false)
  return larger
}

/** Decompresses 32 bytes to an affine point of G1. False if it is not on the curve. */
export function readG1(out: usize, bytes: usize): bool {
  const larger = decodeBody(out, bytes, 1)
  fpSquare(CUBE, out)
  fpMul(CUBE, CUBE, out)
  fpAdd(CUBE, CUBE, THREE)
  if (!fpRoot(out + FP, CUBE)) return false
  if (isLarger(out + FP) !== larger) fpSub(out + FP, FP_ZERO, out + FP)
  return true
}

/** Decompresses 64 bytes to an affine point of the twist. False if it is not on it; its subgroup is not checked. */
export function readTwist(out: usize, bytes: usize): bool {
  const larger = decodeBody(out, bytes, 2)
  fp2Square(CUBE, out)
  fp2Mul(CUBE, CUBE, out)
  fp2Add(CUBE, CUBE, TWIST_B)
  const y = out + FP2
  if (!fp2Root(y, CUBE)) return false
  if (isLarger(isZero<Base>(y + FP) ? y : y + FP) !== larger) fp2Neg(y, y)
  return true
}
