import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { reader, wipe, writer, type Reader, type Writer } from './bytes.ts'
import { CARD_BYTES } from './card.ts'
import { agree, keyPair, type KeyPair } from './curve.ts'
import { SecureError } from './errors.ts'
import { INFO, derive } from './kdf.ts'
import type { Beginning } from './pqxdh.ts'

/** What stands before a message until something came back: who begins, and from what the other side derives the session. */
export interface Introduction extends Beginning {
  readonly card: Uint8Array
}

const CIPHERTEXT_BYTES = 1_088
const TAG_BYTES = 16
const PLAIN_BYTES = CARD_BYTES + 6 + 4 + 32 + CIPHERTEXT_BYTES
/** One-use key, and the introduction under it. */
export const INTRODUCTION_BYTES = 32 + PLAIN_BYTES + TAG_BYTES

/** Used with one key only, which encrypts once. */
const NONCE = new Uint8Array(12)

/**
 * Seals for the holder of a signed prekey: a fresh X25519 key, and ChaCha20-Poly1305 under what both derive. Nothing in it
 * tells for whom it is, or that two of them are of one session. `lead` is what stands before it.
 */
export async function sealIntroduction(
  introduction: Introduction,
  prekey: Uint8Array,
  lead: Uint8Array,
): Promise<Uint8Array> {
  const plain = writer()
  writeIntroduction(plain, introduction)
  const once = await keyPair()
  const key = await keyOf(once, prekey, once.public, prekey)
  const aad = concatBytes(lead, once.public)
  const sealed = chacha20poly1305(key, NONCE, aad).encrypt(plain.done())
  wipe(once.secret, key)
  return concatBytes(once.public, sealed)
}

/** Opens what `sealIntroduction` made for this prekey; undefined if it is for another. One X25519, one Poly1305. */
export async function openIntroduction(
  sealed: Uint8Array,
  prekey: KeyPair,
  lead: Uint8Array,
): Promise<Introduction | undefined> {
  const once = sealed.subarray(0, 32)
  const key = await keyOf(prekey, once, once, prekey.public).catch(lowOrder)
  if (!key) return undefined
  const plain = opened(key, concatBytes(lead, once), sealed.subarray(32))
  wipe(key)
  if (!plain) return undefined
  return readIntroduction(
    reader(plain, () => new SecureError('The introduction is short', { code: 'TAMPERED' })),
  )
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

async function keyOf(own: KeyPair, theirs: Uint8Array, once: Uint8Array, prekey: Uint8Array) {
  const shared = await agree(own, theirs)
  const key = derive(shared, undefined, concatBytes(INFO.introduction, once, prekey), 32)
  wipe(shared)
  return key
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
