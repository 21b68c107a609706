import { hexToBigInt, type Hex, slice } from 'viem'

/** 65 bytes in hex. `size` of viem would count half a byte as one. */
const CHARS = 2 + 2 * 65

/** Half the order of secp256k1: a signature with a larger s is the mirror image of another one. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/** A signature in its parts, as viem has them. */
export interface SplitSignature {
  readonly r: Hex
  readonly s: Hex
  /** 27 or 28. */
  readonly v: bigint
  readonly yParity: 0 | 1
}

/** The parts of 65 bytes r ‖ s ‖ v, v being 27 or 28, or 0 or 1. Throws RangeError for anything else. */
export function splitSignature(signature: Hex): SplitSignature {
  if (signature.length !== CHARS) throw new RangeError('A signature has 65 bytes')
  const last = Number(`0x${signature.slice(-2)}`)
  const yParity = last >= 27 ? last - 27 : last
  if (yParity !== 0 && yParity !== 1) throw new RangeError(`A signature does not end in ${last}`)
  return { r: slice(signature, 0, 32), s: slice(signature, 32, 64), v: BigInt(27 + yParity), yParity }
}

/** True if a contract would accept the form of `signature`: 65 bytes r ‖ s ‖ v, v 27 or 28, low s. */
export function isCanonicalSignature(signature: Hex): boolean {
  try {
    const { s, v } = splitSignature(signature)
    return Number(`0x${signature.slice(-2)}`) === Number(v) && hexToBigInt(s) <= HALF_ORDER
  } catch {
    return false
  }
}
