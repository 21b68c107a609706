import { keccak_256 } from '@noble/hashes/sha3.js'
import { ProofError } from './errors.ts'

/** Order r of BN254's scalar field: every share, root and nullifier is below it. */
export const FIELD = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n

/** The residue of `value` in [0, r). */
export function mod(value: bigint): bigint {
  const residue = value % FIELD
  return residue < 0n ? residue + FIELD : residue
}

/** The inverse of `value` mod r by Euclid's algorithm. Throws ProofError OUT_OF_FIELD for a multiple of r. */
export function inverse(value: bigint): bigint {
  let [r0, r1] = [FIELD, mod(value)]
  if (r1 === 0n) throw new ProofError('Zero has no inverse', { code: 'OUT_OF_FIELD', field: 'inverse' })
  let [t0, t1] = [0n, 1n]
  while (r1 !== 0n) {
    const quotient = r0 / r1
    ;[r0, r1] = [r1, r0 - quotient * r1]
    ;[t0, t1] = [t1, t0 - quotient * t1]
  }
  return mod(t0)
}

/** Returns `value` if it is in [0, r), else throws ProofError OUT_OF_FIELD naming `field`. */
export function checkField(field: string, value: bigint): bigint {
  if (value < 0n || value >= FIELD) {
    throw new ProofError(`${field} is not below the field's order`, { code: 'OUT_OF_FIELD', field })
  }
  return value
}

/** Little-endian bytes as a number. */
export function fromLittleEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let value = 0n
  let at = bytes.length
  for (; at % 8 !== 0; at--) value = (value << 8n) | BigInt(view.getUint8(at - 1))
  for (; at > 0; at -= 8) value = (value << 64n) | view.getBigUint64(at - 8, true)
  return value
}

/** `value` as 32 little-endian bytes; the caller ensures 0 <= value < 2^256. */
export function toLittleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32)
  const view = new DataView(bytes.buffer)
  for (let at = 0, rest = value; at < 32; at += 8, rest >>= 64n) view.setBigUint64(at, rest, true)
  return bytes
}

/** Reads a field element of 32 little-endian bytes. Throws ProofError BAD_LENGTH or OUT_OF_FIELD naming `field`. */
export function readField(field: string, bytes: Uint8Array): bigint {
  checkLength(field, bytes, 32)
  return checkField(field, fromLittleEndian(bytes))
}

/** Throws ProofError BAD_LENGTH unless `bytes` has `expected` bytes. */
export function checkLength(field: string, bytes: Uint8Array, expected: number): void {
  if (bytes.length === expected) return
  const detail = { code: 'BAD_LENGTH', field, length: bytes.length, expected } as const
  throw new ProofError(`${field} has ${bytes.length} bytes, not ${expected}`, detail)
}

/** H of the protocol: keccak256 of the parts joined, read little-endian, mod r. */
export function hashToField(...parts: Uint8Array[]): bigint {
  const hash = keccak_256.create()
  for (const part of parts) hash.update(part)
  return mod(fromLittleEndian(hash.digest()))
}
