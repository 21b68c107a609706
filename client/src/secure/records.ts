import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { KeyValueStore } from '../storage/store.ts'
import { fromBase64, toBase64 } from '../base64.ts'
import { randomBytes, wipe } from './bytes.ts'
import { SecureError } from './errors.ts'
import { INFO, derive } from './kdf.ts'

/** A record as it was read. Wipe `bytes` after use. */
export interface StoredRecord {
  readonly bytes: Uint8Array
  /** What stood in the store; `write` replaces nothing else. */
  readonly text: string
  /** False if it was copied, restored or rolled back. */
  readonly native: boolean
}

const NONCE_BYTES = 24

/**
 * Sealed records in a key-value store: XChaCha20-Poly1305 with a random nonce, bound to their name. A record is replaced
 * only if it is still the one that was read, so two processes can't go on from one state.
 */
export function records(storage: KeyValueStore, storageKey: Uint8Array, scope: string) {
  const key = derive(storageKey, undefined, INFO.records, 32)
  const nameKey = derive(storageKey, undefined, INFO.names, 32)

  function seal(name: string, bytes: Uint8Array): string {
    const nonce = randomBytes(NONCE_BYTES)
    return toBase64(concatBytes(nonce, xchacha20poly1305(key, nonce, utf8ToBytes(name)).encrypt(bytes)))
  }

  function open(name: string, text: string): Uint8Array {
    const sealed = fromBase64(text)
    if (!sealed || sealed.length < NONCE_BYTES) throw damaged(name)
    const nonce = sealed.subarray(0, NONCE_BYTES)
    try {
      return xchacha20poly1305(key, nonce, utf8ToBytes(name)).decrypt(sealed.subarray(NONCE_BYTES))
    } catch (cause) {
      throw damaged(name, cause)
    }
  }

  return {
    /** A name that tells nothing to those without the storage key. */
    nameOf: (kind: string, of: string) =>
      `${scope}/${kind}/${bytesToHex(hmac(sha256, nameKey, utf8ToBytes(of)).subarray(0, 16))}`,
    names: (kind: string) => storage.keys(`${scope}/${kind}/`),
    /** Throws SecureError DAMAGED. */
    async read(name: string): Promise<StoredRecord | undefined> {
      const stored = await storage.get(name)
      return stored && { bytes: open(name, stored.value), text: stored.value, native: stored.native }
    },
    /**
     * Puts `bytes` in the place of `old`, or where nothing was; on disk when it resolves. Returns the new text.
     * @throws SecureError CONFLICT.
     */
    async write(name: string, bytes: Uint8Array, old: string | undefined): Promise<string> {
      const text = seal(name, bytes)
      await storage.update(name, (there) => {
        if (there?.value !== old)
          throw new SecureError('Another process has changed the state', { code: 'CONFLICT' })
        return text
      })
      return text
    },
    remove: async (name: string): Promise<void> => void (await storage.delete(name)),
    wipe: () => wipe(key, nameKey),
  }
}

export type Records = ReturnType<typeof records>

function damaged(key: string, cause?: unknown): SecureError {
  return new SecureError('A record of the encryption is damaged', { code: 'DAMAGED', key }, { cause })
}
