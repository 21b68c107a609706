import { numberToHex, type Address } from 'viem'
import type { NodeChain } from './chain/node-chain.ts'
import type { NodeConfig } from './config.ts'
import type { NodeInfo } from './http/info.ts'
import type { OpenDiscovery } from './discovery/open.ts'
import type { Net } from './net/index.ts'
import type { Rln } from './open-rln.ts'
import type { Payments } from './payments/payments.ts'
import type { Archive } from './store/index.ts'

export interface ReportDeps {
  readonly config: Pick<NodeConfig, 'operatorId' | 'clusterId' | 'shards' | 'chainId'>
  readonly node: Address
  readonly net: Net
  readonly discovery: Pick<OpenDiscovery, 'record'>
  readonly chain: NodeChain
  readonly archive: Pick<Archive, 'totals'>
  readonly payments: Payments
  readonly rln: Rln
}

/** What the node says of itself. */
export async function reportInfo({
  config,
  node,
  net,
  discovery,
  chain,
  archive,
  payments,
  rln,
}: ReportDeps): Promise<NodeInfo> {
  const { clusterId, shards, chainId, operatorId } = config
  const { ledger, state } = rln.follower
  const { offer } = await payments.currentOffer()
  const { number: head } = chain.head.current
  return {
    operator: { id: operatorId, node, payee: offer.payee },
    peerId: net.peerId.toString(),
    multiaddrs: net.getMultiaddrs().map(String),
    enr: await discovery.record(),
    clusterId,
    shards,
    peers: net.getPeers().map(String),
    chain: {
      chainId,
      head: Number(head),
      root: numberToHex(ledger.root, { size: 32 }),
      members: ledger.memberCount,
      ledger: ledger.ledgerHash,
      state,
      endpoints: chain.endpoints(),
    },
    archive: { messages: (await archive.totals()).messages },
    payments: payments.book.totals(),
    rln: {
      ...rln.validator.counts(),
      slashed: rln.slasher.cases().map(({ commitment, holder, state: caseState, transactionHash }) => ({
        commitment: numberToHex(commitment, { size: 32 }),
        holder,
        state: caseState,
        ...(transactionHash === undefined ? {} : { transactionHash }),
      })),
    },
  }
}
