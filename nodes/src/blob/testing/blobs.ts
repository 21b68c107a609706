import { join } from 'node:path'
import { contentTree } from '@teahouse/protocol/receipts'
import { openDatabase, type Room } from '../../storage/index.ts'
import { BLOB_MIGRATIONS, blobStore } from '../blob-store.ts'

export const NOW = 1_800_000_000
export const DAY = 86_400
export const ENDLESS: Room = { has: () => true, ranOut: () => undefined }

/** Bytes that differ from one `seed` to the next. */
export function content(seed: number, size = 1_000): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (seed * 31 + at * 7 + (at >> 8)) & 255)
}

export const rootOf = (data: Uint8Array) => contentTree(data).root

/** The blobs of a folder. Closing the database without closing the store is what a crash does. */
export function openStoreIn(folder: string, { maxBytes = 1e9, room = ENDLESS } = {}) {
  const db = openDatabase(join(folder, 'blobs.sqlite'), BLOB_MIGRATIONS, { shrinks: true })
  return { db, store: blobStore({ db, maxBytes, room }) }
}
