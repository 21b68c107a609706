import { keccak256, stringToHex, type Hex } from 'viem'
import {
  EMPTY_LEDGER,
  nextLedgerHash,
  type HomeChange,
  type HomeEntry,
  type MembershipChange,
} from '@teahouse/protocol/rln'
import type { BlockRef } from '../chain/head.ts'
import type { ChangeAt } from './change-store.ts'
import type { MembershipSource } from './follower.ts'

const HOLDER = `0x${'aa'.repeat(20)}` as const

interface FakeBlock extends BlockRef {
  readonly changes: MembershipChange[]
  /** Who named which home in this block, after its changes. */
  readonly homes: HomeChange[]
}

/** A chain in memory that can be cut and continued on another branch. */
export class FakeChain implements MembershipSource {
  blocks: FakeBlock[] = []
  /** Numbers of blocks whose changes the RPC address keeps to itself. */
  readonly withheld = new Set<number>()
  reads = 0

  mine(branch: string, idCommitments: bigint[] = [], homes: Partial<HomeChange>[] = [], home = 0): void {
    const number = this.blocks.length
    const parentHash = this.blocks.at(-1)?.hash ?? keccak256('0x')
    const hash = keccak256(stringToHex(`${branch} ${number}`))
    const changes: MembershipChange[] = []
    for (const idCommitment of idCommitments) {
      const change = {
        kind: 'registered',
        index: this.memberCount + changes.length,
        idCommitment,
        holder: HOLDER,
      } as const
      const member = { rateLimit: 1, expiry: 10_000 }
      const ledger = nextLedgerHash(changes.at(-1)?.ledger ?? this.hashAt(number - 1), change, member)
      changes.push({ ...change, ...member, home, ledger })
    }
    const set = homes.map(
      (one) => ({ kind: 'homeSet', holder: HOLDER, idCommitment: 0n, home: 0, previous: 0, ...one }) as const,
    )
    this.blocks.push({ number: BigInt(number), hash, parentHash, timestamp: number, changes, homes: set })
  }

  get memberCount(): number {
    return this.blocks.reduce((count, { changes }) => count + changes.length, 0)
  }

  get head(): BlockRef {
    return this.blocks.at(-1)
  }

  hashAt(number: number): Hex {
    return (
      this.blocks
        .slice(0, number + 1)
        .flatMap(({ changes }) => changes)
        .at(-1)?.ledger ?? EMPTY_LEDGER
    )
  }

  async changes(from: bigint, to: bigint): Promise<ChangeAt[]> {
    this.reads++
    return this.blocks
      .filter(({ number }) => number >= from && number <= to && !this.withheld.has(Number(number)))
      .flatMap(({ number, hash, changes, homes }) =>
        [...changes, ...homes].map((change, logIndex) => ({
          change,
          blockNumber: number,
          blockHash: hash,
          logIndex,
        })),
      )
  }

  async homes(from: bigint, to: bigint): Promise<HomeEntry[]> {
    const found = (await this.changes(from, to)).map(({ change }) => change)
    return found.filter((change) => change.kind === 'registered' || change.kind === 'homeSet')
  }

  async block(number: bigint): Promise<BlockRef | undefined> {
    return this.blocks[Number(number)]
  }

  async ledgerHash(number: bigint): Promise<Hex> {
    return this.hashAt(Number(number))
  }
}
