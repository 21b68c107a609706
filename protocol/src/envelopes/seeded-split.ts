import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { EnvelopeError } from './errors.ts'
import { splitEqually, splitRandomly, type RandomBytes } from './split.ts'

const INFO = 'teahouse/red-envelope/split/v1/'
/** No share of a random split is less than this part of an equal one. */
const LEAST_PART = 100n

/** How an amount is divided. */
export type Split = 'random' | 'equal'

/**
 * The amounts of an envelope's shares as they follow from its secret (32 bytes), so that a link needs to hold no list of them. A random
 * split takes its nth draw, from 0, as HKDF-SHA256 of the secret, no salt, info `teahouse/red-envelope/split/v1/n`; no share is below a
 * hundredth of an equal one. Throws EnvelopeError OUT_OF_RANGE or BAD_SECRET.
 */
export function amountsOf(amount: bigint, shares: number, split: Split, secret: Uint8Array): bigint[] {
  if (secret.length !== 32) {
    const detail = { code: 'BAD_SECRET', length: secret.length } as const
    throw new EnvelopeError(`A secret has 32 bytes, not ${secret.length}`, detail)
  }
  if (split === 'equal') return splitEqually(amount, shares)
  const equal = amount / BigInt(Math.max(1, Math.trunc(shares) || 1))
  const minimum = equal / LEAST_PART > 1n ? equal / LEAST_PART : 1n
  return splitRandomly(amount, shares, { minimum, random: drawsOf(secret) })
}

function drawsOf(secret: Uint8Array): RandomBytes {
  let draw = 0
  return (length) => hkdf(sha256, secret, undefined, utf8ToBytes(`${INFO}${draw++}`), length)
}
