// Fp6 = Fp2[v] / (v³ − ξ) and Fp12 = Fp6[w] / (w² − v), ξ = 9 + u. Elements are their coefficients one after the other:
// an element of Fp12 has six of Fp2, of 1, v, v², w, vw, v²w. Outputs may be inputs unless it says otherwise.
import { fp2Add, fp2Invert, fp2Sub } from '../fp2'
import { FP_ONE, FP_ZERO, fpSub } from '../generated/field'
import { FROBENIUS, fp2Mul, fp2MulXi, fp2Square } from '../generated/pairing'

export const FP: usize = 36
export const FP2: usize = 72
export const FP6: usize = 216
export const FP12: usize = 432

export function fp2Neg(out: usize, a: usize): void {
  fpSub(out, FP_ZERO, a)
  fpSub(out + FP, FP_ZERO, a + FP)
}

export function fp2Conjugate(out: usize, a: usize): void {
  if (out !== a) memory.copy(out, a, FP)
  fpSub(out + FP, FP_ZERO, a + FP)
}

function fp6Add(out: usize, a: usize, b: usize): void {
  fp2Add(out, a, b)
  fp2Add(out + FP2, a + FP2, b + FP2)
  fp2Add(out + 2 * FP2, a + 2 * FP2, b + 2 * FP2)
}

function fp6Sub(out: usize, a: usize, b: usize): void {
  fp2Sub(out, a, b)
  fp2Sub(out + FP2, a + FP2, b + FP2)
  fp2Sub(out + 2 * FP2, a + 2 * FP2, b + 2 * FP2)
}

function fp6Neg(out: usize, a: usize): void {
  fp2Neg(out, a)
  fp2Neg(out + FP2, a + FP2)
  fp2Neg(out + 2 * FP2, a + 2 * FP2)
}

const V: usize = memory.data(72)

/** Times v. */
function fp6MulV(out: usize, a: usize): void {
  fp2MulXi(V, a + 2 * FP2)
  memory.copy(out + 2 * FP2, a + FP2, FP2)
  memory.copy(out + FP2, a, FP2)
  memory.copy(out, V, FP2)
}

const V0: usize = memory.data(72)
const V1: usize = memory.data(72)
const V2: usize = memory.data(72)
const T0: usize = memory.data(72)
const T1: usize = memory.data(72)
const T2: usize = memory.data(72)
const T3: usize = memory.data(72)

/** Karatsuba: six products. */
function fp6Mul(out: usize, a: usize, b: usize): void {
  const a1 = a + FP2, a2 = a + 2 * FP2, b1 = b + FP2, b2 = b + 2 * FP2
  fp2Mul(V0, a, b)
  fp2Mul(V1, a1, b1)
  fp2Mul(V2, a2, b2)
  fp2Add(T0, a1, a2)
  fp2Add(T3, b1, b2)
  fp2Mul(T0, T0, T3)
  fp2Sub(T0, T0, V1)
  fp2Sub(T0, T0, V2)
  fp2MulXi(T0, T0)
  fp2Add(T0, T0, V0)
  fp2Add(T1, a, a1)
  fp2Add(T3, b, b1)
  fp2Mul(T1, T1, T3)
  fp2Sub(T1, T1, V0)
  fp2Sub(T1, T1, V1)
  fp2MulXi(T3, V2)
  fp2Add(T1, T1, T3)
  fp2Add(T2, a, a2)
  fp2Add(T3, b, b2)
  fp2Mul(T2, T2, T3)
  fp2Sub(T2, T2, V0)
  fp2Sub(T2, T2, V2)
  fp2Add(out + 2 * FP2, T2, V1)
  memory.copy(out, T0, FP2)
  memory.copy(out + FP2, T1, FP2)
}

/** Times b0 + b1·v: five products. */
function fp6MulSparse(out: usize, a: usize, b0: usize, b1: usize): void {
  const a1 = a + FP2, a2 = a + 2 * FP2
  fp2Mul(V0, a, b0)
  fp2Mul(V1, a1, b1)
  fp2Add(T0, a1, a2)
  fp2Mul(T0, T0, b1)
  fp2Sub(T0, T0, V1)
  fp2MulXi(T0, T0)
  fp2Add(T0, T0, V0)
  fp2Add(T2, a, a2)
  fp2Mul(T2, T2, b0)
  fp2Sub(T2, T2, V0)
  fp2Add(T2, T2, V1)
  fp2Add(T1, b0, b1)
  fp2Add(T3, a, a1)
  fp2Mul(T1, T1, T3)
  fp2Sub(T1, T1, V0)
  fp2Sub(out + FP2, T1, V1)
  memory.copy(out, T0, FP2)
  memory.copy(out + 2 * FP2, T2, FP2)
}

/** 1 / a, by its norm to Fp2. */
function fp6Invert(out: usize, a: usize): void {
  const a1 = a + FP2, a2 = a + 2 * FP2
  fp2Square(T0, a)
  fp2Mul(T3, a1, a2)
  fp2MulXi(T3, T3)
  fp2Sub(T0, T0, T3) // a0² − ξ·a1·a2
  fp2Square(T1, a2)
  fp2MulXi(T1, T1)
  fp2Mul(T3, a, a1)
  fp2Sub(T1, T1, T3) // ξ·a2² − a0·a1
  fp2Square(T2, a1)
  fp2Mul(T3, a, a2)
  fp2Sub(T2, T2, T3) // a1² − a0·a2
  fp2Mul(V0, a2, T1)
  fp2Mul(V1, a1, T2)
  fp2Add(V0, V0, V1)
  fp2MulXi(V0, V0)
  fp2Mul(V1, a, T0)
  fp2Add(V0, V0, V1)
  fp2Invert(V1, V0)
  fp2Mul(out, T0, V1)
  fp2Mul(out + FP2, T1, V1)
  fp2Mul(out + 2 * FP2, T2, V1)
}

const S0: usize = memory.data(216)
const S1: usize = memory.data(216)
const S2: usize = memory.data(216)
const S3: usize = memory.data(216)

export function fp12Mul(out: usize, a: usize, b: usize): void {
  const a1 = a + FP6, b1 = b + FP6
  fp6Mul(S0, a, b)
  fp6Mul(S1, a1, b1)
  fp6Add(S2, a, a1)
  fp6Add(S3, b, b1)
  fp6Mul(S2, S2, S3)
  fp6Sub(S2, S2, S0)
  fp6Sub(out + FP6, S2, S1)
  fp6MulV(S1, S1)
  fp6Add(out, S0, S1)
}

/** (a0 + a1)(a0 + v·a1) − a0·a1 − v·a0·a1 and 2·a0·a1. */
export function fp12Square(out: usize, a: usize): void {
  const a1 = a + FP6
  fp6Mul(S0, a, a1)
  fp6Add(S1, a, a1)
  fp6MulV(S2, a1)
  fp6Add(S2, S2, a)
  fp6Mul(S1, S1, S2)
  fp6Sub(S1, S1, S0)
  fp6MulV(S2, S0)
  fp6Sub(out, S1, S2)
  fp6Add(out + FP6, S0, S0)
}

/** Times a line l0 + l1·w + l3·vw, its coefficients one after the other: thirteen products. */
export function fp12MulLine(out: usize, a: usize, line: usize): void {
  const a1 = a + FP6, l1 = line + FP2, l3 = line + 2 * FP2
  fp2Mul(S0, a, line)
  fp2Mul(S0 + FP2, a + FP2, line)
  fp2Mul(S0 + 2 * FP2, a + 2 * FP2, line)
  fp6MulSparse(S1, a1, l1, l3)
  fp6Add(S2, a, a1)
  fp2Add(S3, line, l1)
  fp6MulSparse(S2, S2, S3, l3)
  fp6Sub(S2, S2, S0)
  fp6Sub(out + FP6, S2, S1)
  fp6MulV(S1, S1)
  fp6Add(out, S0, S1)
}

/** a^(p⁶): the inverse of what the easy part of the final exponentiation left. */
export function fp12Conjugate(out: usize, a: usize): void {
  if (out !== a) memory.copy(out, a, FP6)
  fp6Neg(out + FP6, a + FP6)
}

export function fp12Invert(out: usize, a: usize): void {
  const a1 = a + FP6
  fp6Mul(S0, a, a)
  fp6Mul(S1, a1, a1)
  fp6MulV(S1, S1)
  fp6Sub(S0, S0, S1)
  fp6Invert(S0, S0)
  fp6Mul(out, a, S0)
  fp6Neg(S0, S0)
  fp6Mul(out + FP6, a1, S0)
}

/** a^p: coefficient i of w is conjugated and multiplied by ξ^(i(p − 1)/6). */
export function fp12Frobenius(out: usize, a: usize): void {
  for (let at: usize = 0; at < 6; at++) {
    const power: usize = at < 3 ? 2 * at : 2 * at - 5
    fp2Conjugate(out + at * FP2, a + at * FP2)
    if (power > 0) fp2Mul(out + at * FP2, out + at * FP2, FROBENIUS + (power - 1) * FP2)
  }
}

export function fp12One(out: usize): void {
  memory.fill(out, 0, FP12)
  memory.copy(out, FP_ONE, FP)
}

const C0: usize = memory.data(72)
const C1: usize = memory.data(72)
const C2: usize = memory.data(72)
const C3: usize = memory.data(72)
const C4: usize = memory.data(72)
const C5: usize = memory.data(72)
const C6: usize = memory.data(72)
const C7: usize = memory.data(72)
const C8: usize = memory.data(72)

/** (x + y)² − x² − y². */
function crossSquare(out: usize, x: usize, y: usize, xx: usize, yy: usize): void {
  fp2Add(out, x, y)
  fp2Square(out, out)
  fp2Sub(out, out, xx)
  fp2Sub(out, out, yy)
}

/** 3t − 2x. */
function threeMinusTwo(out: usize, t: usize, x: usize): void {
  fp2Sub(out, t, x)
  fp2Add(out, out, out)
  fp2Add(out, out, t)
}

/** 3t + 2x. */
function threePlusTwo(out: usize, t: usize, x: usize): void {
  fp2Add(out, t, x)
  fp2Add(out, out, out)
  fp2Add(out, out, t)
}

/** The square of an element of the cyclotomic subgroup (Granger and Scott, https://eprint.iacr.org/2009/565): nine squares. */
export function fp12SquareCyclotomic(out: usize, a: usize): void {
  const x0 = a, x1 = a + FP2, x2 = a + 2 * FP2, x3 = a + FP6, x4 = a + FP6 + FP2, x5 = a + FP6 + 2 * FP2
  fp2Square(C0, x4)
  fp2Square(C1, x0)
  crossSquare(C6, x4, x0, C0, C1)
  fp2Square(C2, x2)
  fp2Square(C3, x3)
  crossSquare(C7, x2, x3, C2, C3)
  fp2Square(C4, x5)
  fp2Square(C5, x1)
  crossSquare(C8, x5, x1, C4, C5)
  fp2MulXi(C8, C8)
  fp2MulXi(C0, C0)
  fp2Add(C0, C0, C1)
  fp2MulXi(C2, C2)
  fp2Add(C2, C2, C3)
  fp2MulXi(C4, C4)
  fp2Add(C4, C4, C5)
  threeMinusTwo(out, C0, x0)
  threeMinusTwo(out + FP2, C2, x1)
  threeMinusTwo(out + 2 * FP2, C4, x2)
  threePlusTwo(out + FP6, C8, x3)
  threePlusTwo(out + FP6 + FP2, C6, x4)
  threePlusTwo(out + FP6 + 2 * FP2, C7, x5)
}
