import type { Fault } from './chunk-source.ts'
import type { NotRenewed } from './renewal.ts'

export interface PayOptions {
  /** Pay when a node asks for it, at the price of its signed offer. */
  readonly pay?: boolean | undefined
  /** The most to pay in all, to all nodes, in the token's smallest unit; by default 10 tokens, and no unit far above what its node announces. */
  readonly maxPaid?: bigint | undefined
  readonly signal?: AbortSignal | undefined
  /** Bytes of the file that are done. */
  readonly onProgress?: ((bytes: number) => void) | undefined
}

export interface TermOptions extends PayOptions {
  readonly days: number
  /**
   * Ask for receipts, which bind a part of the nodes' stakes and tell them this account's address: by default when `pay` is set, since paying
   * tells it too.
   */
  readonly receipts?: boolean | undefined
}

export interface PutOptions extends TermOptions {
  /** Nodes that keep each chunk; 2 by default. */
  readonly copies?: number | undefined
  /** Operator ids or peer ids of the nodes to use, in this order; else any. */
  readonly nodes?: readonly (string | number)[] | undefined
  /**
   * Under which name an upload that is cut off can be gone on with, or the reference of one that is done be had again: the same name, days and copies, and the same bytes. Bytes in an array
   * have one by themselves; of a stream without a name nothing is remembered.
   */
  readonly name?: string | undefined
}

export interface StoredFile {
  /** All that it takes to read the file: keep it secret. */
  readonly reference: string
  /** Bytes. */
  readonly size: number
  /** Chunks, lists included, of which each is kept at `copies` nodes. */
  readonly chunks: number
  /** Unix seconds. */
  readonly until: number
  readonly operators: readonly number[]
  /** Receipts that were kept, for `client.courts`. */
  readonly receipts: number
  /** What was signed for in vouchers by this call, in the token's smallest unit. */
  readonly paid: bigint
}

export interface GetOptions extends PayOptions {
  /** Operator ids or peer ids of the nodes to ask, in this order; else all, those that the reference names first. */
  readonly nodes?: readonly (string | number)[] | undefined
  /** Told of each node that did not give a chunk; the file goes on from another one. */
  readonly onFault?: ((fault: Fault) => void) | undefined
}

export interface RenewedFile extends Omit<StoredFile, 'reference' | 'operators'> {
  /** What single nodes did not prolong; each chunk was prolonged by one at least. */
  readonly missing: readonly NotRenewed[]
}
