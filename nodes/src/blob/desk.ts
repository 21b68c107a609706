import { blobDays, type SignedReceipt } from '@teahouse/protocol/blob'
import { contentTree } from '@teahouse/protocol/receipts'
import type { Logger } from 'pino'
import { type Address, type Hex, isAddressEqual } from 'viem'
import type { Charge } from '../net/index.ts'
import type { BlobRecord, BlobStore } from './blob-store.ts'
import { BlobError, notFound } from './errors.ts'

/** What a client that was named gets a receipt for. */
export interface ReceiptRequest {
  readonly client: Address
  readonly root: Hex
  /** Bytes. */
  readonly size: number
  /** Until when the blob is paid for, unix seconds. */
  readonly until: number
}

/**
 * Signs for a blob that is on disk, or does not (undefined). Whoever asks again, because an answer was lost, has the same receipt coming. It
 * sees to `holdUntil` before it signs.
 */
export type IssueReceipt = (request: ReceiptRequest) => Promise<SignedReceipt | undefined>

export interface BlobDeskDeps {
  readonly store: BlobStore
  readonly charge: Charge
  readonly issueReceipt?: IssueReceipt | undefined
  /** Days from now for which anything is kept at most. */
  readonly maxDays: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly log: Logger
}

/** Until when, and for whom a receipt is wanted. */
export interface Term {
  /** Unix seconds. */
  readonly until: number
  readonly client?: Address | undefined
}

export interface KeptBlob {
  readonly until: number
  readonly receipt?: SignedReceipt | undefined
}

/** Keeps and gives blobs for what they cost. */
export interface BlobDesk {
  /** On disk when it resolves, at its root. What is there already is only kept longer. Throws BlobError. */
  put(peerId: string, data: Uint8Array, term: Term): Promise<KeptBlob>
  /** Keeps what is there longer; only the added time is paid for. Throws BlobError. */
  renew(peerId: string, root: Hex, term: Term): Promise<KeptBlob>
  /** Throws BlobError NOT_FOUND, UNPAID. */
  get(peerId: string, root: Hex): Promise<Uint8Array>
  /** Until when each is kept, 0 for what is not there. Throws BlobError UNPAID. */
  stat(peerId: string, roots: readonly Hex[]): Promise<number[]>
}

export function blobDesk({ store, charge, issueReceipt, maxDays, now, log }: BlobDeskDeps): BlobDesk {
  const turns = new Map<Hex, Promise<unknown>>()
  const seconds = () => Math.floor(now() / 1_000)
  /** What is there and not over. */
  const present = (root: Hex) => {
    const record = store.find(root)
    return record && record.until > seconds() ? record : undefined
  }

  /** One after the other for each root: two that put the same pay once. */
  async function inTurn<T>(root: Hex, work: () => Promise<T>): Promise<T> {
    const before = turns.get(root) ?? Promise.resolve()
    const mine = before.then(work, work)
    turns.set(root, mine)
    try {
      return await mine
    } finally {
      if (turns.get(root) === mine) turns.delete(root)
    }
  }

  async function pay(peerId: string, service: 'blob-day' | 'blob-get', units: number): Promise<void> {
    const paid = await charge(peerId, service, units)
    if (!paid.ok) throw new BlobError(paid.description, { code: 'UNPAID' })
  }

  function checkTerm(until: number): void {
    if (until <= seconds()) throw new BlobError('That time is over', { code: 'TERM_OVER' })
    if (blobDays(until - seconds()) > maxDays)
      throw new BlobError(`Nothing is kept for more than ${maxDays} days`, { code: 'TOO_LONG', maxDays })
  }

  async function prolong(
    peerId: string,
    root: Hex,
    { until, client }: Term,
    known: BlobRecord | undefined,
    data?: Uint8Array,
  ): Promise<void> {
    const units = blobDays(until - Math.max(seconds(), known?.until ?? 0))
    if (units === 0) return
    checkTerm(until)
    const release = data && !known ? store.reserve(data.length) : undefined
    try {
      await pay(peerId, 'blob-day', units)
      await store.keep(root, { until, client }, data)
    } finally {
      release?.()
    }
  }

  /** A receipt for whoever has paid for the present time, and nobody else: each binds a part of the stake. */
  async function receiptOf(root: Hex, client: Address | undefined): Promise<SignedReceipt | undefined> {
    const kept = present(root)
    if (!issueReceipt || !client || !kept?.client || !isAddressEqual(kept.client, client)) return undefined
    try {
      return await issueReceipt({ client, root, size: kept.size, until: kept.until })
    } catch (err) {
      log.error({ err }, 'Could not give a receipt for a blob')
      return undefined
    }
  }

  async function keep(peerId: string, root: Hex, term: Term, data?: Uint8Array): Promise<KeptBlob> {
    return inTurn(root, async () => {
      const known = present(root)
      if (!known && !data) throw notFound()
      if (!known) checkTerm(term.until)
      await prolong(peerId, root, term, known, data)
      const receipt = await receiptOf(root, term.client)
      return { until: store.find(root)?.until ?? term.until, ...(receipt && { receipt }) }
    })
  }

  return {
    put: (peerId, data, term) => keep(peerId, contentTree(data).root, term, data),
    renew: (peerId, root, term) => keep(peerId, root, term),
    async get(peerId, root) {
      const data = present(root) && (await store.read(root))
      if (!data) throw notFound()
      await pay(peerId, 'blob-get', 1)
      return data
    },
    async stat(peerId, roots) {
      await pay(peerId, 'blob-get', 1)
      return roots.map((root) => present(root)?.until ?? 0)
    },
  }
}
