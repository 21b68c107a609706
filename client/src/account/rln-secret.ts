import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { FIELD } from '@teahouse/protocol/rln'

const INFO = 'teahouse/rln-secret/1'

/** 254 bits of field and 128 more, so that reducing leaves a bias below 2^-128 (RFC 9380, section 5.1). */
const BYTES = 48

/** Derives the RLN secret from a BIP-39 seed: HKDF-SHA256, then big-endian modulo the field. Never 0. */
export function rlnSecret(seed: Uint8Array): bigint {
  const wide = hkdf(sha256, seed, undefined, utf8ToBytes(INFO), BYTES)
  const value = wide.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return (value % (FIELD - 1n)) + 1n
}
