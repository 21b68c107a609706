import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { toBase64 } from '../base64.ts'
import { StorageError, type KeyValueStore, type Stored } from './store.ts'

const NONCE_BYTES = 24
const TOKEN_BYTES = 16
const NAMES = 'teahouse/sealed-store/names/1'
const VALUES = 'teahouse/sealed-store/values/1'

export interface SealedStoreOptions {
  /** 32 bytes; the account's storage key. */
  readonly key: Uint8Array
  /** Tells stores of one key apart; it is not shown. */
  readonly scope: string
}

/** A store whose names and values are sealed; `wipe` deletes all of it, and needs no key for what it deletes. */
export interface SealedStore extends KeyValueStore {
  /** Whether nothing is in it. Opens no value. */
  isEmpty(): Promise<boolean>
  wipe(): Promise<void>
}

/**
 * Keeps values in another store under XChaCha20-Poly1305, each bound to its name, and names as HMACs. What stays visible
 * is how many values there are, how long, and when they change. `keys` takes a folder (`a/b/`), and reads every value in it.
 * @throws StorageError CORRUPT for a value that was not sealed here under this key and name.
 */
export function sealedStore(storage: KeyValueStore, { key, scope }: SealedStoreOptions): SealedStore {
  const nameKey = hkdf(sha256, key, undefined, utf8ToBytes(NAMES), 32)
  const valueKey = hkdf(sha256, key, undefined, utf8ToBytes(VALUES), 32)
  const token = (text: string) =>
    bytesToHex(hmac(sha256, nameKey, utf8ToBytes(text)).subarray(0, TOKEN_BYTES))
  const root = `sealed/${token(`scope:${scope}`)}/`
  const folder = (prefix: string) => `${root}${token(`folder:${prefix}`)}/`
  const nameOf = (name: string) => folder(name.slice(0, name.lastIndexOf('/') + 1)) + token(`name:${name}`)

  function seal(name: string, value: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const plain = utf8ToBytes(`${name}\n${value}`)
    const sealed = xchacha20poly1305(valueKey, nonce, utf8ToBytes(nameOf(name))).encrypt(plain)
    plain.fill(0)
    return toBase64(concatBytes(nonce, sealed))
  }

  function open(sealedName: string, value: string): { name: string; value: string } {
    try {
      const bytes = Uint8Array.from(atob(value), (char) => char.charCodeAt(0))
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const aead = xchacha20poly1305(valueKey, nonce, utf8ToBytes(sealedName))
      const text = new TextDecoder().decode(aead.decrypt(bytes.subarray(NONCE_BYTES)))
      const end = text.indexOf('\n')
      return { name: text.slice(0, end), value: text.slice(end + 1) }
    } catch (cause) {
      const detail = { code: 'CORRUPT', key: sealedName } as const
      throw new StorageError('A sealed value is damaged, or sealed under another key', detail, { cause })
    }
  }

  function opened(name: string, stored: Stored | undefined): Stored | undefined {
    return stored && { ...stored, value: open(nameOf(name), stored.value).value }
  }

  return {
    get: async (name) => opened(name, await storage.get(nameOf(name))),
    set: (name, value) => storage.set(nameOf(name), seal(name, value)),
    delete: async (name) => {
      const old = await storage.delete(nameOf(name))
      return old?.value ? opened(name, old) : old
    },
    async keys(prefix) {
      if (prefix !== '' && !prefix.endsWith('/'))
        throw new StorageError('Sealed names are found by folder', { code: 'NO_FOLDER', prefix })
      const names: string[] = []
      for (const sealedName of await storage.keys(folder(prefix))) {
        const stored = await storage.get(sealedName)
        if (stored) names.push(open(sealedName, stored.value).name)
      }
      return names.sort()
    },
    async update(name, change) {
      let written = ''
      await storage.update(nameOf(name), (old) => seal(name, (written = change(opened(name, old)))))
      return written
    },
    isEmpty: async () => (await storage.keys(root)).length === 0,
    async wipe() {
      for (const name of await storage.keys(root)) await storage.delete(name)
    },
  }
}
