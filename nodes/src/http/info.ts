import type { Address, Hex } from 'viem'
import type { EndpointStatus } from '../chain/endpoint.ts'

/** `ok`; `degraded`: serves, but something is away and retried; `down`: refuses all messages. */
export interface NodeHealth {
  readonly status: 'ok' | 'degraded' | 'down'
  /** What is wrong, in codes. */
  readonly problems: ('CHAIN_AWAY' | 'MEMBERS_UNKNOWN' | 'LEDGER_MISMATCH' | 'NO_PEERS')[]
}

/** What `/info` answers. Amounts in the token's smallest unit. */
export interface NodeInfo {
  readonly operator: { readonly id: number; readonly node: Address; readonly payee: Address | undefined }
  readonly peerId: string
  readonly multiaddrs: string[]
  /** The node record (EIP-778) as text, by which peer exchange tells of the node. */
  readonly enr: string
  readonly clusterId: number
  readonly shards: number
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
  readonly archive: { readonly messages: number }
  readonly payments: { readonly credited: bigint; readonly collected: bigint; readonly pending: bigint }
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
  readonly chainSilentMs: number
  readonly awayAfterMs: number
  readonly peers: number
}): NodeHealth {
  const problems: NodeHealth['problems'] = []
  if (state.membership === 'mismatch') problems.push('LEDGER_MISMATCH')
  if (state.membership === 'behind') problems.push('MEMBERS_UNKNOWN')
  if (state.chainSilentMs > state.awayAfterMs) problems.push('CHAIN_AWAY')
  if (state.peers === 0) problems.push('NO_PEERS')
  if (state.membership !== 'ready') return { status: 'down', problems }
  return { status: problems.includes('CHAIN_AWAY') ? 'degraded' : 'ok', problems }
}
