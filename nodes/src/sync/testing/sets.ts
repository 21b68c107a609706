import type { WakuMessage } from '@teahouse/protocol/wire'
import type { Archive } from '../../store/index.ts'
import type { MessageKey } from '../../store/keys.ts'
import { message, NOW_NS, TOPIC } from '../../store/testing/archives.ts'

/** The times that the messages of these tests lie in, an hour. */
export const WINDOW = { since: NOW_NS - 3_600_000_000_000n, until: NOW_NS }

/** Message number `n` of a set: its own time, within the window. */
export function numbered(n: number): WakuMessage {
  const payload = new Uint8Array(Uint32Array.of(n).buffer)
  return message({ timestamp: WINDOW.since + BigInt(n) * 500_000_000n, payload })
}

/** Numbers from `from` up to, and without, `to`. */
export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, at) => from + at)

export async function fill(archive: Pick<Archive, 'restore'>, set: readonly number[]): Promise<void> {
  await archive.restore(set.map((n) => ({ pubsubTopic: TOPIC, message: numbered(n) })))
}

/** All keys of an archive as text. */
export async function held(archive: Pick<Archive, 'keys'>): Promise<string[]> {
  const all: MessageKey[] = []
  for (;;) {
    const some = await archive.keys({ limit: 1_000, after: all.at(-1) })
    if (some.length === 0) return all.map(({ hash }) => Buffer.from(hash).toString('hex'))
    all.push(...some)
  }
}
