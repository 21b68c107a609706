// Fp2 = Fp[u] / (u² + 1): an element is c0 then c1.
import { FP_ZERO, fpAdd, fpMul, fpSquare, fpSub } from './generated/field'
import { fpInvert } from './invert'

const SIZE: usize = 36
const A: usize = memory.data(36)
const B: usize = memory.data(36)
const C: usize = memory.data(36)
const D: usize = memory.data(36)

/** Karatsuba: three products. `out` may be an input. */
export function fp2Mul(out: usize, a: usize, b: usize): void {
  fpAdd(A, a, a + SIZE)
  fpAdd(B, b, b + SIZE)
  fpMul(C, a, b)
  fpMul(D, a + SIZE, b + SIZE)
  fpMul(A, A, B)
  fpSub(out, C, D)
  fpSub(A, A, C)
  fpSub(out + SIZE, A, D)
}

export function fp2Square(out: usize, a: usize): void {
  fpAdd(A, a, a + SIZE)
  fpSub(B, a, a + SIZE)
  fpMul(C, a, a + SIZE)
  fpMul(out, A, B)
  fpAdd(out + SIZE, C, C)
}

export function fp2Add(out: usize, a: usize, b: usize): void {
  fpAdd(out, a, b)
  fpAdd(out + SIZE, a + SIZE, b + SIZE)
}

export function fp2Sub(out: usize, a: usize, b: usize): void {
  fpSub(out, a, b)
  fpSub(out + SIZE, a + SIZE, b + SIZE)
}

/** 1 / a = (c0 − c1·u) / (c0² + c1²). */
export function fp2Invert(out: usize, a: usize): void {
  fpSquare(A, a)
  fpSquare(B, a + SIZE)
  fpAdd(A, A, B)
  fpInvert(C, A)
  fpSub(B, FP_ZERO, a + SIZE)
  fpMul(out, a, C)
  fpMul(out + SIZE, B, C)
}
