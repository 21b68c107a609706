import type { DatabaseSync } from 'node:sqlite'

/** Free pages that a file may have before they are given back: what comes uses them first. */
const KEPT_FREE = { pages: 1_024, share: 0.1 }

/**
 * Gives pages of a database that was opened with `shrinks` back to the disk, at most `limit` a call, while more than a tenth of the file
 * is free. The result is true if there is more to give back.
 */
export function freePages(db: DatabaseSync): (limit: number) => boolean {
  const pages = db.prepare(
    'SELECT page_count AS everything, freelist_count AS free FROM pragma_page_count, pragma_freelist_count',
  )

  /** Free pages that are more than may stay. */
  function surplus(): number {
    const { everything, free } = pages.get() as { everything: number; free: number }
    return free - Math.max(KEPT_FREE.pages, everything * KEPT_FREE.share)
  }

  return (limit) => {
    const before = surplus()
    if (before <= 0) return false
    db.exec(`PRAGMA incremental_vacuum(${Math.min(limit, Math.ceil(before))})`)
    const after = surplus()
    return 0 < after && after < before
  }
}
