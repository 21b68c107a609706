// The Miller loop of the optimal ate pairing on BN254, shared by any number of pairs (Aranha et al.,
// https://eprint.iacr.org/2010/526), which also finds out whether each point of the twist is in its subgroup.
import { isZero, Extension } from '../field'
import { fp2Add, fp2Sub } from '../fp2'
import { fpMul, FP_ONE } from '../generated/field'
import { fp2Halve, fp2Mul, fp2Square, LOOP_DIGITS, LOOP_LENGTH, PSI_X, PSI_Y, TWIST_3B } from '../generated/pairing'
import { fp12MulLine, fp12One, fp12Square, FP, FP2, fp2Conjugate, fp2Neg } from './tower'

/** Bytes of a pair: its state in the loop, then the coordinates of both points. */
export const PAIR: usize = 3 * 72 + 2 * 72 + 3 * 36
/** A pair: the multiple of Q so far, (x, y, z) for (x/z, y/z); Q, affine; of P = (x/z², y/z³) the values y, x·z and z³. */
const Q: usize = 3 * 72
const P: usize = Q + 2 * 72

const A: usize = memory.data(72)
const B: usize = memory.data(72)
const C: usize = memory.data(72)
const E: usize = memory.data(72)
const F: usize = memory.data(72)
const G: usize = memory.data(72)
const H: usize = memory.data(72)
const LINE: usize = memory.data(216)
const POINT: usize = memory.data(144)

/** Lays out a pair of P in Jacobian coordinates and Q in affine ones. Neither may be infinity. */
export function setPair(pair: usize, p: usize, q: usize): void {
  memory.copy(pair + Q, q, 2 * FP2)
  fpMul(pair + P + FP, p, p + 2 * FP)
  fpMul(pair + P + 2 * FP, p + 2 * FP, p + 2 * FP)
  fpMul(pair + P + 2 * FP, pair + P + 2 * FP, p + 2 * FP)
  memory.copy(pair + P, p + FP, FP)
}

/** The line at P, times z³ of P: what lies in Fp is lost in the final exponentiation. */
function evaluate(pair: usize): void {
  const y = pair + P, x = y + FP, z = x + FP
  fpMul(LINE, LINE, y)
  fpMul(LINE + FP, LINE + FP, y)
  fpMul(LINE + FP2, LINE + FP2, x)
  fpMul(LINE + FP2 + FP, LINE + FP2 + FP, x)
  fpMul(LINE + 2 * FP2, LINE + 2 * FP2, z)
  fpMul(LINE + 2 * FP2 + FP, LINE + 2 * FP2 + FP, z)
}

/** T = 2T, and the tangent to LINE. */
function double(t: usize): void {
  const x = t, y = t + FP2, z = t + 2 * FP2
  fp2Mul(A, x, y)
  fp2Halve(A, A)
  fp2Square(B, y)
  fp2Square(C, z)
  fp2Mul(E, C, TWIST_3B)
  fp2Add(F, E, E)
  fp2Add(F, F, E)
  fp2Add(G, B, F)
  fp2Halve(G, G)
  fp2Add(H, y, z)
  fp2Square(H, H)
  fp2Sub(H, H, B)
  fp2Sub(H, H, C) // 2yz
  fp2Neg(LINE, H)
  fp2Square(LINE + FP2, x)
  fp2Add(C, LINE + FP2, LINE + FP2)
  fp2Add(LINE + FP2, LINE + FP2, C) // 3x²
  fp2Sub(LINE + 2 * FP2, E, B)
  fp2Sub(x, B, F)
  fp2Mul(x, x, A)
  fp2Square(y, G)
  fp2Square(E, E)
  fp2Add(F, E, E)
  fp2Add(F, F, E)
  fp2Sub(y, y, F)
  fp2Mul(z, B, H)
}

/** T = T + q, q affine, and the line through both to LINE. If they are equal or opposite, z becomes 0 and stays it. */
function addPoint(t: usize, q: usize): void {
  const x = t, y = t + FP2, z = t + 2 * FP2, qy = q + FP2
  fp2Mul(A, qy, z)
  fp2Sub(A, y, A) // o
  fp2Mul(B, q, z)
  fp2Sub(B, x, B) // l
  fp2Square(C, A)
  fp2Square(E, B)
  fp2Mul(F, z, C)
  fp2Mul(G, x, E)
  fp2Mul(E, B, E) // l³
  fp2Add(H, E, F)
  fp2Sub(H, H, G)
  fp2Sub(H, H, G)
  fp2Mul(F, y, E)
  fp2Mul(x, B, H)
  fp2Sub(G, G, H)
  fp2Mul(y, G, A)
  fp2Sub(y, y, F)
  fp2Mul(z, z, E)
  fp2Mul(C, B, qy)
  fp2Mul(LINE + 2 * FP2, q, A)
  fp2Sub(LINE + 2 * FP2, LINE + 2 * FP2, C)
  memory.copy(LINE, B, FP2)
  fp2Neg(LINE + FP2, A)
}

/** ψ(x, y) = (x̄·ξ^((p−1)/3), ȳ·ξ^((p−1)/2)): the p-power map, brought to the twist. */
function psi(out: usize, q: usize): void {
  fp2Conjugate(out, q)
  fp2Mul(out, out, PSI_X)
  fp2Conjugate(out + FP2, q + FP2)
  fp2Mul(out + FP2, out + FP2, PSI_Y)
}

/** Writes the product of the pairs' values to `f`; the multiples of their Q are left where `closes` looks at them. */
export function millerLoop(f: usize, pairs: usize, n: i32): void {
  const end = pairs + <usize>n * PAIR
  fp12One(f)
  for (let pair = pairs; pair < end; pair += PAIR) {
    memory.copy(pair, pair + Q, 2 * FP2)
    memory.fill(pair + 2 * FP2, 0, FP2)
    memory.copy(pair + 2 * FP2, FP_ONE, FP)
  }
  for (let at: usize = 1; at < LOOP_LENGTH; at++) {
    const digit = load<i8>(LOOP_DIGITS + at)
    if (at > 1) fp12Square(f, f)
    for (let pair = pairs; pair < end; pair += PAIR) {
      double(pair)
      evaluate(pair)
      fp12MulLine(f, f, LINE)
      if (digit === 0) continue
      memory.copy(POINT, pair + Q, 2 * FP2)
      if (digit < 0) fp2Neg(POINT + FP2, POINT + FP2)
      step(f, pair)
    }
  }
  for (let pair = pairs; pair < end; pair += PAIR) {
    psi(POINT, pair + Q)
    step(f, pair)
    psi(POINT, pair + Q)
    psi(POINT, POINT)
    fp2Neg(POINT + FP2, POINT + FP2)
    step(f, pair)
  }
}

function step(f: usize, pair: usize): void {
  addPoint(pair, POINT)
  evaluate(pair)
  fp12MulLine(f, f, LINE)
}

/**
 * After the loop: whether [6x + 2]Q + ψ(Q) − ψ²(Q) + ψ³(Q) = 0, which holds for the points of the subgroup and no others
 * (docs/verification.md). Where the formulas of the loop failed, z is 0.
 */
export function closes(pair: usize): bool {
  const z = pair + 2 * FP2
  if (isZero<Extension>(z)) return false
  psi(POINT, pair + Q)
  psi(POINT, POINT)
  psi(POINT, POINT)
  fp2Mul(A, POINT, z)
  fp2Sub(A, A, pair)
  fp2Mul(B, POINT + FP2, z)
  fp2Add(B, B, pair + FP2)
  return isZero<Extension>(A) && isZero<Extension>(B)
}
