import nodePackage from '../package.json' with { type: 'json' }
import { parsePubsubTopic } from '@teahouse/protocol/wire'
import type { Base } from './base.ts'
import type { BlobStore } from './blob/index.ts'
import { fundsReader } from './chain/funds.ts'
import type { Discovery } from './discovery/discovery.ts'
import type { Drain } from './drain.ts'
import type { Filter } from './filter/index.ts'
import type { NodeHealth, NodeInfo } from './http/info.ts'
import { httpCounter, type HttpCounter } from './http/use.ts'
import { processReader, writeMetrics, type Readings } from './metrics/index.ts'
import { connectedPeers, gossipPeers, type Bans } from './net/index.ts'
import { partsOf } from './profile/profiles.ts'
import type { Relay } from './relay/index.ts'
import { archiveInfo, reportInfo, type ReportDeps } from './report.ts'
import type { Roots } from './open-roots.ts'
import type { OpenSync } from './open-sync.ts'
import type { Waking } from './open-wake.ts'
import { tally } from './tally.ts'

export interface ReportParts extends Omit<ReportDeps, 'base' | 'funds'> {
  readonly health: () => NodeHealth
  readonly bans: Pick<Bans, 'list'>
  readonly discovery: ReportDeps['discovery'] &
    Pick<Discovery, 'use'> & { isOperator(peerId: string): boolean }
  readonly relay: Pick<Relay, 'counts' | 'isRunning'>
  readonly filter: Pick<Filter, 'subscribers' | 'wanted' | 'counts'>
  readonly roots: Pick<Roots, 'counts'>
  readonly blobs: { readonly store: Pick<BlobStore, 'totals'> }
  readonly drain: Pick<Drain, 'view'>
  readonly sync: Pick<OpenSync, 'counts'>
  readonly waking: Pick<Waking, 'counts'>
}

/** What the node says of itself: `/info` and `/metrics`. */
export interface Reports {
  readonly info: () => Promise<NodeInfo>
  /** All metrics as they are now, in Prometheus' text format. */
  readonly metrics: () => Promise<string>
  /** To be told of each answer of the HTTP API. */
  readonly counter: HttpCounter
}

/** Joins what the parts count anyway; it is read when somebody asks, and not otherwise. */
export function openReports(base: Base, parts: ReportParts): Reports {
  const { config, chain, key, stops } = base
  const funds = fundsReader({
    client: chain.client,
    staking: config.contracts.OperatorStaking,
    node: key.account.address,
    operatorId: config.operatorId,
  })
  stops.add('funds', funds.idle)
  const own = processReader()
  stops.add('process reader', own.stop)
  const counter = httpCounter()

  async function read(): Promise<Readings> {
    return {
      ...(await readParts(base, parts)),
      process: await own.read(),
      http: counter.read(),
      funds: funds.read(),
    }
  }

  return {
    info: () => reportInfo({ base, ...parts, funds: funds.read }),
    metrics: async () => writeMetrics(await read()),
    counter,
  }
}

async function readParts(
  base: Base,
  parts: ReportParts,
): Promise<Omit<Readings, 'process' | 'http' | 'funds'>> {
  const { chain, archive } = base
  const { net, payments, profile, filter } = parts
  return {
    version: nodePackage.version,
    profile: profile.current,
    parts: partsOf(profile.current),
    health: parts.health(),
    peers: peersOf(base, parts),
    requests: net.services.requests.read(),
    relay: parts.relay.counts(),
    filter: {
      subscribers: filter.subscribers(),
      criteria: filter.wanted().length,
      pushes: filter.counts(),
    },
    rln: rlnOf(parts.rln),
    archive: { ...(await archiveInfo(base)), ...archive.use() },
    payments: {
      ...payments.book.totals(),
      charges: payments.meter.counts(),
      vouchers: payments.desk.counts(),
      settlements: payments.settlement.counts(),
    },
    chain: {
      ...chain.sender.use,
      head: Number(chain.head.current.number),
      headTime: chain.head.current.timestamp,
      silentMs: chain.head.silentMs,
      endpoints: chain.endpoints(),
      quorum: chain.quorum,
    },
    discovery: parts.discovery.use(),
    budgets: parts.budgets.use(),
    leases: parts.leases.counts(),
    blobs: parts.blobs.store.totals(),
    courts: parts.courts.info(),
    chainRelay: parts.chainRelay.counts(),
    drain: parts.drain.view().state,
    roots: parts.roots.counts(),
    sync: parts.sync.counts(),
    wakes: parts.waking.counts(),
  }
}

function peersOf({ topics }: Base, { net, bans, discovery, relay }: ReportParts): Readings['peers'] {
  const { meshOf } = gossipPeers(net.services.pubsub)
  const directions = tally<'inbound' | 'outbound'>()
  for (const { direction } of net.getConnections()) directions.add(direction)
  const relayed = relay.isRunning() ? topics : []
  return {
    connections: { inbound: 0, outbound: 0, ...directions.counts() },
    operators: connectedPeers(net).filter((peerId) => discovery.isOperator(peerId.toString())).length,
    madeRoom: net.services.room.closed,
    bans: bans.list().length,
    mesh: new Map(relayed.map((topic) => [parsePubsubTopic(topic).shard, meshOf(topic).length])),
    certificateExpiresAt: net.services.certificateWatch?.expiresAt,
  }
}

function rlnOf({ validator, slasher, verifier, follower, stuckMs }: ReportParts['rln']): Readings['rln'] {
  const cases = tally()
  for (const { state } of slasher.cases()) cases.add(state)
  return {
    ...validator.counts(),
    slashed: cases.counts(),
    waiting: verifier.waiting,
    members: follower.ledger.memberCount,
    stuckMs: stuckMs(),
  }
}
