import type { ArchiveEngine, MessageRow } from './engine.ts'
import { EngineError } from './errors.ts'

/** Messages and bytes remembered: more than a node relays in the 20 s in which a message may come. */
const MAX_MESSAGES = 50_000
const MAX_BYTES = 16 * 1024 * 1024

/**
 * Keeps the newest messages in memory and nothing else: enough to know a message that comes again, and to send it again for who
 * pushes it again. Takes the place of an archive in a node that has none; it answers no queries.
 */
export function recentEngine(): ArchiveEngine {
  const rows = new Map<string, MessageRow>()
  let bytes = 0
  const keyOf = (hash: Uint8Array) => Buffer.from(hash).toString('latin1')
  const none = () => Promise.reject(new EngineError('This node keeps no archive', { code: 'NOT_KEPT' }))

  function add(row: MessageRow): boolean {
    const key = keyOf(row.hash)
    if (rows.has(key)) return false
    rows.set(key, row)
    bytes += row.bytes.byteLength
    for (const [oldest, { bytes: freed }] of rows) {
      if (rows.size <= MAX_MESSAGES && bytes <= MAX_BYTES) break
      rows.delete(oldest)
      bytes -= freed.byteLength
    }
    return true
  }

  function remove(hash: Uint8Array): boolean {
    const row = rows.get(keyOf(hash))
    bytes -= row?.bytes.byteLength ?? 0
    return rows.delete(keyOf(hash))
  }

  return {
    insert: async (added) => added.map(add),
    remove: async (hashes) => hashes.filter(remove).length,
    has: async (hash) => rows.has(keyOf(hash)),
    get: async (hash) => rows.get(keyOf(hash)),
    page: none,
    keys: none,
    scan: none,
    totals: async () => ({ messages: 0, bytes: 0 }),
    prune: async () => ({ removed: 0, more: false }),
    close: async () => rows.clear(),
  }
}
