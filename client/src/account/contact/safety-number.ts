import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { fromBase64Url, toBase64Url, utf8 } from '../text.ts'
import { ContactError } from './errors.ts'

/** What scanning the other's code has shown. `other-version`: one of the two applications is older. */
export type Verification = 'match' | 'mismatch' | 'other-version'

const SCHEME = 'teahouse:verify/'
const CODE_VERSION = 1
const CODE_BYTES = 1 + 32 + 32
const LONGEST = 512

/** Signal's version of the hash, two bytes. */
const HASH_VERSION = Uint8Array.of(0, 0)
const ITERATIONS = 5_200
const CHUNK_BYTES = 5
const CHUNKS = 6
/** Where Signal hashes a telephone number; a chat identity is its own name. */
const IDENTIFIER = utf8('teahouse/chat-identity/1')

/**
 * The safety number of two chat identities: 60 digits in twelve groups, the same for both of them (Signal's
 * NumericFingerprint: each side's half is a hash iterated 5,200 times, the smaller half first).
 */
export function safetyNumber(own: Uint8Array, other: Uint8Array): string {
  const halves = [own, other].map((key) => digitsOf(fingerprint(key, IDENTIFIER)))
  return halves.sort().join('').match(/\d{5}/g)!.join(' ')
}

/** The text of a QR code that shows `own` to `other`. */
export function verificationText(own: Uint8Array, other: Uint8Array): string {
  return SCHEME + toBase64Url(concatBytes(Uint8Array.of(CODE_VERSION), half(own), half(other)))
}

/** Compares a code that was scanned at `other`'s with what we know. Throws ContactError BAD_VERIFICATION for another code. */
export function checkVerification(text: string, own: Uint8Array, other: Uint8Array): Verification {
  const shown = readVerification(text)
  if (!shown) return 'other-version'
  const expected = concatBytes(half(other), half(own))
  const difference = expected.reduce((sum, byte, at) => sum | (byte ^ shown[at]!), 0)
  return difference === 0 ? 'match' : 'mismatch'
}

/** The two halves in a code, 64 bytes; undefined for one of another version. Throws ContactError BAD_VERIFICATION. */
export function readVerification(text: string): Uint8Array | undefined {
  const bytes =
    text.length <= LONGEST && text.startsWith(SCHEME) ? fromBase64Url(text.slice(SCHEME.length)) : undefined
  if (!bytes || bytes.length === 0) throw bad()
  if (bytes[0] !== CODE_VERSION) return undefined
  if (bytes.length !== CODE_BYTES) throw bad()
  return bytes.subarray(1)
}

/** Signal's iterated hash of a public key, 64 bytes. */
export function fingerprint(
  publicKey: Uint8Array,
  identifier: Uint8Array,
  iterations = ITERATIONS,
): Uint8Array {
  let hash = concatBytes(HASH_VERSION, publicKey, identifier)
  for (let count = 0; count < iterations; count++) hash = sha512(concatBytes(hash, publicKey))
  return hash
}

/** 30 digits: six chunks of five bytes, each modulo 100,000. */
export function digitsOf(hash: Uint8Array): string {
  return Array.from({ length: CHUNKS }, (_, at) => {
    const chunk = hash.subarray(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES)
    const value = chunk.reduce((sum, byte) => sum * 256 + byte, 0)
    return String(value % 100_000).padStart(5, '0')
  }).join('')
}

const half = (key: Uint8Array): Uint8Array => fingerprint(key, IDENTIFIER).subarray(0, 32)

const bad = (): ContactError =>
  new ContactError('This is not a code to compare safety numbers with', { code: 'BAD_VERIFICATION' })
