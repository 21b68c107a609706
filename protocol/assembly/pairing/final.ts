// The final exponentiation, to the power 2x(6x² + 3x + 1)·(p¹² − 1)/r (Duquesne and Ghammam,
// https://eprint.iacr.org/2015/192, algorithm 6): another power than the usual one, and as good to compare with.
import { X_DIGITS } from '../generated/pairing'
import { FP12, fp12Conjugate, fp12Frobenius, fp12Invert, fp12Mul, fp12SquareCyclotomic } from './tower'

const F: usize = memory.data(432)
const T0: usize = memory.data(432)
const T1: usize = memory.data(432)
const T2: usize = memory.data(432)
const T3: usize = memory.data(432)
const T4: usize = memory.data(432)
const INVERSE: usize = memory.data(432)
const POWER: usize = memory.data(432)

/** a^−x in the cyclotomic subgroup, x the curve's parameter; its signed digits start at the highest. `out` is not `a`. */
function powMinusX(out: usize, a: usize): void {
  fp12Conjugate(INVERSE, a)
  memory.copy(POWER, a, FP12)
  for (let at: usize = 1; at < 63; at++) {
    fp12SquareCyclotomic(POWER, POWER)
    const digit = load<i8>(X_DIGITS + at)
    if (digit === 1) fp12Mul(POWER, POWER, a)
    else if (digit === -1) fp12Mul(POWER, POWER, INVERSE)
  }
  fp12Conjugate(out, POWER)
}

export function finalExponentiation(out: usize, a: usize): void {
  // The easy part: to the power (p⁶ − 1)(p² + 1).
  fp12Conjugate(T0, a)
  fp12Invert(F, a)
  fp12Mul(T0, T0, F)
  fp12Frobenius(F, T0)
  fp12Frobenius(F, F)
  fp12Mul(F, F, T0)

  powMinusX(T0, F)
  fp12SquareCyclotomic(T0, T0)
  fp12SquareCyclotomic(T1, T0)
  fp12Mul(T1, T0, T1)
  powMinusX(T2, T1)
  fp12Conjugate(T3, T1)
  fp12Mul(T1, T2, T3)
  fp12SquareCyclotomic(T3, T2)
  powMinusX(T4, T3)
  fp12Conjugate(T4, T4)
  fp12Mul(T4, T1, T4)
  fp12Mul(T3, T0, T4)
  fp12Mul(T0, T2, T4)
  fp12Mul(T0, F, T0)
  fp12Frobenius(T2, T3)
  fp12Mul(T0, T2, T0)
  fp12Frobenius(T2, T4)
  fp12Frobenius(T2, T2)
  fp12Mul(T0, T2, T0)
  fp12Conjugate(T2, F)
  fp12Mul(T2, T2, T3)
  fp12Frobenius(T2, T2)
  fp12Frobenius(T2, T2)
  fp12Frobenius(T2, T2)
  fp12Mul(out, T2, T0)
}
