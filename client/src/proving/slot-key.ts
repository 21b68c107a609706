import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bigintToBytes, utf8 } from './bytes.ts'

const INFO = 'teahouse/slot-key/1'

/** The key that seals a member's slots, derived from its RLN secret: it is in no file, and can't be exported. */
export async function slotKeyOf(secret: bigint): Promise<CryptoKey> {
  const bytes = hkdf(sha256, bigintToBytes(secret), undefined, utf8(INFO), 32)
  try {
    return await crypto.subtle.importKey('raw', bytes as BufferSource, 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ])
  } finally {
    bytes.fill(0)
  }
}
