import type { ArchiveRoot } from '@teahouse/protocol/receipts'
import type { Address } from 'viem'

/** What was said of an hour, and by which name its hashes are kept; empty once they are not. */
export interface RootRecord extends ArchiveRoot {
  readonly set: string
}

/** A part of a set of sorted hashes; at most PART_HASHES of them, joined. */
export interface SetPart {
  readonly hashes: Uint8Array
  readonly node: Uint8Array
}

/** Where a part begins, and what stands for it in the tree. */
export interface PartEntry {
  readonly first: Uint8Array
  readonly node: Uint8Array
}

/**
 * What one speaker has said of its archive: one root an hour and shard, for ever, whichever process asks. The hashes are written first, a few
 * parts at a time; they count when a record names their set. Throws what its database throws.
 */
export interface RootBook {
  /**
   * The first hour that may be signed: `firstHour`, or the one of an earlier run if it is certain that nothing was recorded since that this book
   * has not.
   */
  open(firstHour: bigint): Promise<bigint>
  find(shard: number, hour: bigint): Promise<RootRecord | undefined>
  addParts(set: string, from: number, parts: readonly SetPart[]): Promise<void>
  /** Records a root unless there is one of its hour, and gives the one that counts; it is on disk when this resolves. */
  record(record: RootRecord): Promise<RootRecord>
  /** The parts of a set in their order, without their hashes. */
  entries(set: string): Promise<readonly PartEntry[]>
  part(set: string, number: number): Promise<Uint8Array | undefined>
  dropSet(set: string): Promise<void>
  /** A small step of letting go the hashes of hours before `hour`, and those that no record names; true if there is more to do. */
  prune(hour: bigint): Promise<boolean>
  close(): Promise<void>
}

/** In whose name roots are signed: those of two speakers never contradict each other, whatever they say. */
export interface Speaker {
  readonly chainId: number
  readonly court: Address
  readonly node: Address
  readonly cluster: number
}

/** The speaker as a key of a database. */
export function speakerKey({ chainId, court, node, cluster }: Speaker): string {
  return `${chainId}/${court}/${node}/${cluster}`.toLowerCase()
}
