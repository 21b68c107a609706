import { pbkdf2, sha256 as sha256OfPlatform } from '@noble/hashes/webcrypto.js'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { KeystoreError } from './errors.ts'

/** Cost of scrypt (RFC 7914): `128 · r · (n + p + 1)` bytes of memory, and time as `n · r · p`. */
export interface ScryptCost {
  /** A power of two. */
  readonly n: number
  readonly r: number
  readonly p: number
}

/** 128 MiB and about half a second. */
export const SCRYPT_COST: ScryptCost = { n: 2 ** 17, r: 8, p: 1 }

/** What go-ethereum's standard keystore asks for, 256 MiB; a file that asks for more is refused unread. */
const MAX_WORK = 2 ** 21
const MAX_R = 32
const MAX_P = 16
/** Blocks beside the table of n, at most `MAX_P` and one more, are no reason to refuse. */
const MAX_BYTES = 128 * (MAX_WORK + MAX_R * (MAX_P + 1))
const MAX_PBKDF2_ROUNDS = 5_000_000

/** Throws KeystoreError TOO_COSTLY, before anything is computed or allocated. */
export async function scryptKey(
  passphrase: Uint8Array,
  salt: Uint8Array,
  { n, r, p }: ScryptCost,
  length: number,
): Promise<Uint8Array> {
  const isWhole = [n, r, p].every((value) => Number.isInteger(value) && value > 0)
  const isPowerOfTwo = n >= 2 && (n & (n - 1)) === 0
  const bytes = 128 * r * (n + p + 1)
  if (!isWhole || !isPowerOfTwo || r > MAX_R || p > MAX_P || n * r * p > MAX_WORK || bytes > MAX_BYTES) {
    throw new KeystoreError('The keystore asks for a cost of scrypt that is out of bounds', {
      code: 'TOO_COSTLY',
      kdf: 'scrypt',
    })
  }
  return scryptAsync(passphrase, salt, { N: n, r, p, dkLen: length, maxmem: bytes })
}

/** PBKDF2-HMAC-SHA256 by WebCrypto. Throws KeystoreError TOO_COSTLY. */
export async function pbkdf2Key(
  passphrase: Uint8Array,
  salt: Uint8Array,
  rounds: number,
  length: number,
): Promise<Uint8Array> {
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_PBKDF2_ROUNDS) {
    throw new KeystoreError('The keystore asks for a cost of PBKDF2 that is out of bounds', {
      code: 'TOO_COSTLY',
      kdf: 'pbkdf2',
    })
  }
  return pbkdf2(sha256OfPlatform, passphrase, salt, { c: rounds, dkLen: length })
}
