import { MESSAGE_HASH_BYTES } from '@teahouse/protocol/wire'
import type { Archive } from '../store/index.ts'
import { compareKeys, type MessageKey } from '../store/keys.ts'
import { startOf, type KeyRange } from './payload.ts'

/** Keys read from the archive at a time. */
const READ_AT_ONCE = 1_000
/** The latest time there is, in unix nanoseconds. */
const LAST = 2n ** 63n - 1n

export interface OwnKeysDeps {
  readonly archive: Pick<Archive, 'keys'>
  /** Only messages of these. */
  readonly pubsubTopics: readonly string[]
  readonly signal: AbortSignal
}

/** A range of the own archive. */
export interface Summary {
  readonly count: number
  readonly fingerprint: Uint8Array
  /** All keys, if they are no more than was asked to be remembered. */
  readonly items: readonly MessageKey[] | undefined
}

/** The own archive as reconciliation sees it: streamed, so that memory does not grow with a range. */
export interface OwnKeys {
  keys(range: KeyRange): AsyncGenerator<MessageKey>
  summary(range: KeyRange, remember: number): Promise<Summary>
  /** Cuts a range of `count` messages into at most about `parts` of as many each, between two times. */
  split(range: KeyRange, count: number, parts: number): Promise<(KeyRange & Summary)[]>
}

export function ownKeys({ archive, pubsubTopics, signal }: OwnKeysDeps): OwnKeys {
  async function* keysOf(pubsubTopic: string, { from, to }: KeyRange): AsyncGenerator<MessageKey> {
    const range = {
      since: from.timestamp,
      until: isStart(to) || to.timestamp === LAST ? to.timestamp : to.timestamp + 1n,
      pubsubTopic,
      limit: READ_AT_ONCE,
    }
    let last: MessageKey | undefined
    for (;;) {
      signal.throwIfAborted()
      const some = await archive.keys({ ...range, after: last })
      for (const key of some) {
        if (compareKeys(key, from) < 0) continue
        if (compareKeys(key, to) >= 0) return
        yield key
      }
      last = some.at(-1)
      if (some.length < READ_AT_ONCE) return
    }
  }

  async function* keys(range: KeyRange): AsyncGenerator<MessageKey> {
    yield* merged(pubsubTopics.map((topic) => keysOf(topic, range)))
  }

  return {
    keys,
    async summary(range, remember) {
      const all = collector(remember)
      for await (const key of keys(range)) all.add(key)
      return all.summary()
    },
    async split({ from, to }, count, parts) {
      const size = Math.ceil(count / parts)
      const cut: (KeyRange & Summary)[] = []
      let start = from
      let part = collector(1)
      let time: bigint | undefined
      for await (const key of keys({ from, to })) {
        if (part.count >= size && key.timestamp !== time) {
          const end = startOf(key.timestamp)
          cut.push({ from: start, to: end, ...part.summary() })
          start = end
          part = collector(1)
        }
        part.add(key)
        time = key.timestamp
      }
      cut.push({ from: start, to, ...part.summary() })
      return cut
    },
  }
}

const isStart = ({ hash }: MessageKey): boolean => hash.every((byte) => byte === 0)

/** The keys of several streams in one order. */
async function* merged(streams: readonly AsyncGenerator<MessageKey>[]): AsyncGenerator<MessageKey> {
  const heads = await Promise.all(
    streams.map(async (stream) => ({ stream, key: (await stream.next()).value as MessageKey | undefined })),
  )
  for (;;) {
    let first: (typeof heads)[number] | undefined
    for (const head of heads) {
      if (head.key && (!first?.key || compareKeys(head.key, first.key) < 0)) first = head
    }
    if (!first?.key) return
    yield first.key
    first.key = (await first.stream.next()).value as MessageKey | undefined
  }
}

function collector(remember: number) {
  const fingerprint = new Uint8Array(MESSAGE_HASH_BYTES)
  const items: MessageKey[] = []
  let count = 0
  return {
    get count() {
      return count
    },
    add(key: MessageKey): void {
      count++
      for (let at = 0; at < MESSAGE_HASH_BYTES; at++) fingerprint[at]! ^= key.hash[at]!
      if (count <= remember) items.push(key)
    },
    summary: (): Summary => ({ count, fingerprint, items: count <= remember ? items : undefined }),
  }
}
