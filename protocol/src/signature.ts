import { type Hex, parseSignature, size } from 'viem'

/** Half the order of secp256k1: a signature with a larger s is the mirror image of another one. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/** True if a contract would accept the form of `signature`: 65 bytes r ‖ s ‖ v, v 27 or 28, low s. */
export function isCanonicalSignature(signature: Hex): boolean {
  try {
    if (size(signature) !== 65) return false
    const v = Number.parseInt(signature.slice(-2), 16)
    return (v === 27 || v === 28) && BigInt(parseSignature(signature).s) <= HALF_ORDER
  } catch {
    return false
  }
}
