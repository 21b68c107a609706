import { poseidon1 } from './poseidon.ts'
import { ProofError } from './errors.ts'
import { checkField, inverse, mod } from './field.ts'

/** A point of the line y = secret + a1·x that a member reveals with each message. */
export interface Share {
  readonly x: bigint
  readonly y: bigint
}

/**
 * The secret of two shares with the same nullifier: with a1 = (y1 − y2)/(x1 − x2), secret = y1 − a1·x1.
 * Shares of different slots give a number that is nobody's secret: check its commitment.
 * Throws ProofError SAME_SHARE for equal x, OUT_OF_FIELD for a value that is not reduced.
 */
export function recoverSecret(first: Share, second: Share): bigint {
  for (const { x, y } of [first, second]) {
    checkField('x', x)
    checkField('y', y)
  }
  if (first.x === second.x) throw new ProofError('Both shares have the same x', { code: 'SAME_SHARE' })
  const slope = mod((first.y - second.y) * inverse(first.x - second.x))
  return mod(first.y - slope * first.x)
}

/**
 * Whether `secret` made this share: a1 = (y − secret)/x is the slot's slope and Poseidon(a1) its nullifier.
 * Throws ProofError ZERO_X: there y is the secret itself, and such a proof is refused before this question.
 */
export function madeBySecret(secret: bigint, share: Share & { readonly nullifier: bigint }): boolean {
  if (mod(share.x) === 0n) throw new ProofError('A share at x = 0 is refused', { code: 'ZERO_X' })
  return poseidon1([mod((share.y - secret) * inverse(share.x))]) === share.nullifier
}
