// Elements of 32 little-endian bytes, as files and JavaScript have them, to 9 limbs of 29 bits in Montgomery form, and back.
import {
  FP_FROM_PLAIN, FP_FROM_SNARKJS, FP_PRIME, FP_TO_PLAIN, FR_FROM_PLAIN, FR_FROM_SNARKJS_TWICE, FR_PRIME, FR_TO_PLAIN,
  fpMul, frMul,
} from './generated/field'

const MASK: u32 = 0x1fffffff

function unpack(out: usize, bytes: usize): void {
  for (let limb = 0; limb < 8; limb++) {
    const bit = limb * 29
    const word = load<u64>(bytes + <usize>((bit >> 5) << 2))
    store<u32>(out + (<usize>limb << 2), (<u32>(word >> (bit & 31))) & MASK)
  }
  store<u32>(out, load<u32>(bytes, 28) >> 8, 32)
}

const LIMBS: usize = memory.data(36)
const PLAIN: usize = memory.data(36)

/** The limbs of a value below 2 · prime, carried, as bytes of the value below the prime. */
function pack(bytes: usize, limbs: usize, prime: usize): void {
  let borrow: i64 = 0
  for (let at: usize = 0; at < 36; at += 4) {
    borrow += <i64>load<u32>(limbs + at) - <i64>load<u32>(prime + at)
    store<u32>(LIMBS + at, (<u32>borrow) & MASK)
    borrow >>= 29
  }
  if (borrow < 0) memory.copy(LIMBS, limbs, 36)
  let bits: u64 = 0, have = 0, out = bytes
  for (let at: usize = 0; at < 36; at += 4) {
    bits |= <u64>load<u32>(LIMBS + at) << have
    have += 29
    if (have >= 32) {
      store<u32>(out, <u32>bits)
      out += 4
      bits >>= 32
      have -= 32
    }
  }
}

/** `snarkjs`: the values are times 2^512, as a zkey keeps its coefficients; else they are plain. */
export function decodeScalars(out: usize, bytes: usize, n: i32, snarkjs: bool): void {
  const factor = snarkjs ? FR_FROM_SNARKJS_TWICE : FR_FROM_PLAIN
  for (let at = 0; at < n; at++, out += 36, bytes += 32) {
    unpack(out, bytes)
    frMul(out, out, factor)
  }
}

export function encodeScalars(bytes: usize, values: usize, n: i32): void {
  for (let at = 0; at < n; at++, bytes += 32, values += 36) {
    frMul(PLAIN, values, FR_TO_PLAIN)
    pack(bytes, PLAIN, FR_PRIME)
  }
}

/** `snarkjs`: the values are times 2^256, as a zkey keeps its points; else they are plain. 0 becomes 0 in every byte. */
export function decodeCoordinates(out: usize, bytes: usize, n: i32, snarkjs: bool): void {
  const factor = snarkjs ? FP_FROM_SNARKJS : FP_FROM_PLAIN
  for (let at = 0; at < n; at++, out += 36, bytes += 32) {
    unpack(out, bytes)
    fpMul(out, out, factor)
  }
}

export function encodeCoordinates(bytes: usize, values: usize, n: i32): void {
  for (let at = 0; at < n; at++, bytes += 32, values += 36) {
    fpMul(PLAIN, values, FP_TO_PLAIN)
    pack(bytes, PLAIN, FP_PRIME)
  }
}
