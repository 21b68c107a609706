import { toLittleEndian } from './field.ts'
import type { Groth16Proof } from './proof.ts'

/** The base field of BN254. */
const P = 21888242871839275222246405745257275088696311157297823662689037894645226208583n
/** The flag in the last byte of a compressed point: y is the larger of the two that go with x. */
export const LARGER_Y = 0x80

/** Whether y, not zero, is larger than its negative. */
const isLarger = (y: bigint): boolean => y > P - y

/** The same in Fp2, which arkworks orders by c1, then c0. */
export const isLargerFp2 = ([c0, c1]: readonly [bigint, bigint]): boolean =>
  c1 === 0n ? c0 !== 0n && isLarger(c0) : isLarger(c1)

/** Arkworks' compressed form of a point of G1, 32 bytes: x little-endian, the top bit says that y is the larger. */
export function compressG1([x, y]: readonly [bigint, bigint]): Uint8Array {
  return withFlag(toLittleEndian(x), y !== 0n && isLarger(y))
}

/** Arkworks' compressed form of a point of G2, 64 bytes: x as c0 ‖ c1, the top bit says that y is the larger. */
export function compressG2([x, y]: Groth16Proof['b']): Uint8Array {
  const bytes = new Uint8Array([...toLittleEndian(x[0]), ...toLittleEndian(x[1])])
  return withFlag(bytes, isLargerFp2(y))
}

function withFlag(bytes: Uint8Array, larger: boolean): Uint8Array {
  if (larger) bytes[bytes.length - 1]! |= LARGER_Y
  return bytes
}
