import type { Stream } from '@libp2p/interface'
import { frameReader, WireError, writeFrame, type FrameReader } from '@teahouse/protocol/wire'
import type { Archive } from '../store/index.ts'
import type { MessageKey } from '../store/keys.ts'
import type { SyncConfig } from './config.ts'
import { malformed, SyncError } from './errors.ts'
import { ownKeys } from './own-keys.ts'
import {
  decodePayload,
  encodePayload,
  startOf,
  type KeyRange,
  type RangesPayload,
  type SyncRange,
} from './payload.ts'
import { answer, opening } from './reconciler.ts'
import type { Session } from './session.ts'

export interface ReconciliationDeps {
  readonly archive: Pick<Archive, 'keys'>
  /** The pubsub topics of this node. */
  readonly topics: readonly string[]
}

/** Times to compare: from `since` (inclusive) to `until` (exclusive), unix nanoseconds. */
export interface Window {
  readonly since: bigint
  readonly until: bigint
}

type Limits = Pick<SyncConfig, 'maxFrameBytes' | 'maxMessages' | 'silenceMs'>

/**
 * `/vac/waku/reconciliation/1.0.0` on one stream: the side with a `window` opens, then payloads go back and forth until one has nothing to
 * compare. Returns what the peer lacks. Throws SyncError and WireError; closing or aborting the stream is the caller's.
 */
export async function reconcile(
  stream: Stream,
  session: Session,
  config: Limits,
  { archive, topics, window }: ReconciliationDeps & { readonly window?: Window },
): Promise<MessageKey[]> {
  const { signal } = session
  const reader = frameReader(stream, { maxBytes: config.maxFrameBytes, signal, timeoutMs: config.silenceMs })
  const toSend: MessageKey[] = []
  let bounds: KeyRange | undefined

  async function write(ranges: readonly SyncRange[]): Promise<void> {
    const bytes = encodePayload({ pubsubTopics: topics, contentTopics: [], ranges })
    session.gave(bytes.length, 0)
    await writeFrame(stream, bytes, { signal })
  }

  /** Answers one payload; false when there is nothing more to say. */
  async function respond(payload: RangesPayload): Promise<boolean> {
    const ranges = payload.ranges
    if (ranges.every(({ type }) => type === 'skip')) return false
    const span = { from: ranges[0]!.from, to: ranges.at(-1)!.to }
    bounds ??= span
    if (span.from.timestamp < bounds.from.timestamp || span.to.timestamp > bounds.to.timestamp)
      throw malformed('it leaves the times that were asked for')
    const shared = sharedTopics(topics, payload)
    if (shared.length === 0) {
      await write([])
      return false
    }
    const own = ownKeys({ archive, pubsubTopics: shared, signal })
    // A payload that is read may be of twice this size: the peer's own bounds are longer than ours.
    const maxBytes = config.maxFrameBytes / 2
    const said = await answer(own, ranges, { maxBytes, maxSend: config.maxMessages - toSend.length })
    session.told(said)
    toSend.push(...said.toSend)
    await write(said.ranges)
    return said.ranges.length > 0
  }

  try {
    if (window) {
      bounds = { from: startOf(window.since), to: startOf(window.until) }
      await write([await opening(ownKeys({ archive, pubsubTopics: topics, signal }), bounds)])
    }
    for (;;) {
      const frame = await readInTime(reader, config.silenceMs)
      if (frame === undefined) return toSend
      session.tookRound(frame.length)
      if (!(await respond(decodePayload(frame)))) return toSend
    }
  } catch (err) {
    throw session.signal.reason instanceof SyncError ? session.signal.reason : err
  } finally {
    reader.stop()
  }
}

/** Topics that both compare; none if the peer restricts itself to content topics, which an index of keys does not know. */
function sharedTopics(
  own: readonly string[],
  { pubsubTopics, contentTopics }: RangesPayload,
): readonly string[] {
  if (contentTopics.length > 0) return []
  if (pubsubTopics.length === 0) return own
  const theirs = new Set(pubsubTopics)
  return own.filter((topic) => theirs.has(topic))
}

/** The next frame of a peer that has `ms` to begin it. */
async function readInTime(reader: FrameReader, ms: number): Promise<Uint8Array | undefined> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new WireError('The peer says nothing', { code: 'TIMED_OUT', afterMs: ms }))
  }, ms)
  try {
    return await Promise.race([reader.read(), late.promise])
  } finally {
    clearTimeout(timer)
  }
}
