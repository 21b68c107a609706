import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Hex } from 'viem'
import type { Account } from '../account/account.ts'
import { utf8 } from '../account/text.ts'
import type { Market } from '../market/market.ts'
import type { Directory, NodeRecord } from '../net/directory.ts'
import { NetError } from '../net/errors.ts'
import type { Peer } from '../net/peer.ts'
import { createBudget, withPaid, type Budget } from '../payments/budget.ts'
import type { Till } from '../payments/till.ts'
import { randomBytes } from '../secure/bytes.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import type { KeyValueStore } from '../storage/store.ts'
import { createBlobPeer } from './blob-peer.ts'
import { createChoice, inOrder } from './choosing.ts'
import { chunkSource } from './chunk-source.ts'
import { FileError } from './errors.ts'
import type { GetOptions, PayOptions, PutOptions, RenewedFile, StoredFile, TermOptions } from './options.ts'
import { payingFrom } from './paying.ts'
import type { FileSource } from './pieces.ts'
import { placing } from './placing.ts'
import { beginOnce, forgetKey, forgetOver } from './progress.ts'
import {
  hasGivenNotice,
  promised,
  type EndOf,
  type KeepReceipt,
  type KeptReceipts,
  type ReceiptCourt,
} from './receipts.ts'
import { type FileReference, readReference, writeReference } from './reference.ts'
import { renewAll } from './renewal.ts'
import { upload } from './upload.ts'

export interface FilesDeps {
  readonly account: Account
  readonly court: Omit<ReceiptCourt, 'maxTerm'>
  /** Asks the court for its longest term, in seconds. */
  readonly maxTerm: () => Promise<number>
  readonly keepReceipt: KeepReceipt
  readonly receiptsKept: KeptReceipts
  /** When a notice ends the promise of a receipt early, in unix seconds; 0 without one. */
  readonly endOf: EndOf
  readonly directory: Directory
  readonly peer: Peer
  readonly till: Till
  /** Says where files go, and remembers who did not keep one. */
  readonly market: Pick<Market, 'preference' | 'watch' | 'withheld'>
  readonly storage: KeyValueStore
  /** Names account and network in the storage. */
  readonly scope: string
  readonly now: () => number
  /** Milliseconds after which a busy node is asked again first. */
  readonly busyMs?: number
}

const DAY_SECONDS = 86_400
const MAX_DAYS = 3_650
/** Terms end at half hours: less is told by them, and nobody pays a day for the difference of two clocks. */
const END_SECONDS = 1_800

/** The folder of uploads, each under a hash of its name and term. */
const UPLOADS = 'uploads/'
const renewalsOf = ({ root }: FileReference): string => `renewals/${root}/`

export type Files = ReturnType<typeof createFiles>

/** Files that nodes keep for a paid time, sealed and in chunks of one size. What is stored: docs/files.md. */
export function createFiles({
  account,
  court,
  maxTerm: readMaxTerm,
  keepReceipt,
  receiptsKept,
  endOf,
  directory,
  peer,
  till,
  market,
  storage,
  scope,
  now,
  busyMs,
}: FilesDeps) {
  const choice = createChoice(directory, market)
  const blobs = createBlobPeer(peer, market, busyMs)
  const store = sealedStore(storage, { key: account.storageKey, scope: `files/${scope}` })
  const seconds = () => Math.floor(now() / 1_000)
  let longest: number | undefined
  const maxTerm = async () => (longest ??= await readMaxTerm())

  /** Nodes that the reference names took the file for the same time as the others; who has given notice before the court has said that it ends. */
  function blame({ operators }: FileReference) {
    const blamed = new Set<string>()
    return async (node: NodeRecord, root: Hex): Promise<void> => {
      const { peerId, operatorId: operator } = node
      if (!operators.includes(operator) || blamed.has(peerId)) return
      // Without the chain nobody knows.
      const isUnknown = (): true => true
      if (await hasGivenNotice(receiptsKept, endOf, { operator, root, now: seconds() }).catch(isUnknown))
        return
      if (blamed.has(peerId)) return
      blamed.add(peerId)
      await market.withheld(node)
    }
  }

  async function termOf({ days, receipts, pay, signal }: TermOptions) {
    if (!Number.isInteger(days) || days < 1 || days > MAX_DAYS)
      throw badOption('days', `a whole number from 1 to ${MAX_DAYS}`)
    const until = Math.ceil(seconds() / END_SECONDS) * END_SECONDS + days * DAY_SECONDS
    const client = (receipts ?? pay) ? account.address : undefined
    // Asked before anything is paid for.
    const to = { ...court, maxTerm: client ? await maxTerm() : 0 }
    return { until, client, blobs, keepReceipt, court: to, now, signal }
  }

  async function counted<T>({ pay, maxPaid }: PayOptions, run: (budget: Budget | undefined) => Promise<T>) {
    const budget = createBudget(maxPaid)
    try {
      return { ...(await run(pay ? budget : undefined)), paid: budget.paid }
    } catch (error) {
      throw withPaid(error, budget)
    }
  }

  return {
    /**
     * Stores a file. An upload that was cut off goes on when it is called again, and pays nothing for what is there. Called again for one that is
     * done, it gives the same reference until half of the time is over.
     * @throws FileError TOO_FEW_NODES, TOO_MANY_REQUESTS and others; PayError; NetError; StorageError.
     */
    put: (source: FileSource, options: PutOptions): Promise<StoredFile> =>
      counted(options, async (budget) => {
        const { days, copies = 2, onProgress } = options
        const { until: wanted, ...term } = await termOf(options)
        if (!Number.isInteger(copies) || copies < 1 || copies > 16)
          throw badOption('copies', 'a whole number from 1 to 16')
        const own = source instanceof Uint8Array ? bytesToHex(sha256(source)) : undefined
        const name = options.name ?? own
        const entry = UPLOADS + bytesToHex(sha256(utf8(JSON.stringify([name, days, copies]))))
        await forgetOver(store, UPLOADS, seconds())
        const nodes = options.nodes ? await choice.named(options.nodes) : await choice.toPutAt()
        const fresh = { key: randomBytes(32), until: wanted, order: nodes.map(({ peerId }) => peerId) }
        const begun =
          name === undefined ? { ...fresh, resumed: false } : await beginOnce(store, entry, fresh, seconds())
        const { key, until, order, resumed } = begun
        const paying = payingFrom(till, budget)
        const { client } = term
        const { maxTerm } = term.court
        const isPromised =
          resumed && client ? await promised(receiptsKept, { client, until, maxTerm }) : () => false
        const places = placing({
          ...term,
          paying,
          isPromised,
          nodes: options.nodes ? nodes : inOrder(nodes, order),
          copies,
          until,
          resumed,
        })
        const { size, root, chunks } = await upload(source, key, places, onProgress)
        const { operators, receipts } = places
        const reference = writeReference({ size, root, key, operators })
        // The key stays on disk: whoever has lost the reference asks again and has the same.
        return { reference, size, chunks, until, operators, receipts }
      }),

    /**
     * The bytes of a file in order, each chunk checked against its address and opened; goes on at another node when one fails.
     * @throws FileError BAD_REFERENCE, MISSING (which chunk, who was asked), NOT_THE_FILE, TOO_MANY_REQUESTS; PayError; NetError.
     */
    async *get(reference: string, options: GetOptions = {}): AsyncGenerator<Uint8Array> {
      const { pay, maxPaid, signal, onFault, onProgress } = options
      const file = readReference(reference)
      const budget = createBudget(maxPaid)
      const paying = payingFrom(till, pay ? budget : undefined)
      try {
        const nodes = options.nodes ? await choice.named(options.nodes) : await choice.toAsk(file)
        let done = 0
        const source = chunkSource(file, { blobs, paying, nodes, signal, onFault, onWithheld: blame(file) })
        for await (const bytes of source.read()) {
          yield bytes
          done += bytes.length
          onProgress?.(done)
        }
      } catch (error) {
        throw withPaid(error, budget)
      }
    },

    /**
     * Forgets the key of a file that was put here: whoever has no reference can't read it any more. Nodes keep the sealed bytes until
     * their time is over.
     */
    async forget(reference: string): Promise<void> {
      const file = readReference(reference)
      await forgetKey(store, UPLOADS, file.key)
      await forgetKey(store, renewalsOf(file), file.key)
    },

    /** Forgets the keys of all files. */
    wipe: () => store.wipe(),

    /**
     * Keeps a file for so many days from now; only the added time is paid for. Cut off and called again it goes on.
     * @throws FileError BAD_REFERENCE, MISSING for a chunk that no node prolonged, TOO_MANY_REQUESTS; PayError; NetError.
     */
    renew: (reference: string, options: TermOptions): Promise<RenewedFile> =>
      counted(options, async (budget) => {
        const file = readReference(reference)
        const { until: wanted, ...term } = await termOf(options)
        const entry = renewalsOf(file) + options.days
        // What was cut off less than a day ago goes on, so that nobody pays a day more for the minutes between.
        const goesOn = (until: number) => wanted - until < DAY_SECONDS
        const fresh = { key: file.key, until: wanted, order: [] }
        const { until } = await beginOnce(store, entry, fresh, seconds(), goesOn)
        const paying = payingFrom(till, budget)
        const nodes = await choice.toAsk(file)
        const named = nodes.filter(({ operatorId }) => file.operators.includes(operatorId))
        if (named.length === 0)
          throw new NetError('None of the nodes that keep the file is there', {
            code: 'NO_NODES',
            service: 'store',
          })
        const { chunks } = chunkSource(file, { blobs, paying, nodes, signal: options.signal })
        const renewed = await renewAll(chunks(), { ...term, paying, nodes: named, until }, options.onProgress)
        await store.delete(entry)
        return { ...renewed, size: file.size, until }
      }),
  }
}

function badOption(option: string, expected: string): FileError {
  return new FileError(`The option ${option} is ${expected}`, { code: 'BAD_OPTION', option })
}
