import { expand, extract, hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** Every key is derived under a name of its own; docs/secure-chat.md has the whole tree. */
export const INFO = {
  handshake: utf8ToBytes('teahouse/pqxdh/1 X25519 SHA-256 ML-KEM-768'),
  root: utf8ToBytes('teahouse/ratchet/1'),
  introduction: utf8ToBytes('teahouse/introduction/1'),
  records: utf8ToBytes('teahouse/session-records/1'),
  names: utf8ToBytes('teahouse/session-names/1'),
} as const

/** The 32 bytes that keep Diffie-Hellman input from being a valid curve point (X3DH and PQXDH, section 2.2). */
const F = new Uint8Array(32).fill(0xff)

/** HKDF-SHA256 (RFC 5869). */
export function derive(
  secret: Uint8Array,
  salt: Uint8Array | undefined,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return hkdf(sha256, secret, salt, info, length)
}

/**
 * KDF of X3DH and PQXDH: HKDF-SHA256 of F and the shared secrets in their order, with a salt of zeros.
 * Wipes the secrets.
 */
export function handshakeSecret(
  secrets: readonly Uint8Array[],
  info: Uint8Array,
  length: number,
): Uint8Array {
  const all = new Uint8Array(secrets.reduce((sum, secret) => sum + secret.length, F.length))
  all.set(F)
  let at = F.length
  for (const secret of secrets) {
    all.set(secret, at)
    at += secret.length
    secret.fill(0)
  }
  const prk = extract(sha256, all, new Uint8Array(32))
  all.fill(0)
  const result = expand(sha256, prk, info, length)
  prk.fill(0)
  return result
}

const MESSAGE_KEY = Uint8Array.of(1)
const NEXT_CHAIN_KEY = Uint8Array.of(2)
const NONCE = Uint8Array.of(3)

/** KDF_CK (Double Ratchet, section 5.2): the message key, and the chain key that comes next. 32 bytes each. */
export function chainStep(chainKey: Uint8Array): { messageKey: Uint8Array; next: Uint8Array } {
  const keyed = hmac.create(sha256, chainKey)
  const messageKey = keyed.clone().update(MESSAGE_KEY).digest()
  const next = keyed.update(NEXT_CHAIN_KEY).digest()
  return { messageKey, next }
}

/**
 * 16 bytes that are never the same for two messages: random ones, or, should the random source repeat itself after a state
 * was rolled back, ones that differ with the plaintext. It comes from the chain key, which the message key does not tell.
 */
export function nonceOf(chainKey: Uint8Array, random: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const mac = hmac.create(sha256, chainKey).update(NONCE).update(random).update(plaintext)
  return mac.digest().subarray(0, 16)
}
