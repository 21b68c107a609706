import { type Hex, numberToHex } from 'viem'
import type { MembershipLedger, MembershipRoots } from '@teahouse/protocol/rln'
import type { BlockRef } from '../chain/head.ts'

/** What the membership was after each of the last blocks. */
export interface RecentRoots {
  readonly newest: MembershipRoots | undefined
  after(blockHash: Hex): MembershipRoots | undefined
  /** Remembers the ledger as it is after `block`. */
  note(block: BlockRef, ledger: MembershipLedger): void
  dropAbove(number: bigint): void
}

/** Remembers the last `size` blocks. */
export function recentRoots(size: number): RecentRoots {
  const known = new Map<Hex, MembershipRoots>() // in the order of the chain
  return {
    get newest() {
      return [...known.values()].at(-1)
    },
    after: (blockHash) => known.get(blockHash),
    note(block, ledger) {
      known.delete(block.hash)
      known.set(block.hash, {
        blockNumber: block.number,
        blockHash: block.hash,
        roots: ledger.roots().map((root) => numberToHex(root, { size: 32 })),
        ledgerHash: ledger.ledgerHash,
        memberCount: ledger.memberCount,
      })
      if (known.size > size) known.delete(known.keys().next().value!)
    },
    dropAbove(number) {
      for (const [hash, { blockNumber }] of known) if (blockNumber > number) known.delete(hash)
    },
  }
}
