import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { inBackground } from '../background.ts'

/** The room that there is for messages. */
export interface Room {
  /** Whether a message or several of so many bytes may be written now. */
  has(bytes: number): boolean
  /** The disk itself was found full. */
  ranOut(): void
}

/** Bytes of the data folder, what is free beside it, and what was refused for lack of room since the start. */
export interface DiskUse {
  readonly used: number
  readonly free: number
  readonly refused: number
}

/** Keeps what is in the data folder within a size. It removes nothing: what was acknowledged is kept as long as it was to be. */
export interface DiskBudget extends Room {
  /** Bytes that everything together may take; null for no limit but the reserve. */
  setLimit(bytes: number | null): void
  use(): DiskUse
  /** Looks at the folder now. */
  measure(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export interface DiskBudgetDeps {
  readonly folder: string
  /** Bytes that stay free on the file system. */
  readonly reserve: number
  readonly log: Logger
  readonly everyMs?: number
}

/** Bytes on disk that a byte of a message becomes at most, with its indexes and its copy in the write-ahead log. */
const GROWTH = 3
/** What a message takes beside its bytes. */
const OVERHEAD_BYTES = 512
/** Milliseconds for which nothing is written after the disk was found full. */
const FULL_MS = 5_000

export function diskBudget({ folder, reserve, log, everyMs = 1_000 }: DiskBudgetDeps): DiskBudget {
  let limit: number | null = null
  let used = 0
  /** What write-ahead logs will put into their databases, at most, without another message. */
  let logged = 0
  let free = Infinity
  /** What may have been written since the folder was measured. */
  let since = 0
  let fullUntil = 0
  let refused = 0
  let isRefusing = false
  let timer: ReturnType<typeof setInterval> | undefined

  function fits(bytes: number): boolean {
    if (performance.now() < fullUntil) return false
    const grown = since + (bytes + OVERHEAD_BYTES) * GROWTH
    return (limit === null || used + logged + grown <= limit) && free - grown >= reserve
  }

  async function measure(): Promise<void> {
    const before = since
    const sizes = await sizesIn(folder)
    const { bavail, bsize } = await statfs(folder)
    used = sum(sizes.map(({ size }) => size))
    logged = sum(sizes.filter(({ name }) => name.endsWith('-wal')).map(({ size }) => size))
    free = bavail * bsize
    since -= before
    if (isRefusing && fits(0)) {
      isRefusing = false
      log.info({ used, limit, refused }, 'Has room for messages again')
    }
  }
  const measuring = inBackground(() =>
    measure().catch((err: unknown) => log.warn({ err }, 'Could not measure the data folder')),
  )

  return {
    setLimit: (bytes) => void (limit = bytes),
    use: () => ({ used, free, refused }),
    measure,
    has(bytes) {
      if (fits(bytes)) {
        since += (bytes + OVERHEAD_BYTES) * GROWTH
        return true
      }
      refused += 1
      if (!isRefusing)
        log.error({ used, limit, free, reserve }, 'Has no room for more messages; refuses them')
      isRefusing = true
      return false
    },
    ranOut: () => void (fullUntil = performance.now() + FULL_MS),
    async start() {
      await measure()
      timer = setInterval(() => measuring.run(undefined), everyMs).unref()
    },
    async stop() {
      clearInterval(timer)
      await measuring.idle()
    },
  }
}

/** Result codes of SQLite and PostgreSQL for a full disk: https://sqlite.org/rescode.html#full, class 53100. */
const FULL = new Set<unknown>([13, '53100', 'ENOSPC'])

/** Whether something failed because the disk is full, by its error or one of its causes. */
export function isOutOfRoom(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) {
    const { code, errcode, detail } = one as {
      code?: unknown
      errcode?: unknown
      detail?: { errcode?: unknown }
    }
    if (FULL.has(code) || FULL.has(errcode) || FULL.has(detail?.errcode)) return true
  }
  return false
}

interface Sized {
  readonly name: string
  readonly size: number
}

async function sizesIn(folder: string): Promise<Sized[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const sizes = await Promise.all(
    entries.map(async (entry): Promise<Sized[]> => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return await sizesIn(path)
      // Gone since it was listed.
      const found = await stat(path).catch(() => undefined)
      return [{ name: entry.name, size: found?.size ?? 0 }]
    }),
  )
  return sizes.flat()
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)
