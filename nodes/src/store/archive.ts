import { isTeahouseError } from '@teahouse/protocol/errors'
import { decodeMessage, encodeMessage, messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { histogram, type HistogramCounts } from '../histogram.ts'
import { isOutOfRoom, type Room } from '../storage/index.ts'
import { tally, type Tally } from '../tally.ts'
import { cursorNotFound, type Criteria, type Page, type PageRequest, type StoredMessage } from './criteria.ts'
import type { ArchiveEngine, MessageRow, Pruned, PruneLimits, Range, Totals } from './engine.ts'
import { ArchiveError, closed, diskFull, EngineError, unavailable } from './errors.ts'
import { groupCommit, type GroupCommitSettings } from './group-commit.ts'
import type { MessageKey } from './keys.ts'

/** How far a timestamp may be from the node's clock when a message is kept, in nanoseconds. */
const MAX_DRIFT_NS = 20_000_000_000n
/** Bytes of messages that one `scan` returns at most. */
const MAX_SCAN_BYTES = 4 * 1024 * 1024
/** Enough for a second of the fastest stream that is expected; a group is small enough to be written in a few ms. */
const GROUPS: GroupCommitSettings = {
  maxGroup: 1_000,
  maxGroupBytes: 4 * 1024 * 1024,
  maxWaiting: 20_000,
  maxWaitingBytes: 64 * 1024 * 1024,
}

/** `forgotten`: the operator keeps it no more (docs/archive.md). */
export type PutResult = 'stored' | 'duplicate' | 'ephemeral' | 'late' | 'forgotten'

export interface ArchiveUse {
  /** `failed`: refused, since it could not be written. `restored`: new ones of an export, or of another archive. */
  readonly puts: ReturnType<Tally<PutResult | 'failed' | 'restored'>['counts']>
  readonly commitSeconds: HistogramCounts
}

/** Keeps messages under their Waku message hash. Every method may throw ArchiveError UNAVAILABLE or CLOSED. */
export interface Archive {
  /**
   * Keeps a message; it is on disk when this resolves. `ephemeral` ones and those whose timestamp is more than 20 s from now
   * (`late`) are not kept. Throws ArchiveError OVERLOADED when too many wait, DISK_FULL when there is no room. After an error the message must not be
   * acknowledged; trying again is safe.
   */
  put(pubsubTopic: string, message: WakuMessage): Promise<PutResult>
  /**
   * Keeps messages of any age, in one transaction: those of an export, or of another archive. The caller has validated them.
   * Returns how many are new. Ephemeral ones and those without a timestamp are left out. Throws WireError as `encodeMessage` does.
   */
  restore(messages: readonly { pubsubTopic: string; message: WakuMessage }[]): Promise<number>
  has(hash: Uint8Array): Promise<boolean>
  /** The message as it is kept, its proof included. */
  get(hash: Uint8Array): Promise<WakuMessage | undefined>
  /** One page. Throws QueryError `CURSOR_NOT_FOUND`. */
  query(criteria: Criteria, page: PageRequest): Promise<Page>
  /** The next messages of a stretch in ascending order: at most `limit`, and about 4 MiB. None: it is at its end. */
  scan(range: Range): Promise<readonly StoredMessage[]>
  /** The same without the messages: the next `limit` keys of a stretch, from an index alone. */
  keys(range: Range): Promise<readonly MessageKey[]>
  totals(): Promise<Totals>
  /** One small step of making room: removes about `limit` messages at most, oldest first, or gives room back to the disk. */
  prune(limits: PruneLimits, limit: number): Promise<Pruned>
  /** What became of messages since the start, and the seconds that writing a group of them takes. */
  use(): ArchiveUse
  /** Resolves when what was put before is written, or has failed. */
  settled(): Promise<void>
  /** Writes what waits, then closes the database. */
  close(): Promise<void>
}

export interface ArchiveDeps {
  readonly engine: ArchiveEngine
  readonly log: Logger
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly groups?: Partial<GroupCommitSettings>
  /** Where there may be no room; there always is without it. */
  readonly room?: Room
}

/** An archive over an engine. */
export function archive({ engine, log, now = Date.now, groups, room }: ArchiveDeps): Archive {
  let isClosed = false
  let isFailing = false
  const puts = tally<PutResult | 'failed' | 'restored'>()
  const commits = histogram()

  /** Says once that writing fails, and once that it works again. */
  async function insert(rows: readonly MessageRow[]): Promise<readonly boolean[]> {
    try {
      if (room && !room.has(rows.reduce((total, row) => total + sizeOf(row), 0))) throw diskFull()
      const startedAt = performance.now()
      const fresh = await engine.insert(rows)
      commits.observe((performance.now() - startedAt) / 1_000)
      if (isFailing) log.info('Keeps messages again')
      isFailing = false
      return fresh
    } catch (err) {
      if (!isFailing) log.error({ err }, 'Failed to keep messages; refuses them until it works again')
      isFailing = true
      if (!isOutOfRoom(err)) throw archiveError(err)
      room?.ranOut()
      throw err instanceof ArchiveError ? err : diskFull(err)
    }
  }

  const sizeOf = ({ bytes }: MessageRow) => bytes.byteLength
  const group = groupCommit<MessageRow, boolean>({ ...GROUPS, ...groups }, sizeOf, insert)

  async function ask<T>(question: () => Promise<T>): Promise<T> {
    if (isClosed) throw closed()
    try {
      return await question()
    } catch (err) {
      throw archiveError(err)
    }
  }

  function isOnTime(timestamp: bigint): boolean {
    const drift = timestamp - BigInt(now()) * 1_000_000n
    return -MAX_DRIFT_NS <= drift && drift <= MAX_DRIFT_NS
  }

  async function put(pubsubTopic: string, message: WakuMessage): Promise<PutResult> {
    if (message.ephemeral === true) return 'ephemeral'
    if (message.timestamp === undefined || !isOnTime(message.timestamp)) return 'late'
    const isNew = await group.add(rowOf(pubsubTopic, message, message.timestamp))
    return isNew ? 'stored' : 'duplicate'
  }

  return {
    async put(pubsubTopic, message) {
      try {
        const result = await put(pubsubTopic, message)
        puts.add(result)
        return result
      } catch (err) {
        puts.add('failed')
        throw err
      }
    },
    restore: (messages) =>
      ask(async () => {
        const rows = messages.flatMap(({ pubsubTopic, message }) =>
          message.ephemeral === true || message.timestamp === undefined
            ? []
            : [rowOf(pubsubTopic, message, message.timestamp)],
        )
        const added = rows.length === 0 ? 0 : (await insert(rows)).filter(Boolean).length
        puts.add('restored', added)
        return added
      }),
    has: (hash) => ask(() => engine.has(hash)),
    async get(hash) {
      const found = await ask(() => engine.get(hash))
      return found && decodeMessage(found.bytes)
    },
    async query(criteria, request) {
      const page = await ask(() => engine.page(criteria, request))
      if (!page) throw cursorNotFound()
      return page
    },
    scan: (range) => ask(() => engine.scan(range, MAX_SCAN_BYTES)),
    keys: (range) => ask(() => engine.keys(range)),
    totals: () => ask(() => engine.totals()),
    prune: (limits, limit) => ask(() => engine.prune(limits, limit)),
    use: () => ({ puts: puts.counts(), commitSeconds: commits.read() }),
    settled: group.settled,
    async close() {
      if (isClosed) return
      isClosed = true
      await group.close()
      await engine.close()
    },
  }
}

function rowOf(pubsubTopic: string, message: WakuMessage, timestamp: bigint): MessageRow {
  return {
    hash: messageHash(pubsubTopic, message),
    timestamp,
    pubsubTopic,
    contentTopic: message.contentTopic,
    bytes: encodeMessage(message),
  }
}

function archiveError(error: unknown): Error {
  return isTeahouseError(error) && !(error instanceof EngineError) ? error : unavailable(error)
}
