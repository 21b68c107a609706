import { ArchiveError, closed } from './errors.ts'

export interface GroupCommitSettings {
  /** Items of one transaction at most, and their bytes. */
  readonly maxGroup: number
  readonly maxGroupBytes: number
  /** Items that may wait for a transaction at most, and their bytes. */
  readonly maxWaiting: number
  readonly maxWaitingBytes: number
}

export interface GroupCommit<Item, Result> {
  /** Resolves when the transaction of the item is committed. @throws ArchiveError OVERLOADED, CLOSED; what `commit` throws. */
  add(item: Item): Promise<Result>
  /** Resolves when what was added before is committed, or has failed. */
  settled(): Promise<void>
  /** Takes nothing more; resolves when all that waited is done. */
  close(): Promise<void>
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly bytes: number
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Writes items in groups: those that come while a transaction is under way share the next one, so that one sync to disk serves
 * all of them. A lone item is written at once. If a transaction fails, all of its items fail, and the next group is tried.
 */
export function groupCommit<Item, Result>(
  settings: GroupCommitSettings,
  sizeOf: (item: Item) => number,
  commit: (items: readonly Item[]) => Promise<readonly Result[]>,
): GroupCommit<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []
  let waitingBytes = 0
  let working: Promise<void> | undefined
  let isClosed = false
  let last: Promise<unknown> = Promise.resolve()

  function nextGroup(): Waiting<Item, Result>[] {
    let bytes = 0
    let size = 0
    while (size < Math.min(waiting.length, settings.maxGroup)) {
      bytes += waiting[size]!.bytes
      if (size > 0 && bytes > settings.maxGroupBytes) break
      size += 1
    }
    const group = waiting.slice(0, size)
    waiting = waiting.slice(size)
    for (const one of group) waitingBytes -= one.bytes
    return group
  }

  async function work(): Promise<void> {
    await Promise.resolve() // what is added in the same turn goes along
    while (waiting.length > 0) {
      const group = nextGroup()
      try {
        const results = await commit(group.map(({ item }) => item))
        for (const [at, { resolve }] of group.entries()) resolve(results[at] as Result)
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    working = undefined
  }

  return {
    add(item) {
      const bytes = sizeOf(item)
      const isFull = waiting.length >= settings.maxWaiting || waitingBytes + bytes > settings.maxWaitingBytes
      if (isClosed) return Promise.reject(closed())
      if (isFull) {
        const detail = { code: 'OVERLOADED', waiting: waiting.length } as const
        return Promise.reject(new ArchiveError('Too many messages wait to be written', detail))
      }
      const added = new Promise<Result>((resolve, reject) => {
        waiting.push({ item, bytes, resolve, reject })
        waitingBytes += bytes
        working ??= work()
      })
      last = added.catch(() => undefined)
      return added
    },
    async settled() {
      await last
    },
    async close() {
      isClosed = true
      await working
    },
  }
}
