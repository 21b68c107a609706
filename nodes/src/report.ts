import { numberToHex } from 'viem'
import type { Base } from './base.ts'
import type { Funds } from './chain/funds.ts'
import type { OpenDiscovery } from './discovery/open.ts'
import type { ArchiveInfo, NodeInfo } from './http/info.ts'
import { connectedPeers, type Net } from './net/index.ts'
import type { Courts } from './open-courts.ts'
import type { ChainRelay } from './open-chain-relay.ts'
import type { Leases } from './open-leases.ts'
import type { NodeProfile } from './open-profile.ts'
import type { Rln } from './open-rln.ts'
import type { Payments } from './payments/payments.ts'
import type { BudgetKeeper } from './profile/budget-keeper.ts'
import { partsOf } from './profile/profiles.ts'

export interface ReportDeps {
  readonly base: Base
  readonly net: Net
  readonly discovery: Pick<OpenDiscovery, 'record'>
  readonly payments: Payments
  readonly rln: Rln
  readonly leases: Pick<Leases, 'counts'>
  readonly courts: Pick<Courts, 'info'>
  readonly chainRelay: Pick<ChainRelay, 'counts'>
  readonly profile: Pick<NodeProfile, 'current'>
  readonly budgets: Pick<BudgetKeeper, 'use'>
  readonly funds: () => Funds | undefined
}

/** What the node says of itself; what can't be read now is left out. */
export async function reportInfo({
  base,
  net,
  discovery,
  payments,
  rln,
  leases,
  courts,
  chainRelay,
  profile,
  budgets,
  funds,
}: ReportDeps): Promise<NodeInfo> {
  const { config, key, chain } = base
  const { clusterId, shards, chainId, operatorId } = config
  const { ledger, state } = rln.follower
  const { offer } = await payments.currentOffer()
  const { number: head } = chain.head.current
  return {
    operator: { id: operatorId, node: key.account.address, payee: offer.payee },
    funds: showFunds(funds()),
    peerId: net.peerId.toString(),
    multiaddrs: net.getMultiaddrs().map(String),
    profile: profile.current,
    parts: [...partsOf(profile.current)],
    enr: await discovery.record(),
    clusterId,
    shards,
    relayShards: [...base.shards],
    peers: connectedPeers(net).map(String),
    chain: {
      chainId,
      head: Number(head),
      root: numberToHex(ledger.root, { size: 32 }),
      members: ledger.memberCount,
      ledger: ledger.ledgerHash,
      state,
      endpoints: chain.endpoints(),
    },
    archive: await archiveInfo(base),
    forgotten: base.forget.counts(),
    budgets: budgets.use(),
    payments: payments.book.totals(),
    leases: leases.counts(),
    courts: courts.info(),
    chainRelay: chainRelay.counts(),
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

function showFunds(funds: Funds | undefined): NodeInfo['funds'] {
  return (
    funds && { coinWei: funds.coinWei, staked: funds.staked, ageSeconds: Math.round(funds.ageMs / 1_000) }
  )
}

/** A database that is away has told the archive's log; here it only has no number. */
export async function archiveInfo({
  archive,
  engine,
}: {
  readonly archive: Pick<Base['archive'], 'totals'>
  readonly engine: Pick<Base['engine'], 'isAttached'>
}): Promise<ArchiveInfo> {
  if (!engine.isAttached) return { state: 'none' }
  try {
    return { state: 'ok', messages: (await archive.totals()).messages }
  } catch {
    return { state: 'away' }
  }
}
