import { MAX_BLOB_BYTES } from '@teahouse/protocol/blob'

const NONCE_BYTES = 24
const TAG_BYTES = 16
const LENGTH_BYTES = 4
/** Bytes of a file in one chunk; every chunk that is stored has 65,536 bytes, however few of them are used. */
export const CHUNK_BYTES = MAX_BLOB_BYTES - NONCE_BYTES - TAG_BYTES - LENGTH_BYTES
const ROOT_BYTES = 32
/** Chunks that one list names. */
export const LIST_LENGTH = Math.floor(CHUNK_BYTES / ROOT_BYTES)
/** Largest file, in bytes: 1 TiB. */
export const MAX_FILE_BYTES = 2 ** 40

/** Bytes of a file below a chunk: of level 0 a part of the file, of level n a list of chunks of level n − 1. */
export const spanOf = (level: number): number => CHUNK_BYTES * LIST_LENGTH ** level

/** The level of the one chunk that a file of so many bytes hangs from. */
export function topLevel(size: number): number {
  let level = 0
  while (spanOf(level) < size) level += 1
  return level
}

/** How many chunks of `level` a file of `size` bytes has. An empty file has one. */
export const chunkCount = (size: number, level: number): number =>
  Math.max(1, Math.ceil(size / spanOf(level)))

/** How many chunks it has in all, lists included. */
export function totalChunks(size: number): number {
  let all = 0
  for (let level = 0; level <= topLevel(size); level++) all += chunkCount(size, level)
  return all
}
