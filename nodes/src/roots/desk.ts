import {
  archivePart,
  type JoinedParts,
  joinParts,
  PART_HASHES,
  type RootAnswer,
  signArchiveRoot,
} from '@teahouse/protocol/receipts'
import { bytesToHex, type Hex, type LocalAccount, zeroHash } from 'viem'
import type { PartEntry, RootBook, RootRecord, Speaker } from './book.ts'
import { RootError } from './errors.ts'

const HASH_BYTES = 32
/** Hours whose parts, without hashes, and whose signatures are remembered: 2 MiB of ten million hashes each, and 65 bytes. */
const OPEN_SETS = 8
const SIGNATURES = 1_024
/** Beyond these there is nothing that a database would have to be asked for. */
const MAX_SHARD = 0xffff
const MAX_HOUR = 2n ** 40n

/** Answers what this node said of its archive, with proofs. */
export interface RootDesk {
  /**
   * The signed root of an hour, with a proof of presence or absence if a hash of 32 bytes is asked for. Throws RootError NOT_SAID, GONE; what the
   * book throws.
   */
  answer(shard: number, hour: bigint, messageHash?: Uint8Array): Promise<RootAnswer>
}

export interface RootDeskDeps {
  readonly book: Pick<RootBook, 'find' | 'entries' | 'part'>
  readonly speaker: Speaker
  /** The speaker's node key. */
  readonly account: LocalAccount
}

interface OpenSet {
  readonly entries: readonly PartEntry[]
  readonly joined: JoinedParts
}

export function rootDesk({ book, speaker, account }: RootDeskDeps): RootDesk {
  const sets = recent<Promise<OpenSet>>(OPEN_SETS)
  const signatures = recent<Promise<Hex>>(SIGNATURES)

  async function openSet({ set }: RootRecord): Promise<OpenSet> {
    const entries = await book.entries(set)
    return { entries, joined: joinParts(entries.map(({ node }) => node)) }
  }

  /** Only what is recorded is signed; a signature that is lost is made again, over the same. */
  function signatureOf(record: RootRecord): Promise<Hex> {
    const { shard, hour } = record
    return signatures.get(`${shard}/${hour}`, () =>
      signArchiveRoot(account, speaker.court, speaker.chainId, record),
    )
  }

  async function prove(record: RootRecord, wanted: Uint8Array): Promise<Omit<RootAnswer, 'root'>> {
    const { shard, hour, count } = record
    const gone = () =>
      new RootError('The hashes of this hour are kept no more', { code: 'GONE', shard, hour })
    if (count === 0) return { absence: between(0, undefined, undefined) }
    if (record.set === '') throw gone()
    const { entries, joined } = await sets.get(record.set, () => openSet(record))
    if (entries.length !== Math.ceil(count / PART_HASHES)) {
      sets.drop(record.set)
      throw gone()
    }

    async function leafAt(index: number): Promise<Leaf | undefined> {
      if (index < 0 || index >= count) return undefined
      const number = Math.floor(index / PART_HASHES)
      const hashes = await book.part(record.set, number)
      if (!hashes) throw gone()
      const at = index % PART_HASHES
      const hash = hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)
      const path = [...archivePart(hashes).pathOf(at), ...joined.pathOf(number)]
      return { hash: bytesToHex(hash), path: path.map((node) => bytesToHex(node)) }
    }

    const number = Math.max(0, smaller(entries.length, (at) => entries[at]!.first, wanted, true) - 1)
    const hashes = await book.part(record.set, number)
    if (!hashes) throw gone()
    const hashAt = (at: number) => hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)
    const index = number * PART_HASHES + smaller(hashes.length / HASH_BYTES, hashAt, wanted, false)
    const here = await leafAt(index)
    if (here?.hash === bytesToHex(wanted)) return { presence: { index, path: here.path } }
    return { absence: between(index, await leafAt(index - 1), here) }
  }

  return {
    async answer(shard, hour, messageHash) {
      const record = shard <= MAX_SHARD && hour <= MAX_HOUR ? await book.find(shard, hour) : undefined
      if (!record) throw new RootError('Nothing was said of this hour', { code: 'NOT_SAID', shard, hour })
      const { set: _set, ...said } = record
      const root = { ...said, signature: await signatureOf(record) }
      return messageHash === undefined ? { root } : { root, ...(await prove(record, messageHash)) }
    },
  }
}

interface Leaf {
  readonly hash: Hex
  readonly path: readonly Hex[]
}

const NOBODY: Leaf = { hash: zeroHash, path: [] }

function between(index: number, left: Leaf = NOBODY, right: Leaf = NOBODY) {
  return { index, left: left.hash, leftPath: left.path, right: right.hash, rightPath: right.path }
}

/** How many of `count` ascending hashes are smaller than `wanted`, or equal to it if `equal`. */
function smaller(
  count: number,
  hashAt: (at: number) => Uint8Array,
  wanted: Uint8Array,
  equal: boolean,
): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    const order = Buffer.compare(hashAt(middle), wanted)
    if (order < 0 || (equal && order === 0)) low = middle + 1
    else high = middle
  }
  return low
}

/** Remembers the values of the keys that were asked for last; one that fails is forgotten. */
function recent<T extends Promise<unknown>>(limit: number) {
  const values = new Map<string, T>()
  const drop = (key: string) => void values.delete(key)
  return {
    drop,
    get(key: string, make: () => T): T {
      const value = values.get(key) ?? make()
      drop(key)
      values.set(key, value)
      value.catch(() => drop(key))
      for (const oldest of values.keys()) {
        if (values.size <= limit) break
        drop(oldest)
      }
      return value
    },
  }
}
