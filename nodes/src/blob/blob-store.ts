import type { DatabaseSync } from 'node:sqlite'
import { setImmediate as pause } from 'node:timers/promises'
import { type Address, bytesToHex, type Hex, hexToBytes } from 'viem'
import { freePages, inTransaction, isOutOfRoom, type Room } from '../storage/index.ts'
import { groupCommit } from '../store/group-commit.ts'
import type { ContentSource } from './content-source.ts'
import { BlobError, notFound } from './errors.ts'

/** Tables of the blobs, one migration an element. The bytes are apart: what is paid for changes more often. */
export const BLOB_MIGRATIONS = [
  `CREATE TABLE blobs (
    id INTEGER PRIMARY KEY,
    root BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    until INTEGER NOT NULL,
    held INTEGER NOT NULL DEFAULT 0,
    client BLOB
  );
  CREATE INDEX blobs_by_end ON blobs (max(until, held));
  CREATE TABLE contents (id INTEGER PRIMARY KEY REFERENCES blobs (id) ON DELETE CASCADE, data BLOB NOT NULL);`,
]

/** What is kept, and for how long. Unix seconds. */
export interface BlobRecord {
  readonly size: number
  /** What was paid for. */
  readonly until: number
  /** What was promised to a court besides; 0 for nothing. */
  readonly held: number
  /** Who asked for a receipt when the present time was paid. */
  readonly client: Address | undefined
}

export interface Kept {
  readonly until: number
  readonly client?: Address | undefined
}

/** Blobs in a database of this process alone; every write is on disk when it resolves. */
export interface BlobStore extends ContentSource {
  find(root: Hex): BlobRecord | undefined
  /** Keeps room for a blob to come until the result is called. Throws BlobError NO_ROOM, BUSY. */
  reserve(size: number): () => void
  /** Keeps a blob that is there longer, or a new one. Throws BlobError NOT_FOUND without bytes for a new one, NO_ROOM. */
  keep(root: Hex, kept: Kept, data?: Uint8Array): Promise<void>
  /** Removes a blob whatever was paid or promised. False if it was not there. */
  forget(root: Hex): Promise<boolean>
  /** Removes some of those that were over before then. */
  removeOver(before: number): Promise<{ readonly removed: number; readonly more: boolean }>
  totals(): { readonly blobs: number; readonly bytes: number }
  /** Ends what is being written. The database stays open. */
  close(): Promise<void>
}

export interface BlobStoreInit {
  /** Opened with {@link BLOB_MIGRATIONS} and `shrinks`. */
  readonly db: DatabaseSync
  readonly maxBytes: number
  readonly room: Room
}

/** Writes of one transaction. What may wait is limited before it is paid for, by `reserve`. */
const GROUP = {
  maxGroup: 32,
  maxGroupBytes: 2 * 1024 * 1024,
  maxWaiting: Infinity,
  maxWaitingBytes: Infinity,
}
/** Bytes of blobs that are being paid for or written: what they take of the memory. */
const MAX_UNDER_WAY = 8 * 1024 * 1024
/** Blobs removed in one transaction, 1 MiB, and pages then given back at a time. */
const REMOVED_AT_ONCE = 16
const PAGES_AT_ONCE = 512

interface Row {
  readonly id: number
  readonly size: number
  readonly until: number
  readonly held: number
  readonly client: Uint8Array | null
}

export function blobStore({ db, maxBytes, room }: BlobStoreInit): BlobStore {
  const sql = statements(db)
  const giveBack = freePages(db)
  let { blobs, bytes } = db
    .prepare('SELECT count(*) AS blobs, ifnull(sum(size), 0) AS bytes FROM blobs')
    .get() as {
    blobs: number
    bytes: number
  }
  let reserved = 0
  const rowOf = (root: Hex) => sql.find.get(hexToBytes(root)) as Row | undefined

  const writes = groupCommit<{ size: number; run: () => unknown }, unknown>(
    GROUP,
    ({ size }) => size,
    async (items) => {
      await pause() // what is asked for meanwhile shares the next transaction
      const before = { blobs, bytes }
      const results: unknown[] = []
      try {
        inTransaction(db, () => results.push(...items.map(({ run }) => run())))
        return results
      } catch (error) {
        ;({ blobs, bytes } = before)
        if (!isOutOfRoom(error)) throw error
        room.ranOut()
        throw noRoom(error)
      }
    },
  )
  const write = async <T>(run: () => T, size = 0) => (await writes.add({ size, run })) as T

  function insert(root: Hex, { until, client }: Kept, data: Uint8Array): void {
    const { lastInsertRowid: id } = sql.insert.run(hexToBytes(root), data.length, until, bytesOf(client))
    sql.addContent.run(id, data)
    blobs += 1
    bytes += data.length
  }

  function remove({ id, size }: Pick<Row, 'id' | 'size'>): void {
    sql.remove.run(id)
    blobs -= 1
    bytes -= size
  }

  return {
    find(root) {
      const row = rowOf(root)
      if (!row) return undefined
      const { size, until, held, client } = row
      return { size, until, held, client: client === null ? undefined : bytesToHex(client) }
    },
    reserve(size) {
      if (bytes + reserved + size > maxBytes || !room.has(size)) throw noRoom()
      if (reserved + size > MAX_UNDER_WAY)
        throw new BlobError('Too many blobs are on their way', { code: 'BUSY' })
      reserved += size
      return () => void (reserved -= size)
    },
    async keep(root, kept, data) {
      const isKept = await write(() => {
        const { changes } = sql.extend.run(kept.until, bytesOf(kept.client), hexToBytes(root))
        if (changes === 0 && data) insert(root, kept, data)
        return changes > 0 || data !== undefined
      }, data?.length)
      if (!isKept) throw notFound()
    },
    read: async (root) => (sql.read.get(hexToBytes(root)) as { data: Uint8Array } | undefined)?.data,
    async holdUntil(root, unixSeconds) {
      if (!(await write(() => sql.hold.run(unixSeconds, hexToBytes(root)).changes > 0))) throw notFound()
    },
    forget: (root) =>
      write(() => {
        const row = rowOf(root)
        if (row) remove(row)
        return row !== undefined
      }),
    removeOver: (before) =>
      write(() => {
        const over = sql.over.all(before) as unknown as Row[]
        for (const row of over) remove(row)
        return over.length
      }).then((removed) => ({ removed, more: removed > 0 || giveBack(PAGES_AT_ONCE) })),
    totals: () => ({ blobs, bytes }),
    close: () => writes.close(),
  }
}

function statements(db: DatabaseSync) {
  return {
    find: db.prepare('SELECT id, size, until, held, client FROM blobs WHERE root = ?'),
    insert: db.prepare('INSERT INTO blobs (root, size, until, client) VALUES (?, ?, ?, ?)'),
    addContent: db.prepare('INSERT INTO contents VALUES (?, ?)'),
    extend: db.prepare('UPDATE blobs SET until = max(until, ?1), client = ?2 WHERE root = ?3'),
    hold: db.prepare('UPDATE blobs SET held = max(held, ?1) WHERE root = ?2'),
    read: db.prepare('SELECT data FROM contents JOIN blobs USING (id) WHERE root = ?'),
    remove: db.prepare('DELETE FROM blobs WHERE id = ?'),
    over: db.prepare(
      `SELECT id, size FROM blobs WHERE max(until, held) < ? ORDER BY max(until, held) LIMIT ${REMOVED_AT_ONCE}`,
    ),
  }
}

const bytesOf = (client: Address | undefined) => (client === undefined ? null : hexToBytes(client))

function noRoom(cause?: unknown): BlobError {
  return new BlobError('There is no room for more blobs', { code: 'NO_ROOM' }, { cause })
}
