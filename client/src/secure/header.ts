import { hchacha, xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { reader, writer } from './bytes.ts'
import { SecureError } from './errors.ts'

/**
 * A header key is 64 bytes: the first half recognises messages, the second half encrypts headers (Double Ratchet, section 4).
 */
export const HEADER_KEY_BYTES = 64

/** Before each encrypted header: 16 bytes that never repeat, and 8 that tell who knows the key that it is theirs. */
const SALT_BYTES = 16
export const NONCE_BYTES = 24
const TAG_BYTES = 16
const HEADER_BYTES = 32 + 4 + 4
export const SEALED_HEADER_BYTES = HEADER_BYTES + TAG_BYTES

/** What a header says (Double Ratchet, section 3.1). */
export interface Header {
  /** The sender's current ratchet key. */
  readonly ratchetKey: Uint8Array
  /** How many messages the sender's chain before this one had. */
  readonly previous: number
  /** Number of the message in its chain, from 0. */
  readonly number: number
}

/** "expand 32-byte k" as words. */
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574)

const wordsOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(new Uint8Array(bytes).buffer)

/** The half of a header key that recognises, as `matches` wants it. */
export const recognizer = (headerKey: Uint8Array): Uint32Array => wordsOf(headerKey.subarray(0, 32))

/** What `matches` compares with: the beginning of a message, read once and tried with many keys. */
export interface Mark {
  readonly salt: Uint32Array
  readonly tag: Uint32Array
}

/** Reads the first 24 bytes of `nonce`. */
export function markOf(nonce: Uint8Array): Mark {
  return {
    salt: wordsOf(nonce.subarray(0, SALT_BYTES)),
    tag: wordsOf(nonce.subarray(SALT_BYTES, NONCE_BYTES)),
  }
}

const scratch = new Uint32Array(8)

/** Whether a message was made with this key, but for one in 2^64: HChaCha20 as a keyed function, a third of a microsecond. */
export function matches(key: Uint32Array, { salt, tag }: Mark): boolean {
  hchacha(SIGMA, key, salt, scratch)
  return scratch[0] === tag[0] && scratch[1] === tag[1]
}

/** The 24 bytes that begin a message: a salt of 16 bytes, and its mark under the header key. */
export function markedNonce(headerKey: Uint8Array, salt: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES)
  const key = recognizer(headerKey)
  hchacha(SIGMA, key, wordsOf(salt), scratch)
  nonce.set(salt)
  nonce.set(new Uint8Array(scratch.buffer, 0, NONCE_BYTES - SALT_BYTES), SALT_BYTES)
  key.fill(0)
  scratch.fill(0)
  return nonce
}

/** HENCRYPT: 56 bytes. The nonce is random, since a header key encrypts many headers. */
export function sealHeader(headerKey: Uint8Array, nonce: Uint8Array, header: Header): Uint8Array {
  const plain = writer()
  plain.bytes(header.ratchetKey)
  plain.u32(header.previous)
  plain.u32(header.number)
  return xchacha20poly1305(headerKey.subarray(32), nonce).encrypt(plain.done())
}

/** HDECRYPT. Throws SecureError TAMPERED. */
export function openHeader(headerKey: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Header {
  let plain: Uint8Array
  try {
    plain = xchacha20poly1305(headerKey.subarray(32), nonce).decrypt(sealed)
  } catch (cause) {
    throw new SecureError('The header was damaged', { code: 'TAMPERED' }, { cause })
  }
  const read = reader(plain, () => new SecureError('The header is short', { code: 'TAMPERED' }))
  return { ratchetKey: read.bytes(32), previous: read.u32(), number: read.u32() }
}
