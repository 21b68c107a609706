import { ctr } from '@noble/ciphers/aes.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, concatBytes, randomBytes } from '@noble/hashes/utils.js'
import * as z from 'zod/mini'
import { utf8 } from '../text.ts'
import { KeystoreError } from './errors.ts'
import { hexField } from './fields.ts'
import { pbkdf2Key, scryptKey, type ScryptCost } from './kdf.ts'

const KEY_BYTES = 32

const sealed = {
  cipher: z.literal('aes-128-ctr'),
  cipherparams: z.object({ iv: hexField(16) }),
  ciphertext: hexField(),
  mac: hexField(32),
}

/**
 * The `crypto` part of a Web3 Secret Storage file, version 3, which Waku's RLN keystore has taken over: AES-128-CTR under
 * the first half of the derived key, and Keccak-256 of the second half and the ciphertext as its MAC.
 */
export const Web3Crypto = z.discriminatedUnion('kdf', [
  z.object({
    ...sealed,
    kdf: z.literal('scrypt'),
    kdfparams: z.object({
      dklen: z.literal(KEY_BYTES),
      salt: hexField(),
      n: z.int().check(z.positive()),
      r: z.int().check(z.positive()),
      p: z.int().check(z.positive()),
    }),
  }),
  z.object({
    ...sealed,
    kdf: z.literal('pbkdf2'),
    kdfparams: z.object({
      dklen: z.literal(KEY_BYTES),
      salt: hexField(),
      c: z.int().check(z.positive()),
      prf: z.literal('hmac-sha256'),
    }),
  }),
])
export type Web3Crypto = z.output<typeof Web3Crypto>

export type Web3Kdf =
  { readonly kdf: 'scrypt'; readonly cost: ScryptCost } | { readonly kdf: 'pbkdf2'; readonly rounds: number }

/** The JSON that `Web3Crypto` reads. */
export async function sealWeb3(secret: Uint8Array, passphrase: string, chosen: Web3Kdf) {
  if (passphrase === '') {
    throw new KeystoreError('A keystore needs a passphrase', { code: 'NO_PASSPHRASE' })
  }
  const [salt, iv] = [randomBytes(32), randomBytes(16)]
  const bytes = utf8(passphrase)
  const derived =
    chosen.kdf === 'scrypt'
      ? await scryptKey(bytes, salt, chosen.cost, KEY_BYTES)
      : await pbkdf2Key(bytes, salt, chosen.rounds, KEY_BYTES)
  const ciphertext = ctr(derived.subarray(0, 16), iv).encrypt(secret)
  const mac = macOf(derived, ciphertext)
  derived.fill(0)
  const params = chosen.kdf === 'scrypt' ? chosen.cost : { c: chosen.rounds, prf: 'hmac-sha256' }
  return {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: bytesToHex(iv) },
    ciphertext: bytesToHex(ciphertext),
    kdf: chosen.kdf,
    kdfparams: { dklen: KEY_BYTES, ...params, salt: bytesToHex(salt) },
    mac: bytesToHex(mac),
  }
}

/** Throws KeystoreError WRONG_PASSPHRASE or TOO_COSTLY. */
export async function openWeb3(crypto: Web3Crypto, passphrase: string): Promise<Uint8Array> {
  const { cipherparams, ciphertext, mac } = crypto
  const derived = await derivedKey(crypto, utf8(passphrase))
  try {
    if (!isEqual(macOf(derived, ciphertext), mac)) {
      const message = 'The passphrase is wrong, or the keystore was changed'
      throw new KeystoreError(message, { code: 'WRONG_PASSPHRASE' })
    }
    return ctr(derived.subarray(0, 16), cipherparams.iv).decrypt(ciphertext)
  } finally {
    derived.fill(0)
  }
}

function derivedKey(crypto: Web3Crypto, passphrase: Uint8Array): Promise<Uint8Array> {
  if (crypto.kdf === 'scrypt') {
    return scryptKey(passphrase, crypto.kdfparams.salt, crypto.kdfparams, KEY_BYTES)
  }
  return pbkdf2Key(passphrase, crypto.kdfparams.salt, crypto.kdfparams.c, KEY_BYTES)
}

const macOf = (derived: Uint8Array, ciphertext: Uint8Array): Uint8Array =>
  keccak_256(concatBytes(derived.subarray(16, 32), ciphertext))

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.reduce((sum, byte, at) => sum | (byte ^ b[at]!), 0) === 0
}
