// What a Groth16 verifier on BN254 needs, without any allocation of its own but `take`. Addresses are in bytes.
import { isBlank, isZero, Base, Extension } from '../field'
import { addAffine } from '../curve'
import { fp2Sub } from '../fp2'
import { sumOfMultiples } from '../msm'
import { setPair as layOut } from './miller'
import { FP12, FP2 } from './tower'

export { mark, release, take } from '../memory'
export { decodeCoordinates, encodeCoordinates } from '../codec'
export { closes, millerLoop } from './miller'
export { finalExponentiation } from './final'
export { readG1, readTwist } from './root'
export { addMultiple, makeTable, negate, toJacobian, weigh } from './weights'

export function addAffineG1(out: usize, p: usize, q: usize): void { addAffine<Base>(out, p, q) }
export function sumOfMultiplesG1(out: usize, points: usize, scalars: usize, n: i32): void { sumOfMultiples<Base>(out, points, scalars, n) }

/** Lays out a pair of P, Jacobian, and Q, affine, for the Miller loop. False if P is infinity: there is nothing to pair. */
export function setPair(pair: usize, p: usize, q: usize): bool {
  if (isBlank<Base>(p + FP2)) return false
  layOut(pair, p, q)
  return true
}

const DIFFERENCE: usize = memory.data(72)

/** Whether two elements of Fp12 are equal. */
export function equal(a: usize, b: usize): bool {
  for (let at: usize = 0; at < FP12; at += FP2) {
    fp2Sub(DIFFERENCE, a + at, b + at)
    if (!isZero<Extension>(DIFFERENCE)) return false
  }
  return true
}
