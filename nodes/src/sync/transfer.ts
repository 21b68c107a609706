import type { Connection, Stream } from '@libp2p/interface'
import {
  decode,
  decodeMessage,
  encodeMessage,
  frameReader,
  MAX_MESSAGE_FRAME_BYTES,
  messageHash,
  PROTOCOLS,
  WakuMessageAndTopic,
  WireError,
  writeFrame,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import type { ValidatePast } from '../rln/past-validator.ts'
import type { Archive } from '../store/index.ts'
import type { MessageKey } from '../store/keys.ts'
import { SyncError, tooMuch } from './errors.ts'
import type { Session, SessionBook } from './session.ts'

/** Messages looked up, and validated and kept, at a time. */
const AT_ONCE = 64
/** Bytes of messages looked up at a time. */
const LOOKUP_BYTES = 4 * 1024 * 1024
/** Milliseconds that messages wait for more before they are kept. */
const LINGER_MS = 20

/** Sends messages to a peer on a stream of its own, in the order of their keys. What is gone by now is left out. */
export async function sendMessages(
  connection: Connection,
  keys: readonly MessageKey[],
  archive: Pick<Archive, 'query'>,
  session: Session,
): Promise<void> {
  if (keys.length === 0) return
  const { signal } = session
  const stream = await connection.newStream(PROTOCOLS.transfer, { signal })
  try {
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      const hashes = keys.slice(at, at + AT_ONCE).map(({ hash }) => hash)
      let cursor: Uint8Array | undefined
      do {
        const request = { forward: true, limit: AT_ONCE, maxBytes: LOOKUP_BYTES, cursor }
        const page = await archive.query({ hashes }, request)
        for (const { pubsubTopic, bytes } of page.messages) {
          const frame = WakuMessageAndTopic.encode({ pubsubTopic, message: decodeMessage(bytes) })
          if (!session.mayGive(frame.length)) return await stream.close({ signal })
          await writeFrame(stream, frame, { signal })
          session.gave(frame.length, 1)
        }
        cursor = page.cursor
      } while (cursor)
    }
    await stream.close({ signal })
  } catch (err) {
    stream.abort(err as Error)
    throw err
  }
}

export interface ReceiveDeps {
  readonly archive: Pick<Archive, 'has' | 'restore'>
  readonly validate: ValidatePast
  readonly sessions: SessionBook
  readonly signal: AbortSignal
}

interface Incoming {
  readonly session: Session
  readonly key: MessageKey
  readonly pubsubTopic: string
  readonly message: WakuMessage
}

/**
 * Takes in what a peer sends in `/vac/waku/transfer/1.0.0`, until it ends. Every message has to be one that a session with it asked for;
 * those that validate are kept, some in one transaction. False if a session could take no more of them: the rest is for the next one. Throws SyncError and WireError, and ArchiveError.
 */
export async function receiveMessages(stream: Stream, peerId: string, deps: ReceiveDeps): Promise<boolean> {
  const { archive, validate, sessions, signal } = deps
  const reader = frameReader(stream, { maxBytes: MAX_MESSAGE_FRAME_BYTES, signal })
  let waiting: Incoming[] = []

  async function judge({ key, pubsubTopic, message }: Incoming): Promise<'new' | 'had' | 'refused'> {
    if (await archive.has(key.hash)) return 'had'
    const { result, code } = await validate(pubsubTopic, message, peerId)
    if (result === 'reject')
      throw new SyncError('The peer sent a message that nobody accepts', {
        code: 'INVALID_MESSAGE',
        verdict: code,
      })
    return result === 'accept' ? 'new' : 'refused'
  }

  /** Keeps what is good, also if some of the others are not. */
  async function keep(): Promise<void> {
    const some = waiting
    waiting = []
    const judged = await Promise.allSettled(some.map(judge))
    const good = some.filter((_, at) => judged[at]!.status === 'fulfilled' && judged[at]!.value === 'new')
    if (good.length > 0) await archive.restore(good)
    for (const session of new Set(some.map((one) => one.session))) {
      const own = some.flatMap((one, at) =>
        one.session === session ? [{ key: one.key, verdict: judged[at]! }] : [],
      )
      const count = (what: string) =>
        own.filter(({ verdict }) => verdict.status === 'fulfilled' && verdict.value === what).length
      session.judged(
        own.map(({ key }) => key),
        { kept: count('new'), refused: count('refused') },
      )
    }
    const failed = judged.find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
  }

  try {
    let frame = reader.read()
    for (;;) {
      const next = await (waiting.length === 0 ? frame : firstOf(frame, LINGER_MS))
      if (next === 'later' || waiting.length >= AT_ONCE) await keep()
      if (next === 'later') continue
      if (next === undefined) break
      const incoming = readIncoming(next, sessions.of(peerId))
      const { session } = incoming
      if (!session.hasRoomFor(next.length)) {
        await keep()
        // Who fills a session with what is not new is no peer that has much to give.
        if (session.counts.kept === 0) throw tooMuch('messages')
        session.transferEnded()
        return false
      }
      session.tookMessage(next.length)
      waiting.push(incoming)
      frame = reader.read()
    }
    await keep()
    for (const session of sessions.of(peerId)) session.transferEnded()
    return true
  } finally {
    reader.stop()
  }
}

/** A message of a frame, if a session asked for it. Throws SyncError and WireError. */
export function readIncoming(bytes: Uint8Array, sessions: readonly Session[]): Incoming {
  if (sessions.length === 0) throw new SyncError('There is no session with the peer', { code: 'UNWANTED' })
  const { pubsubTopic, message } = decode(WakuMessageAndTopic, bytes)
  if (!message) throw new WireError('There is no message', { code: 'MALFORMED', what: 'message' })
  encodeMessage(message) // throws for one that can't be hashed
  const { timestamp, ephemeral } = message
  if (timestamp === undefined || ephemeral === true)
    throw new SyncError('The peer sent a message that no archive has', { code: 'NOT_ASKED' })
  const key = { timestamp, hash: messageHash(pubsubTopic, message) }
  const session = sessions.find((one) => one.asksFor(key))
  if (!session) throw new SyncError('The peer sent a message that was not asked for', { code: 'NOT_ASKED' })
  return { session, key, pubsubTopic, message }
}

/** What `promise` gives within `ms`, or 'later'. */
async function firstOf<T>(promise: Promise<T>, ms: number): Promise<T | 'later'> {
  let timer: NodeJS.Timeout | undefined
  const later = new Promise<'later'>((resolve) => (timer = setTimeout(() => resolve('later'), ms)))
  try {
    return await Promise.race([promise, later])
  } finally {
    clearTimeout(timer)
  }
}
