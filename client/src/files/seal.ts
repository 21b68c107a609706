import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { CHUNK_BYTES } from './layout.ts'

const NONCE_BYTES = 24
const LENGTH_BYTES = 4

/** Where a chunk stands in its file. */
export interface Place {
  readonly level: number
  readonly index: number
}

function keysOf(fileKey: Uint8Array, { level, index }: Place) {
  const both = hkdf(sha256, fileKey, undefined, utf8ToBytes(`teahouse/file/1/${level}/${index}`), 64)
  return { key: both.subarray(0, 32), nonceKey: both.subarray(32) }
}

/**
 * Pads up to CHUNK_BYTES of data and seals them for their place. The nonce is a MAC of what is sealed: the same makes the same chunk, so that
 * an upload can go on without storing it twice, and something else, as of a file that was changed meanwhile, never meets a nonce again.
 */
export function sealChunk(fileKey: Uint8Array, place: Place, data: Uint8Array): Uint8Array {
  const plain = new Uint8Array(LENGTH_BYTES + CHUNK_BYTES)
  new DataView(plain.buffer).setUint32(0, data.length)
  plain.set(data, LENGTH_BYTES)
  const { key, nonceKey } = keysOf(fileKey, place)
  const nonce = hmac(sha256, nonceKey, plain).subarray(0, NONCE_BYTES)
  return concatBytes(nonce, xchacha20poly1305(key, nonce).encrypt(plain))
}

/** The data of a chunk; undefined if it was not sealed under this key for this place. */
export function openChunk(fileKey: Uint8Array, place: Place, chunk: Uint8Array): Uint8Array | undefined {
  const { key } = keysOf(fileKey, place)
  try {
    const nonce = chunk.subarray(0, NONCE_BYTES)
    const plain = xchacha20poly1305(key, nonce).decrypt(chunk.subarray(NONCE_BYTES))
    const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0)
    if (plain.length !== LENGTH_BYTES + CHUNK_BYTES || length > CHUNK_BYTES) return undefined
    return plain.subarray(LENGTH_BYTES, LENGTH_BYTES + length)
  } catch {
    return undefined
  }
}
