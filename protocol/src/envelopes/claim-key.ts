import { secp256k1 } from '@noble/curves/secp256k1.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Hex } from 'viem'
import { checkBetween, EnvelopeError } from './errors.ts'
import { MAX_SHARES } from './split.ts'

const INFO = 'teahouse/red-envelope/claim-key/v1/'
/** Of 384 bits, so that reducing leaves a bias below 2^-128. */
const WIDE = 48

/**
 * The private key of share `index` of an envelope whose creator keeps only `secret` (32 bytes, another for every envelope):
 * HKDF-SHA256, then big-endian modulo the order less one, plus one. Throws EnvelopeError BAD_SECRET or OUT_OF_RANGE.
 */
export function claimKey(secret: Uint8Array, index: number): Hex {
  if (secret.length !== 32) {
    const detail = { code: 'BAD_SECRET', length: secret.length } as const
    throw new EnvelopeError(`A secret has 32 bytes, not ${secret.length}`, detail)
  }
  checkBetween('index', BigInt(Number.isInteger(index) ? index : -1), 0n, BigInt(MAX_SHARES - 1))
  const wide = hkdf(sha256, secret, undefined, utf8ToBytes(`${INFO}${index}`), WIDE)
  const scalar = (BigInt(`0x${bytesToHex(wide)}`) % (secp256k1.Point.Fn.ORDER - 1n)) + 1n
  return `0x${scalar.toString(16).padStart(64, '0')}`
}
