import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { PROTOCOLS, WireError } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { offenderBook, type Net, type Service } from '../net/index.ts'
import type { ValidatePast } from '../rln/past-validator.ts'
import type { Archive } from '../store/index.ts'
import type { Tally } from '../tally.ts'
import type { SyncConfig } from './config.ts'
import { SyncError, tooMuch, type SyncErrorDetail } from './errors.ts'
import { reconcile, type Window } from './reconciliation.ts'
import { newSession, sessionBook, type Session, type SessionCounts } from './session.ts'
import { receiveMessages, sendMessages } from './transfer.ts'

export interface SyncDeps {
  readonly net: Net
  readonly archive: Pick<Archive, 'keys' | 'has' | 'query' | 'restore'>
  /** The pubsub topics of this node. */
  readonly topics: readonly string[]
  readonly validate: ValidatePast
  /** Whether to sync with a peer at all, asked or asking. */
  readonly isAllowed: (peerId: string) => boolean
  readonly counts?: Tally<SyncEvent> | undefined
  readonly log: Logger
}

/** Sessions by their end, and messages: kept, refused since they are not valid, sent. */
export type SyncEvent = 'done' | 'broken' | 'kept' | 'refused' | 'sent'

/** Syncs with one peer at a time, and answers those that ask. */
export interface Sync extends Service {
  /**
   * Compares a window with a connected peer and exchanges what differs: one session. Throws SyncError for a peer that does not keep to
   * the rules (it is then left alone for a while), WireError for one that goes away, ArchiveError.
   */
  syncWith(peerId: PeerId, window: Window): Promise<SessionCounts>
  /** Whether a peer broke the rules a while ago. */
  isAvoided(peerId: string): boolean
}

/** Milliseconds for which a peer that broke the rules is neither asked nor answered. */
const AVOID_MS = 600_000
/** Streams of one peer: its own session, and what it left open before. */
const STREAMS = 4

/** Range-based set reconciliation between archives. Wire format and rules: docs/wire/sync.md. */
export function createSync(config: SyncConfig, deps: SyncDeps): Sync {
  const { net, archive, topics, validate, isAllowed, counts, log } = deps
  const stopping = new AbortController()
  const sessions = sessionBook()
  const avoided = offenderBook({ limit: 1, windowMs: AVOID_MS, refusalMs: AVOID_MS })
  const inbound = new Set<string>()

  /** Notes an offence, with one line in the log; everything else that ends a session is no news. */
  function judge(peerId: string, err: unknown): void {
    const fault = faultOf(err)
    const isLate = fault?.code === 'UNWANTED' && sessions.justEnded(peerId)
    if (stopping.signal.aborted || fault === undefined || isLate) {
      log.debug({ err, peerId }, 'A sync ended early')
    } else if (fault.code === 'TOO_MUCH' && fault.of === 'time') {
      // It may be this node that is slow.
      log.warn({ peerId }, 'Gave up a sync that takes too long')
    } else if (avoided.blame(peerId)) {
      log.warn({ peerId, ...fault }, 'Cut off a peer that does not keep to the rules of a sync')
    }
  }

  /** One session on a stream that is open; ends with everything that it brings kept. */
  async function runSession(stream: Stream, connection: Connection, window?: Window): Promise<SessionCounts> {
    const session = newSession(connection.remotePeer.toString(), config, stopping.signal)
    sessions.add(session)
    try {
      const toSend = await reconcile(stream, session, config, {
        archive,
        topics,
        ...(window === undefined ? {} : { window }),
      })
      await stream.close({ signal: session.signal })
      await Promise.all([sendMessages(connection, toSend, archive, session), session.settled()])
      session.signal.throwIfAborted()
      const { kept } = session.counts
      counts?.add('done')
      if (kept > 0)
        log.info({ peerId: session.peerId, messages: kept }, 'Caught up with the archive of a peer')
      return { ...session.counts }
    } catch (err) {
      // What failed the session elsewhere is the reason; here it shows as a stream that was aborted.
      const cause = session.signal.aborted ? (session.signal.reason as Error) : (err as Error)
      stream.abort(cause)
      counts?.add('broken')
      throw cause
    } finally {
      for (const name of ['kept', 'refused', 'sent'] as const) counts?.add(name, session.counts[name])
      sessions.remove(session)
      session.end()
    }
  }

  async function answerSession(stream: Stream, connection: Connection): Promise<void> {
    const peerId = connection.remotePeer.toString()
    const isWelcome =
      isAllowed(peerId) &&
      !avoided.isRefused(peerId) &&
      !inbound.has(peerId) &&
      inbound.size < config.maxInboundSessions
    if (!isWelcome) return stream.abort(unwanted())
    inbound.add(peerId)
    try {
      const moved = await runSession(stream, connection)
      log.debug({ peerId, ...moved }, 'Answered a sync')
    } catch (err) {
      judge(peerId, err)
    } finally {
      inbound.delete(peerId)
    }
  }

  async function receive(stream: Stream, connection: Connection): Promise<void> {
    const peerId = connection.remotePeer.toString()
    if (!isAllowed(peerId) || avoided.isRefused(peerId)) return stream.abort(unwanted())
    try {
      const deps = { archive, validate, sessions, signal: stopping.signal }
      if (await receiveMessages(stream, peerId, deps)) await stream.close()
      else stream.abort(tooMuch('messages'))
    } catch (err) {
      stream.abort(err as Error)
      judge(peerId, err)
      if (faultOf(err)) sessions.of(peerId).forEach((session: Session) => session.end(err as Error))
    }
  }

  return {
    async start() {
      const options = { maxInboundStreams: STREAMS }
      await net.handle(
        PROTOCOLS.reconciliation,
        (stream, connection) => void answerSession(stream, connection),
        options,
      )
      await net.handle(PROTOCOLS.transfer, (stream, connection) => void receive(stream, connection), options)
    },
    async stop() {
      stopping.abort(new WireError('The node stops', { code: 'ABORTED' }))
      await net.unhandle([PROTOCOLS.reconciliation, PROTOCOLS.transfer])
    },
    async syncWith(peerId, window) {
      const [connection] = net.getConnections(peerId)
      if (!connection) throw new WireError('The peer is not connected', { code: 'CLOSED' })
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(config.silenceMs)])
      const stream = await connection.newStream(PROTOCOLS.reconciliation, { signal })
      try {
        return await runSession(stream, connection, window)
      } catch (err) {
        judge(peerId.toString(), err)
        throw err
      }
    },
    isAvoided: avoided.isRefused,
  }
}

const unwanted = () => new SyncError('The peer is not synced with', { code: 'UNWANTED' })

/** What of an error is the peer's fault. */
function faultOf(err: unknown): SyncErrorDetail | undefined {
  if (err instanceof SyncError) return err.detail
  if (!(err instanceof WireError)) return undefined
  if (err.detail.code === 'MALFORMED') return err.detail
  return err.detail.code === 'TOO_LARGE' ? { code: 'TOO_MUCH', of: 'bytes' } : undefined
}
