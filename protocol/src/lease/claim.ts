import { ed25519 } from '@noble/curves/ed25519.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** Places [first, end) of the list of one key in one epoch. */
export interface LeaseRange {
  readonly first: number
  readonly end: number
}

/** A range with who may have it: 16 random bytes that no other claim has, and the key's Ed25519 signature. */
export interface SignedRange extends LeaseRange {
  readonly nonce: Uint8Array
  readonly signature: Uint8Array
}

/** A signed range with what it is signed about. */
export interface LeaseClaim extends SignedRange {
  readonly key: Uint8Array
  readonly epoch: bigint
}

const DOMAIN = utf8ToBytes('teahouse/lease/1')

/**
 * What the key signs: "teahouse/lease/1" ‖ RLN identifier of the network, 32 bytes ‖ epoch, 8 bytes ‖ first and end, 4 bytes each,
 * big-endian ‖ nonce, 16 bytes.
 */
export function claimBytes(
  identifier: Uint8Array,
  { epoch, first, end, nonce }: Omit<LeaseClaim, 'key' | 'signature'>,
): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(16))
  numbers.setBigUint64(0, epoch)
  numbers.setUint32(8, first)
  numbers.setUint32(12, end)
  return concatBytes(DOMAIN, identifier, new Uint8Array(numbers.buffer), nonce)
}

/** Signs a range under the key of `seed`, 32 secret bytes. */
export function signClaim(
  identifier: Uint8Array,
  claim: Omit<LeaseClaim, 'key' | 'signature'>,
  seed: Uint8Array,
): LeaseClaim {
  const signature = ed25519.sign(claimBytes(identifier, claim), seed)
  return { ...claim, key: ed25519.getPublicKey(seed), signature }
}

/** Whether the key has signed the claim. */
export function isSigned(identifier: Uint8Array, claim: LeaseClaim): boolean {
  try {
    return ed25519.verify(claim.signature, claimBytes(identifier, claim), claim.key)
  } catch {
    return false // the key is no point
  }
}
