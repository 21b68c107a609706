import { join } from 'node:path'
import type { RootQuestion } from '@teahouse/protocol/receipts'
import { messageHash } from '@teahouse/protocol/wire'
import { bytesToHex, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { stopMark } from '../../rln/stop-mark.ts'
import { openDatabase } from '../../storage/index.ts'
import type { Archive } from '../../store/index.ts'
import { message, TOPIC } from '../../store/testing/archives.ts'
import type { RootBook, Speaker } from '../book.ts'
import type { SealDeps } from '../seal-hour.ts'
import { ROOT_MIGRATIONS, sqliteBook } from '../sqlite-book.ts'

/** For tests: who speaks, and an hour of the past. */
export const account = privateKeyToAccount(`0x${'22'.repeat(32)}`)
export const SPEAKER: Speaker = {
  chainId: 31337,
  court: '0x1000000000000000000000000000000000000001',
  node: account.address,
  cluster: 1984,
}
export const OPERATOR = 7
export const SHARD = 3
export const HOUR = 472_222n
export const WHERE = { pubsubTopic: TOPIC, shard: SHARD, hour: HOUR }
const HOUR_NS = 3_600_000_000_000n

export function question(over: Partial<RootQuestion> = {}): RootQuestion {
  const { chainId, court, node, cluster } = SPEAKER
  return { chainId, court, node, cluster, operator: OPERATOR, shard: SHARD, hour: HOUR, ...over }
}

/** Messages of an hour, the first and the last possible time among them. */
export function messagesOf(count: number, hour = HOUR, from = 0) {
  return Array.from({ length: count }, (_, at) => {
    const timestamp =
      at === 0 ? hour * HOUR_NS : at === 1 ? (hour + 1n) * HOUR_NS - 1n : hour * HOUR_NS + BigInt(at)
    return message({ payload: new Uint8Array(Uint32Array.of(from + at).buffer), timestamp })
  })
}

export const hashesOf = (messages: ReturnType<typeof messagesOf>): Hex[] =>
  messages.map((one) => bytesToHex(messageHash(TOPIC, one)))

export const keep = (archive: Pick<Archive, 'restore'>, messages: ReturnType<typeof messagesOf>) =>
  archive.restore(messages.map((one) => ({ pubsubTopic: TOPIC, message: one })))

/** The book of a folder. Closing the database without closing the book is what a crash does. */
export function openBookIn(folder: string, of: Speaker = SPEAKER) {
  const db = openDatabase(join(folder, 'roots.sqlite'), ROOT_MIGRATIONS)
  return { db, book: sqliteBook(db, of, stopMark(join(folder, 'roots.stop'))) }
}

export function sealDeps(archive: Pick<Archive, 'keys'>, book: RootBook, folder: string): SealDeps {
  const { signal } = new AbortController()
  return { archive, book, speaker: SPEAKER, operator: OPERATOR, liability: 5n, folder, signal }
}
