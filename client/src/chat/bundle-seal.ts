import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { pad, sizeClass, unpad } from './padding.ts'

const INFO = utf8ToBytes('teahouse/chat/bundle/1')
const NONCE_BYTES = 24
const OVERHEAD = NONCE_BYTES + 16

const keyOf = (account: Uint8Array): Uint8Array => hkdf(sha256, account, undefined, INFO, 32)

/**
 * A bundle as it is published: readable for whoever knows the account's chat identity (32 bytes, from its card), random bytes
 * for a node, which so learns of nobody that they are here. Throws ChatError TOO_LARGE.
 */
export function sealBundle(account: Uint8Array, bundle: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const padded = pad(bundle, sizeClass(bundle.length, OVERHEAD) - OVERHEAD)
  return concatBytes(nonce, xchacha20poly1305(keyOf(account), nonce).encrypt(padded))
}

/** The bundle, if it is one of this account; else undefined, whatever the bytes are. */
export function openBundle(account: Uint8Array, payload: Uint8Array): Uint8Array | undefined {
  try {
    const cipher = xchacha20poly1305(keyOf(account), payload.subarray(0, NONCE_BYTES))
    return unpad(cipher.decrypt(payload.subarray(NONCE_BYTES)))
  } catch {
    return undefined
  }
}
