import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { reader, sameBytes, wipe, writer, type Reader, type Writer } from './bytes.ts'
import { CARD_BYTES } from './card.ts'
import { agree, keyPair } from './curve.ts'
import { SecureError } from './errors.ts'
import { INFO, derive } from './kdf.ts'
import type { KeyPair } from './platform.ts'
import type { Beginning } from './pqxdh.ts'

/** What stands before a message until something came back: who begins, and from what the other side derives the session. */
export interface Introduction extends Beginning {
  readonly card: Uint8Array
}

/** The first byte of a message that an introduction follows. */
export const BEGINNING = Uint8Array.of(1)

const CIPHERTEXT_BYTES = 1_088
const TAG_BYTES = 16
const PLAIN_BYTES = CARD_BYTES + 6 + 4 + 32 + CIPHERTEXT_BYTES
/** One-use key, and the introduction under it. */
export const INTRODUCTION_BYTES = 32 + PLAIN_BYTES + TAG_BYTES

/** Used with one key only, which encrypts once. */
const NONCE = new Uint8Array(12)

/**
 * Seals for the holder of a signed prekey: a fresh X25519 key, and ChaCha20-Poly1305 under what both derive. Nothing in it
 * tells for whom it is, or that two of them are of one session.
 */
export async function sealIntroduction(introduction: Introduction, prekey: Uint8Array): Promise<Uint8Array> {
  const once = await keyPair()
  const shared = await agree(once, prekey)
  wipe(once.secret)
  return sealWith(shared, once.public, introduction, prekey)
}

/** The introduction of the first message: EK_A, which is shown nowhere else, is its one-use key, and `shared` is DH3. */
export function sealWith(
  shared: Uint8Array,
  once: Uint8Array,
  introduction: Introduction,
  prekey: Uint8Array,
): Uint8Array {
  const plain = writer()
  writeIntroduction(plain, introduction)
  const key = keyOf(shared, once, prekey)
  const sealed = chacha20poly1305(key, NONCE, concatBytes(BEGINNING, once)).encrypt(plain.done())
  wipe(key)
  return concatBytes(once, sealed)
}

/**
 * Opens what was sealed for this prekey; undefined if it is for another. One X25519, one Poly1305. `shared` is DH3 if the
 * one-use key is EK_A.
 */
export async function openIntroduction(
  sealed: Uint8Array,
  prekey: KeyPair,
): Promise<{ introduction: Introduction; shared: Uint8Array | undefined } | undefined> {
  const once = sealed.subarray(0, 32)
  const shared = await agree(prekey, once).catch(lowOrder)
  if (!shared) return undefined
  const key = keyOf(shared, once, prekey.public)
  const plain = opened(key, concatBytes(BEGINNING, once), sealed.subarray(32))
  wipe(key)
  if (!plain) return undefined
  const introduction = readIntroduction(
    reader(plain, () => new SecureError('The introduction is short', { code: 'TAMPERED' })),
  )
  return sameBytes(once, introduction.ephemeral)
    ? { introduction: { ...introduction, ephemeral: once }, shared }
    : { introduction, shared: undefined }
}

export function writeIntroduction(to: Writer, introduction: Introduction): void {
  to.bytes(introduction.card)
  to.u48(introduction.startedAt)
  to.u32(introduction.oneTimeId)
  to.bytes(introduction.ephemeral)
  to.bytes(introduction.ciphertext)
}

export function readIntroduction(from: Reader): Introduction {
  return {
    card: from.bytes(CARD_BYTES),
    startedAt: from.u48(),
    oneTimeId: from.u32(),
    ephemeral: from.bytes(32),
    ciphertext: from.bytes(CIPHERTEXT_BYTES),
  }
}

function keyOf(shared: Uint8Array, once: Uint8Array, prekey: Uint8Array): Uint8Array {
  return derive(shared, undefined, concatBytes(INFO.introduction, once, prekey), 32)
}

function lowOrder(error: unknown): undefined {
  if (error instanceof SecureError && error.code === 'BAD_KEY') return undefined
  throw error
}

function opened(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return chacha20poly1305(key, NONCE, aad).decrypt(sealed)
  } catch {
    return undefined
  }
}
