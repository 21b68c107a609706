// Multiples of points of G1: by short weights through the curve's endomorphism, and by any scalar from tables.
import { setOne, Base } from '../field'
import { addAffine, addPoints, copyPoint, double, setInfinity, toAffine } from '../curve'
import { FP_ZERO, fpMul, fpSub } from '../generated/field'
import { BETA } from '../generated/pairing'
import { FP } from './tower'

/** Bytes of an affine point and of a Jacobian one. */
const AFFINE: usize = 72
const JACOBIAN: usize = 108

export function toJacobian(out: usize, affine: usize): void {
  memory.copy(out, affine, AFFINE)
  setOne<Base>(out + AFFINE)
}

export function negate(point: usize): void {
  fpSub(point + FP, FP_ZERO, point + FP)
}

/** i·P + j·φ(P) at 4j + i, both from 0 to 3. */
const TABLE: usize = memory.data(1728)
const IMAGE: usize = memory.data(72)
const SUM: usize = memory.data(108)

/**
 * Writes `out` (Jacobian) = (a + b·λ)·P for an affine P: φ(x, y) = (βx, y) is λ·P. `a` and `b` are little-endian in 16 bytes
 * each; their bits from `bits` on, an even number, are 0.
 */
export function weigh(out: usize, point: usize, a: usize, b: usize, bits: i32): void {
  fpMul(IMAGE, point, BETA)
  memory.copy(IMAGE + FP, point + FP, FP)
  setInfinity<Base>(TABLE)
  for (let at: usize = 1; at < 4; at++) addAffine<Base>(TABLE + at * JACOBIAN, TABLE + (at - 1) * JACOBIAN, point)
  for (let at: usize = 4; at < 16; at++) addAffine<Base>(TABLE + at * JACOBIAN, TABLE + (at - 4) * JACOBIAN, IMAGE)
  setInfinity<Base>(SUM)
  for (let at = bits - 2; at >= 0; at -= 2) {
    double<Base>(SUM, SUM)
    double<Base>(SUM, SUM)
    const shift = at & 7
    const low = (<u32>load<u8>(a + <usize>(at >> 3)) >> shift) & 3
    const high = (<u32>load<u8>(b + <usize>(at >> 3)) >> shift) & 3
    const digit = low | (high << 2)
    if (digit !== 0) addPoints<Base>(SUM, SUM, TABLE + <usize>digit * JACOBIAN)
  }
  copyPoint<Base>(out, SUM)
}

/** Bits of a signed digit of a table; a scalar of 254 bits and its last carry have 51. */
const BITS = 5
const HALF = 16
const DIGITS = 51
/** Bytes of a table: 1 to 16 times 2^5i times a point, affine. */
export const TABLE_BYTES: usize = 58_752

const STEP: usize = memory.data(108)
const ENTRY: usize = memory.data(108)
const SIGNED: usize = memory.data(72)

export function makeTable(table: usize, point: usize): void {
  toJacobian(STEP, point)
  for (let digit: usize = 0; digit < <usize>DIGITS; digit++) {
    setInfinity<Base>(ENTRY)
    for (let times: usize = 0; times < <usize>HALF; times++) {
      addPoints<Base>(ENTRY, ENTRY, STEP)
      toAffine<Base>(table + (digit * HALF + times) * AFFINE, ENTRY)
    }
    double<Base>(STEP, ENTRY)
  }
}

/** `out` (Jacobian) += scalar·P, from P's table; the scalar is 32 plain bytes, below 2^254. */
export function addMultiple(out: usize, table: usize, scalar: usize): void {
  let carry = 0
  for (let digit = 0; digit < DIGITS; digit++) {
    const bit = digit * BITS, at = <usize>(bit >> 3)
    let word = <u32>load<u8>(scalar + at)
    if (at < 31) word |= <u32>load<u8>(scalar + at + 1) << 8
    let times = <i32>((word >> (bit & 7)) & (2 * HALF - 1)) + carry
    carry = times > HALF ? 1 : 0
    if (carry) times -= 2 * HALF
    if (times === 0) continue
    const entry = table + <usize>(digit * HALF + abs(times) - 1) * AFFINE
    if (times > 0) addAffine<Base>(out, out, entry)
    else {
      memory.copy(SIGNED, entry, AFFINE)
      negate(SIGNED)
      addAffine<Base>(out, out, SIGNED)
    }
  }
}
