import type { DatabaseSync } from 'node:sqlite'
import { freePages, inTransaction } from '../../storage/index.ts'
import type { Pruned, PruneLimits, Totals } from '../engine.ts'

interface Oldest {
  readonly id: bigint
  readonly timestamp: bigint
  readonly bytes: bigint
}

/** Removes messages by their hashes; their bytes are overwritten in the file, and in its write-ahead log. */
export function removing(db: DatabaseSync): (hashes: readonly Uint8Array[]) => number {
  const find = db.prepare('SELECT id, length(message) AS bytes FROM messages WHERE hash = ?')
  const remove = db.prepare('DELETE FROM messages WHERE id = ?')
  const count = db.prepare('UPDATE totals SET messages = messages - ?, bytes = bytes - ?')
  return (hashes) => {
    const found = hashes.flatMap(
      (hash) => (find.get(hash) as { id: number; bytes: number } | undefined) ?? [],
    )
    if (found.length === 0) return 0
    db.exec('PRAGMA secure_delete = ON')
    try {
      inTransaction(db, () => {
        for (const { id } of found) remove.run(id)
        count.run(
          found.length,
          found.reduce((total, { bytes }) => total + bytes, 0),
        )
      })
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } finally {
      db.exec('PRAGMA secure_delete = OFF')
    }
    return found.length
  }
}

/**
 * The steps of pruning. First old messages go, oldest first. New ones then use the pages that became free; when more than a tenth of the
 * file is free, the rest is given back to the disk (incremental auto_vacuum), a few pages a step.
 */
export function pruning(db: DatabaseSync): (limits: PruneLimits, limit: number) => Pruned {
  const oldest = db.prepare(
    'SELECT id, timestamp, length(message) AS bytes FROM messages ORDER BY timestamp, hash LIMIT ?',
  )
  oldest.setReadBigInts(true)
  const remove = db.prepare('DELETE FROM messages WHERE id = ?')
  const count = db.prepare('UPDATE totals SET messages = messages - ?, bytes = bytes - ?')
  const totals = db.prepare('SELECT messages, bytes FROM totals')
  const giveBack = freePages(db)

  /** Of the oldest ones, as many from the front as have to go. */
  function due(candidates: readonly Oldest[], limits: PruneLimits): Oldest[] {
    let { messages, bytes } = totals.get() as unknown as Totals
    const gone: Oldest[] = []
    for (const one of candidates) {
      const isOld = one.timestamp < limits.before
      const isOver = messages > (limits.messages ?? Infinity) || bytes > (limits.bytes ?? Infinity)
      if (!isOld && !isOver) break
      gone.push(one)
      messages -= 1
      bytes -= Number(one.bytes)
    }
    return gone
  }

  return (limits, limit) => {
    const gone = due(oldest.all(limit) as unknown as Oldest[], limits)
    if (gone.length === 0) return { removed: 0, more: giveBack(limit) }
    inTransaction(db, () => {
      for (const { id } of gone) remove.run(id)
      count.run(
        gone.length,
        gone.reduce((total, { bytes }) => total + bytes, 0n),
      )
    })
    return { removed: gone.length, more: true }
  }
}
