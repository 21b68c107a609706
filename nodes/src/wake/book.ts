import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'

/** Tables of the book, one migration an element. */
export const WAKE_MIGRATIONS = [
  `CREATE TABLE wakes (
    id BLOB PRIMARY KEY,
    sealed BLOB NOT NULL,
    until INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX wakes_until ON wakes (until);`,
]

/** An endpoint, and what wakes it. */
export interface Wake {
  readonly endpoint: string
  readonly topics: readonly string[]
  /** Unix seconds. */
  readonly until: number
}

export interface WakeBook {
  all(): Wake[]
  has(endpoint: string): boolean
  count(): number
  put(wake: Wake): void
  remove(endpoint: string): void
  /** Forgets those that ended before. */
  prune(unixSeconds: number): void
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Endpoints and topics on disk under AES-256-GCM, and under names that are MACs; both keys from the node key. */
export function wakeBook(db: DatabaseSync, nodeKey: Uint8Array): WakeBook {
  const keyOf = (info: string) => Buffer.from(hkdfSync('sha256', nodeKey, '', `teahouse/wake/${info}/1`, 32))
  const [sealKey, nameKey] = [keyOf('book'), keyOf('names')]
  const select = db.prepare('SELECT id, sealed, until FROM wakes')
  const one = db.prepare('SELECT 1 FROM wakes WHERE id = ?')
  const total = db.prepare('SELECT count(*) AS n FROM wakes')
  const upsert = db.prepare(
    `INSERT INTO wakes (id, sealed, until) VALUES (?1, ?2, ?3)
    ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, until = excluded.until`,
  )
  const remove = db.prepare('DELETE FROM wakes WHERE id = ?')
  const prune = db.prepare('DELETE FROM wakes WHERE until < ?')
  const idOf = (endpoint: string) => createHmac('sha256', nameKey).update(endpoint).digest().subarray(0, 16)

  function seal(id: Uint8Array, text: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', sealKey, nonce).setAAD(id)
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  /** Undefined for what was not sealed here: under another node key, say. */
  function open(id: Uint8Array, sealed: Uint8Array): string | undefined {
    try {
      const decipher = createDecipheriv('aes-256-gcm', sealKey, sealed.subarray(0, NONCE_BYTES)).setAAD(id)
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
      return (
        decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
      )
    } catch {
      return undefined
    }
  }

  return {
    all() {
      const rows = select.all() as { id: Uint8Array; sealed: Uint8Array; until: number }[]
      return rows.flatMap(({ id, sealed, until }) => {
        const [endpoint = '', ...topics] = open(id, sealed)?.split('\n') ?? []
        return endpoint === '' ? [] : [{ endpoint, topics, until }]
      })
    },
    has: (endpoint) => one.get(idOf(endpoint)) !== undefined,
    count: () => (total.get() as { n: number }).n,
    put({ endpoint, topics, until }) {
      const id = idOf(endpoint)
      upsert.run(id, seal(id, [endpoint, ...topics].join('\n')), until)
    },
    remove: (endpoint) => void remove.run(idOf(endpoint)),
    prune: (unixSeconds) => void prune.run(unixSeconds),
  }
}
