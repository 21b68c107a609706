import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { bytesToHex } from 'viem'
import type { Archive, ArchiveEngine } from '../store/index.ts'
import type { ForgottenBook } from './book.ts'
import type { DenyLists } from './deny-lists.ts'
import { ForgetError } from './errors.ts'

/** Hours of the archive are signed up to a day late, and some minutes after they are over. */
const SETTLED_SECONDS = 26 * 3_600
/** Hashes looked up at a time. */
const AT_ONCE = 100

export interface ForgetDeskDeps {
  readonly book: ForgottenBook
  readonly lists: Pick<DenyLists, 'has' | 'isEmpty' | 'list' | 'version'>
  /** The archive with everything in it. */
  readonly archive: Pick<Archive, 'query' | 'settled'>
  readonly engine: Pick<ArchiveEngine, 'remove'>
  /** Whether there is an archive now: without one, what it has is removed when there is. */
  readonly isKept: () => boolean
  /** Whether other processes write what it holds, and sign for it. */
  readonly isShared: boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: Logger
}

/** What forgetting a message did. */
export interface ForgetOutcome {
  /** Whether it was in the archive. */
  readonly had: boolean
  /** Whether it was forgotten before. */
  readonly again: boolean
}

export type ForgetDesk = ReturnType<typeof forgetDesk>

/** Forgets messages: here, and nowhere else. */
export function forgetDesk({ book, lists, archive, engine, isKept, isShared, now, log }: ForgetDeskDeps) {
  const seconds = () => Math.floor(now() / 1_000)
  /** The lists that everything was looked up of; what comes later is refused as it comes. */
  let swept: number | undefined

  async function find(hashes: readonly Uint8Array[]) {
    if (!isKept() || hashes.length === 0) return []
    const request = { forward: true, limit: hashes.length, maxBytes: Number.MAX_SAFE_INTEGER }
    return (await archive.query({ hashes: [...hashes] }, request)).messages
  }

  /** Another process would sign an hour without it, if it were gone before that is over. */
  function requireSaid(timestamp: bigint): void {
    const from = Number(timestamp / 1_000_000_000n) + SETTLED_SECONDS
    if (!isShared || seconds() >= from) return
    const when = new Date(1_000 * from).toISOString()
    throw new ForgetError(
      `The processes that share the archive have yet to sign for the hour of this message; it can be forgotten from ${when} on`,
      { code: 'HOUR_OPEN', from },
    )
  }

  /** What is in the book goes from the archive; again after a crash in between. */
  async function remove(hash: Uint8Array): Promise<boolean> {
    // What was let in before the hash was known may still be on its way to the disk.
    await archive.settled()
    const [found] = await find([hash])
    if (found) {
      book.setKey(found, found.pubsubTopic)
      await engine.remove([hash])
    }
    if (isKept()) book.setRemoved(hash)
    return found !== undefined
  }

  async function forget(hash: Uint8Array, by: string): Promise<ForgetOutcome> {
    const [found] = await find([hash])
    if (found) requireSaid(found.timestamp)
    const isNew = book.add({ hash, at: seconds(), by })
    const had = await remove(hash)
    log.warn({ hash: bytesToHex(hash), by, had }, 'Forgot a message')
    return { had, again: !isNew }
  }

  /** Forgets what deny lists name and the archive has; once for each state of the lists, unless something has to wait. */
  async function sweep(signal: AbortSignal): Promise<void> {
    const version = lists.version()
    if (swept === version) return
    await archive.settled()
    let isWhole = true
    for (const { name, hashes } of lists.list()) {
      for (let at = 0; at < hashes.length && !signal.aborted; at += AT_ONCE) {
        const open = hashes.slice(at, at + AT_ONCE).filter((hash) => !book.has(hash))
        for (const { hash } of await find(open)) {
          try {
            await forget(hash, name)
          } catch (err) {
            if (!(err instanceof ForgetError)) throw err
            isWhole = false
            log.info({ err, hash: bytesToHex(hash) }, 'A message of a deny list is forgotten later')
          }
        }
      }
    }
    // Where others write too, one that does not know of a list may.
    if (isWhole && !isShared && !signal.aborted) swept = version
  }

  const isNone = () => book.count === 0 && lists.isEmpty()
  const isForgotten = (hash: Uint8Array): boolean => book.has(hash) || lists.has(hash)

  return {
    isForgotten,
    /** True if nothing is forgotten, so that no hash has to be computed; most nodes forget nothing. */
    isNone,
    isMessageForgotten: (pubsubTopic: string, message: WakuMessage): boolean =>
      !isNone() && isForgotten(messageHash(pubsubTopic, message)),
    /**
     * Forgets a message by its hash; with `ahead` also one that has not come, and is then not taken in. On disk when it resolves. Throws
     * ForgetError HOUR_OPEN, NOT_HERE; ArchiveError.
     */
    async forget(
      hash: Uint8Array,
      { ahead = false }: { readonly ahead?: boolean } = {},
    ): Promise<ForgetOutcome> {
      // What was let in may still be on its way to the disk.
      if (!ahead && !book.has(hash)) await archive.settled()
      if (!ahead && !book.has(hash) && (await find([hash])).length === 0)
        throw new ForgetError('The node has no message of this hash', { code: 'NOT_HERE' })
      return await forget(hash, OPERATOR)
    },
    /** Ends what a crash has cut off, then does what deny lists say. Throws ArchiveError. */
    async work(signal: AbortSignal): Promise<void> {
      if (!isKept()) return
      for (const hash of book.unremoved()) if (!signal.aborted) await remove(hash)
      await sweep(signal)
    },
    list: book.list,
    counts: () => ({
      messages: book.count,
      denyLists: lists.list().map(({ name, hashes }) => ({ name, hashes: hashes.length })),
    }),
  }
}

/** By whom it is forgotten, if not by a list. */
const OPERATOR = 'operator'
