import type { LocalNetwork } from '@teahouse/protocol/chain'
import type { Peer } from '../net/peer.ts'
import type { KeyValueStore } from '../storage/store.ts'
import type { ChainWay } from '../chain/chain.ts'
import { chainAgreement, type AgreementOptions } from './agreement.ts'
import { chainEvidence, type Evidence } from './evidence.ts'
import { chainNodes } from './nodes.ts'
import { createRelay, type RelayWaits } from './relay.ts'
import { nodesTransport } from './transport.ts'

export interface NodesWayOptions {
  /** Operator ids to choose from; all that the network's description names without it. */
  readonly operators?: readonly number[]
  /** Also for an account that has coins; without it, only for one that has none. */
  readonly always?: boolean
  /** Blocks below the newest one at which the chain is read; 0 by default, as with an RPC endpoint. At most 100. */
  readonly depth?: number
  readonly waits?: Partial<AgreementOptions & RelayWaits>
}

export interface NodesWayDeps {
  readonly network: LocalNetwork
  readonly peer: Pick<Peer, 'request'>
  readonly storage: KeyValueStore
  /** Pays a node for sending something; see Till.buy. */
  readonly pay: (peerId: string) => Promise<void>
}

/** The way to the chain over operators' nodes: they are asked about it, and they send what is signed. */
export interface NodesWay extends ChainWay {
  readonly evidence: Evidence
}

const MAX_DEPTH = 100

/** Asks nothing yet. Reads go to the nodes only if the network has no RPC endpoint. */
export function openNodesWay(
  { network, peer, storage, pay }: NodesWayDeps,
  options: NodesWayOptions = {},
): NodesWay {
  const evidence = chainEvidence(storage)
  const nodes = chainNodes(network, peer, options.operators)
  const depth = Math.min(options.depth ?? 0, MAX_DEPTH)
  const agreement = chainAgreement({ nodes, evidence, options: { ...options.waits, depth } })
  const witnesses = nodesTransport(network.chainId, agreement)
  return {
    evidence,
    always: options.always ?? false,
    witnesses,
    ...(network.rpcUrl === undefined && { transport: witnesses }),
    relay: (deps) => createRelay({ nodes, network, pay, waits: options.waits ?? {}, ...deps }),
  }
}
