import { randomUUID } from 'node:crypto'
import { setImmediate as pause } from 'node:timers/promises'
import { archivePart, archiveRootDigest, joinParts, PART_HASHES } from '@teahouse/protocol/receipts'
import { bytesToHex } from 'viem'
import type { Archive, MessageKey } from '../store/index.ts'
import type { RootBook, RootRecord, SetPart, Speaker } from './book.ts'
import type { PromiseBook } from './promises.ts'
import { hashSorter } from './hash-sorter.ts'

const HOUR_NS = 3_600_000_000_000n
/** Keys read from the archive at a time, and parts written at a time. */
const READ_AT_ONCE = 1_000
const PARTS_AT_ONCE = 16

export interface SealDeps {
  readonly archive: Pick<Archive, 'keys'>
  readonly book: RootBook
  /** What receipts promised; without it nothing was. */
  readonly promises?: Pick<PromiseBook, 'of'> | undefined
  readonly speaker: Speaker
  readonly operator: number
  /** The most that a fault costs, in the token's smallest unit. */
  readonly liability: bigint
  /** Where what does not fit in memory is sorted. */
  readonly folder: string
  readonly signal: AbortSignal
}

/**
 * Computes the root over what the archive has of an hour by now, and what receipts promised, and records it, unless it was recorded before. What is recorded is what may be
 * signed: another process may have been first, with other hashes. One pass over the hour in bounded memory and short steps.
 */
export async function sealHour(
  {
    pubsubTopic,
    shard,
    hour,
  }: { readonly pubsubTopic: string; readonly shard: number; readonly hour: bigint },
  { archive, book, promises, speaker, operator, liability, folder, signal }: SealDeps,
): Promise<RootRecord> {
  const known = await book.find(shard, hour)
  if (known) return known
  const set = randomUUID()
  const sorter = hashSorter(folder)
  try {
    for await (const keys of keysOf(archive, pubsubTopic, hour, signal))
      for (const { hash } of keys) await sorter.add(hash)

    for (const hash of promises?.of(shard, hour) ?? []) await sorter.add(hash)

    const nodes: Uint8Array[] = []
    let count = 0
    let waiting: SetPart[] = []
    const write = async () => {
      await book.addParts(set, nodes.length - waiting.length, waiting)
      waiting = []
    }
    for await (const hashes of sorter.sorted(PART_HASHES)) {
      signal.throwIfAborted()
      const { node } = archivePart(hashes)
      nodes.push(node)
      count += hashes.length / 32
      waiting.push({ hashes, node })
      if (waiting.length === PARTS_AT_ONCE) await write()
      await pause() // others have their turn
    }
    if (waiting.length > 0) await write()

    const root = bytesToHex(joinParts(nodes).root)
    const record = { operator, cluster: speaker.cluster, shard, hour, count, root, liability, set }
    // Only what can be signed is recorded: an hour that is, stays.
    archiveRootDigest(speaker.court, speaker.chainId, record)
    return await book.record(record).then(async (kept) => {
      if (kept.set !== set) await book.dropSet(set)
      return kept
    })
  } finally {
    await sorter.close()
  }
}

async function* keysOf(
  archive: SealDeps['archive'],
  pubsubTopic: string,
  hour: bigint,
  signal: AbortSignal,
): AsyncGenerator<readonly MessageKey[]> {
  const range = { since: hour * HOUR_NS, until: (hour + 1n) * HOUR_NS, pubsubTopic, limit: READ_AT_ONCE }
  let after: MessageKey | undefined
  do {
    signal.throwIfAborted()
    const keys = await archive.keys({ ...range, after })
    yield keys
    after = keys.length < READ_AT_ONCE ? undefined : keys.at(-1)
  } while (after)
}
