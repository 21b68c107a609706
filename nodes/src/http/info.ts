import type { Address, Hex } from 'viem'
import type { EndpointStatus } from '../chain/endpoint.ts'
import type { ChainRelayCounts } from '../open-chain-relay.ts'
import type { BudgetUse } from '../profile/budget-keeper.ts'
import type { Part, Profile } from '../profile/profiles.ts'
import type { CourtsInfo } from '../receipts/index.ts'

/** What may be wrong with a node; docs/api.md says what each means. */
export const PROBLEMS = [
  'CHAIN_AWAY',
  'MEMBERS_UNKNOWN',
  'MEMBERS_STUCK',
  'LEDGER_MISMATCH',
  'NO_PEERS',
] as const

/** `ok`; `degraded`: serves, but something is away and retried; `down`: refuses all messages. */
export interface NodeHealth {
  readonly status: 'ok' | 'degraded' | 'down'
  /** What is wrong, in codes. */
  readonly problems: (typeof PROBLEMS)[number][]
}

/** `none`: the profile has no archive; `away`: its database does not answer. */
export interface ArchiveInfo {
  readonly state: 'ok' | 'away' | 'none'
  readonly messages?: number
}

/** What `/info` answers. Amounts in the token's smallest unit. */
export interface NodeInfo {
  readonly operator: { readonly id: number; readonly node: Address; readonly payee: Address | undefined }
  /** Coin of the node key in wei, and the operator's stake; absent until it was read, and of a few minutes ago. */
  readonly funds?:
    | { readonly coinWei: bigint; readonly staked?: bigint | undefined; readonly ageSeconds: number }
    | undefined
  readonly peerId: string
  readonly multiaddrs: string[]
  readonly profile: Profile
  /** What runs of the parts that a profile has or has not. */
  readonly parts: Part[]
  /** The node record (EIP-778) as text, by which peer exchange tells of the node. */
  readonly enr: string
  readonly clusterId: number
  /** Those of the network, and those of them that this node relays, keeps and serves. */
  readonly shards: number
  readonly relayShards: number[]
  readonly peers: string[]
  readonly chain: {
    readonly chainId: number
    readonly head: number
    readonly root: Hex
    readonly members: number
    readonly ledger: Hex
    readonly state: 'behind' | 'ready' | 'mismatch'
    readonly endpoints: readonly EndpointStatus[]
  }
  readonly archive: ArchiveInfo
  /** Messages that the operator has had the node forget, and the deny lists that it keeps to. */
  readonly forgotten: {
    readonly messages: number
    readonly denyLists: readonly { readonly name: string; readonly hashes: number }[]
  }
  readonly budgets: BudgetUse
  readonly payments: Readonly<Record<'credited' | 'collected' | 'pending' | 'lost', bigint>>
  /** Requests for message ids since the start: docs/wire/lease.md. */
  readonly leases: { readonly granted: number; readonly taken: number; readonly refused: number }
  readonly courts: CourtsInfo
  /** What was done for those who have no access to the chain, since the start: docs/wire/chain.md. */
  readonly chainRelay: ChainRelayCounts
  readonly rln: {
    readonly accepted: number
    readonly ignored: Readonly<Record<string, number>>
    readonly rejected: Readonly<Record<string, number>>
    readonly slashed: {
      readonly commitment: Hex
      readonly holder: Address
      readonly state: string
      readonly transactionHash?: Hex
    }[]
  }
}

/** Judges a node by what it depends on. Times in milliseconds. */
export function healthOf(state: {
  readonly membership: 'behind' | 'ready' | 'mismatch'
  /** For how long the newest block known was not read for members; 0 if it was. */
  readonly stuckMs: number
  readonly chainSilentMs: number
  readonly awayAfterMs: number
  readonly peers: number
}): NodeHealth {
  const problems: NodeHealth['problems'] = []
  if (state.membership === 'mismatch') problems.push('LEDGER_MISMATCH')
  if (state.membership === 'behind') problems.push('MEMBERS_UNKNOWN')
  const isAway = state.chainSilentMs > state.awayAfterMs
  if (isAway) problems.push('CHAIN_AWAY')
  // A chain that does not answer lets nobody read its members: that is said already.
  if (state.membership === 'ready' && !isAway && state.stuckMs > state.awayAfterMs)
    problems.push('MEMBERS_STUCK')
  if (state.peers === 0) problems.push('NO_PEERS')
  if (state.membership !== 'ready') return { status: 'down', problems }
  const isDegraded = isAway || problems.includes('MEMBERS_STUCK')
  return { status: isDegraded ? 'degraded' : 'ok', problems }
}
