import { poseidon1, poseidon2 } from './poseidon.ts'
import { ProofError } from './errors.ts'
import { checkField } from './field.ts'

/** A limit fits in this many bits; the circuit refuses larger ones. */
export const LIMIT_BITS = 16

/** A member's secret in (0, r) and its commitment Poseidon(secret), which is public. */
export interface Identity {
  readonly secret: bigint
  readonly commitment: bigint
}

/** Derives the identity of a secret. Throws ProofError OUT_OF_FIELD unless 0 < secret < r. */
export function identityFromSecret(secret: bigint): Identity {
  if (secret === 0n) throw new ProofError('The secret is zero', { code: 'OUT_OF_FIELD', field: 'secret' })
  return { secret, commitment: poseidon1([checkField('secret', secret)]) }
}

/** The member's leaf, Poseidon(commitment, limit). Throws ProofError OUT_OF_FIELD or BAD_LIMIT (1 to 65,535). */
export function rateCommitment(commitment: bigint, rateLimit: number): bigint {
  checkLimit(rateLimit)
  return poseidon2([checkField('commitment', commitment), BigInt(rateLimit)])
}

/** Throws ProofError BAD_LIMIT unless `rateLimit` is a whole number from 1 to 65,535. */
export function checkLimit(rateLimit: number): void {
  if (Number.isInteger(rateLimit) && rateLimit >= 1 && rateLimit < 2 ** LIMIT_BITS) return
  throw new ProofError(`A limit of ${rateLimit} is not from 1 to 65,535`, { code: 'BAD_LIMIT', rateLimit })
}
