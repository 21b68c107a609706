import type { DatabaseSync } from 'node:sqlite'
import { inTransaction } from '../../storage/index.ts'
import type { Pruned, PruneLimits, Totals } from '../engine.ts'

/** Free pages that a file may have before they are given back: new messages use them first. */
const KEPT_FREE = { pages: 1_024, share: 0.1 }

interface Oldest {
  readonly id: bigint
  readonly timestamp: bigint
  readonly bytes: bigint
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
  const pages = db.prepare(
    'SELECT page_count AS everything, freelist_count AS free FROM pragma_page_count, pragma_freelist_count',
  )

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

  /** Free pages that are more than may stay. */
  function surplus(): number {
    const { everything, free } = pages.get() as { everything: number; free: number }
    return free - Math.max(KEPT_FREE.pages, everything * KEPT_FREE.share)
  }

  /** True if there is more to give back. */
  function giveBack(limit: number): boolean {
    const before = surplus()
    if (before <= 0) return false
    db.exec(`PRAGMA incremental_vacuum(${Math.min(limit, Math.ceil(before))})`)
    const after = surplus()
    return 0 < after && after < before
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
