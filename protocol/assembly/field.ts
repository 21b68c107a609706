// The coordinates of both groups behind one name: F is `Base` (Fp, for G1) or `Extension` (Fp2, for G2). The choice
// is made when the module is compiled.
import { FP_ONE, FP_PRIME, fpAdd, fpMul, fpSquare, fpSub } from './generated/field'
import { fp2Add, fp2Invert, fp2Mul, fp2Square, fp2Sub } from './fp2'
import { fpInvert } from './invert'

export type Base = u8
export type Extension = u16

/** Bytes of a coordinate. */
// @ts-ignore: decorator
@inline export function size<F>(): usize { return sizeof<F>() == 1 ? 36 : 72 }
// @ts-ignore: decorator
@inline export function mul<F>(out: usize, a: usize, b: usize): void { if (sizeof<F>() == 1) fpMul(out, a, b); else fp2Mul(out, a, b) }
// @ts-ignore: decorator
@inline export function square<F>(out: usize, a: usize): void { if (sizeof<F>() == 1) fpSquare(out, a); else fp2Square(out, a) }
// @ts-ignore: decorator
@inline export function add<F>(out: usize, a: usize, b: usize): void { if (sizeof<F>() == 1) fpAdd(out, a, b); else fp2Add(out, a, b) }
// @ts-ignore: decorator
@inline export function sub<F>(out: usize, a: usize, b: usize): void { if (sizeof<F>() == 1) fpSub(out, a, b); else fp2Sub(out, a, b) }
// @ts-ignore: decorator
@inline export function invert<F>(out: usize, a: usize): void { if (sizeof<F>() == 1) fpInvert(out, a); else fp2Invert(out, a) }

export function setOne<F>(out: usize): void {
  memory.fill(out, 0, size<F>())
  memory.copy(out, FP_ONE, 36)
}

/** Whether a value below 2p is 0 mod p. */
export function isZero<F>(a: usize): bool {
  if (sizeof<F>() == 1) return fpIsZero(a)
  return fpIsZero(a) && fpIsZero(a + 36)
}

function fpIsZero(a: usize): bool {
  const low = load<u32>(a)
  if (low !== 0 && low !== load<u32>(FP_PRIME)) return false
  return memory.compare(a, low === 0 ? ZEROES : FP_PRIME, 36) === 0
}

/** Whether every byte is 0: how infinity is marked, in y or in z. */
export function isBlank<F>(a: usize): bool {
  if (load<u64>(a) !== 0) return false
  return memory.compare(a, ZEROES, size<F>()) === 0
}

const ZEROES: usize = memory.data(72)
