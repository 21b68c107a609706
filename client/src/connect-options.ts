import type { LocalNetwork } from '@teahouse/protocol/chain'
import type { Address } from 'viem'
import type { Account } from './account/account.ts'
import type { NodesWayOptions } from './chain-relay/open.ts'
import type { ProverSource } from './messaging/proving.ts'
import type { Transports } from './net/peer.ts'
import type { MemberQuotaOptions } from './payments/member-quota.ts'
import type { KeyValueStore } from './storage/store.ts'

/** What a client is made of. */
export interface ConnectOptions {
  readonly network: LocalNetwork
  readonly account: Account
  /** Durable memory of this account on this device; it must not be shared with another device. */
  readonly storage: KeyValueStore
  /** The RLN circuit's files, or how to load them or to open a prover in a worker when the first proof is made. */
  readonly artifacts: ProverSource
  /** Where prepared slots are kept; never part of a backup. In memory, for this run, by default. */
  readonly slots?: KeyValueStore
  /** The key that seals slots; derived from the account by default. */
  readonly slotKey?: () => Promise<CryptoKey>
  /** libp2p transports; websockets by default. */
  readonly transports?: Transports
  /** Dials private and insecure addresses from a page as well; only for a page that is itself served from there. */
  readonly dialAnything?: boolean
  /**
   * Takes the Merkle path from nodes instead of reading every member from the chain: three operators have to sign the
   * same root. `operators` names those to choose from; all with stake without it.
   */
  readonly light?: { readonly operators?: readonly number[] } | undefined
  /**
   * Has operators' nodes send what this account signs when it has no coins. Always so without an RPC endpoint in `network`; then they are asked about the
   * chain, too, and `light` is the default.
   */
  readonly nodes?: NodesWayOptions | undefined
  /** When the account's membership is shown, without saying whose it is, to the operator that it names as its home, for free requests. */
  readonly memberQuota?: MemberQuotaOptions | undefined
  /** Reads a file that lies beside the code: the circuit of claims for groups. Without it there are none. */
  readonly readArtifact?: (url: URL) => Promise<Uint8Array>
  /** Tokens that are paid with besides the deployment's own. */
  readonly tokens?: readonly Address[]
  /** Makes sure that no other process uses this device's chat, until the result is called. Node: a lock file. */
  readonly hold?: () => Promise<() => void>
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Stops the client. */
  readonly signal?: AbortSignal
}
