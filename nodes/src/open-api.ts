import nodePackage from '../package.json' with { type: 'json' }
import type { Base } from './base.ts'
import { askDialBack } from './dial-back/index.ts'
import type { Drain } from './drain.ts'
import { createApi, type Api } from './http/api.ts'
import type { Inbox } from './http/inbox.ts'
import type { NodeHealth, NodeInfo } from './http/info.ts'
import { peerDesk } from './http/peers.ts'
import type { HttpCounter } from './http/use.ts'
import type { Publish } from './http/routes/relay.ts'
import type { Bans, Net } from './net/index.ts'
import { ledgerCsv, type Ledger } from './payments/ledger.ts'
import type { NodeProfile } from './open-profile.ts'
import type { BudgetKeeper } from './profile/budget-keeper.ts'
import { partsOf } from './profile/profiles.ts'
import type { RootDesk } from './roots/index.ts'

export interface ApiParts {
  readonly health: () => NodeHealth
  readonly info: () => Promise<NodeInfo>
  readonly ledger: Ledger
  readonly metrics: () => Promise<string>
  readonly counter: HttpCounter
  readonly net: Net
  readonly bans: Bans
  readonly sourcesOf: (peerId: string) => readonly string[]
  readonly inbox: Inbox
  readonly publish: Publish
  readonly roots: RootDesk
  readonly profile: NodeProfile
  readonly budgets: Pick<BudgetKeeper, 'use'>
  readonly drain: Drain
}

/** Builds the HTTP API over the parts of the node. */
export function openApi(
  base: Base,
  {
    health,
    info,
    ledger,
    metrics,
    counter,
    net,
    bans,
    sourcesOf,
    inbox,
    publish,
    roots,
    profile,
    budgets,
    drain,
  }: ApiParts,
): Api {
  const { config, archive, forget, topics, setLogLevel, log } = base
  const { clusterId, shards } = config
  const { pageSize, maxPageSize } = config.store
  const { maxPageBytes, dialTimeoutMs } = config.api
  return createApi(config.api, {
    health,
    info,
    ledger: async () => ledgerCsv(await ledger.entries()),
    metrics,
    counter,
    relay: { publish, inbox, topics },
    store: {
      messages: archive,
      topics,
      isServed: () => partsOf(profile.current).includes('store'),
      network: { clusterId, shards },
      peerId: net.peerId.toString(),
      pageSize,
      maxPageSize,
      maxPageBytes,
    },
    roots: { desk: roots },
    admin: {
      peers: peerDesk({ net, topics, bans, dialTimeoutMs, sourcesOf }),
      setLogLevel,
      dialBack: () => askDialBack(net, { isOperator: (peerId) => sourcesOf(peerId).includes('registry') }),
    },
    profile: { current: () => profile.current, budgets: budgets.use, switchTo: profile.switchTo },
    drain,
    forget,
    dataDir: config.dataDir,
    version: nodePackage.version,
    log: log.child({ module: 'http' }),
  })
}
