import { join } from 'node:path'
import { hexToBytes } from 'viem'
import type { Base } from './base.ts'
import type { Kademlia } from './discovery/kademlia.ts'
import {
  host,
  offenderBook,
  openBans,
  setMaxConnections,
  type Bans,
  type Net,
  type Offenders,
} from './net/index.ts'
import { openKademlia } from './open-discovery.ts'
import { budgetKeeper, type BudgetKeeper, type Budgeted } from './profile/budget-keeper.ts'

/** Milliseconds in which the offences of a peer are counted. */
const OFFENCE_WINDOW_MS = 60_000

export interface NetParts {
  readonly verifier: Budgeted['verifier']
  /** Whether a peer is the node of a registered operator. */
  readonly isOperator: (peerId: string) => boolean
}

/** The host, who is kept out of it, and what it may use. */
export interface OpenNet {
  readonly net: Net
  /** The host's table of nodes, if the node finds others by one. */
  readonly table: Kademlia | undefined
  readonly offenders: Offenders
  readonly bans: Bans
  readonly budgets: BudgetKeeper
}

/** Builds the libp2p host; it does not listen yet. @throws NetError, DataError, BanError. */
export async function openNet(base: Base, { verifier, isOperator }: NetParts): Promise<OpenNet> {
  const { config, topics, log } = base
  const { maxInvalidProofs: limit, refusalMs } = config.net
  const book = offenderBook({ limit, windowMs: OFFENCE_WINDOW_MS, refusalMs })
  const bans = await openBans(join(config.dataDir, 'bans.json'), base.now)
  const offenders = { ...book, isRefused: (id: string) => book.isRefused(id) || bans.isBanned(id) }
  const table = openKademlia(base)
  const budgets = budgetKeeper()
  const net = await host({ ...config.net, listen: config.listen, announce: config.announce })({
    privateKey: hexToBytes(base.key.privateKey),
    topics,
    isRefused: offenders.isRefused,
    isOperator,
    bandwidth: budgets.bandwidth,
    dataDir: config.dataDir,
    log: log.child({ module: 'net' }),
    services: table ? { kademlia: table.service } : {},
  })
  budgets.watch({
    disk: base.disk,
    verifier,
    connections: {
      setMax: (connections) => setMaxConnections(net, connections),
      count: () => net.getConnections().length,
    },
  })
  return { net, table, offenders, bans, budgets }
}
