import type { Logger } from 'pino'
import { pubsubTopic } from '@teahouse/protocol/wire'
import type { Base } from './base.ts'
import { guardDataDir } from './chain/guard.ts'
import { connectChain } from './chain/node-chain.ts'
import { changedBeside, type NodeConfig } from './config.ts'
import { openDatabases } from './databases.ts'
import { createInbox } from './http/inbox.ts'
import { healthOf, type NodeHealth, type NodeInfo } from './http/info.ts'
import { levelSetter } from './log.ts'
import { connectedPeers, keepPlaces, startHost } from './net/index.ts'
import { readNodeKey, type OpenKey } from './operator/key-file.ts'
import { openApi } from './open-api.ts'
import { openBlobs } from './open-blobs.ts'
import { openChainRelay } from './open-chain-relay.ts'
import { openCourts } from './open-courts.ts'
import { openDiscovery } from './open-discovery.ts'
import { openDrain } from './open-drain.ts'
import { openForgetting } from './open-forgetting.ts'
import { openLeases } from './open-leases.ts'
import { openNet } from './open-net.ts'
import { openPayments } from './open-payments.ts'
import { openProfile } from './open-profile.ts'
import { openReports } from './open-reports.ts'
import { openRln } from './open-rln.ts'
import { openRoots } from './open-roots.ts'
import { openServices } from './open-services.ts'
import { openSync } from './open-sync.ts'
import { openWake } from './open-wake.ts'
import { NodeStateError } from './state-error.ts'
import { stopper, type Stopper } from './stopper.ts'
import { diskBudget } from './storage/index.ts'
import { archive as createArchive, switchedEngine } from './store/index.ts'

/** A service node. */
export interface Node {
  /** Starts everything; throws the typed error of what can't start, having stopped what had. */
  start(): Promise<void>
  /** Refuses new work, ends what is under way, settles, closes. May be called at any time, and twice. */
  stop(): Promise<void>
  health(): NodeHealth
  info(): Promise<NodeInfo>
  /** Applies what a configuration that was read again says of profile and budgets; the rest holds after a restart. Throws SwitchError. */
  reconfigure(config: NodeConfig): Promise<void>
  /** Base address of the HTTP API, once started. */
  readonly apiUrl: string
  /** Resolves when the operator has had it leave and it may be stopped. */
  readonly drained: Promise<void>
}

export interface NodeDeps {
  readonly log: Logger
  /** Milliseconds since 1970; a test may have a clock of its own. */
  readonly now?: () => number
  /** Opens the node key if its file is encrypted. */
  readonly openKey?: OpenKey | undefined
}

type Running = Pick<Node, 'health' | 'info' | 'apiUrl' | 'reconfigure'>

/** Builds a node; nothing runs before `start()`. */
export function createNode(config: NodeConfig, { log, now = Date.now, openKey }: NodeDeps): Node {
  const abort = new AbortController()
  const stops = stopper(log)
  let running: Running | undefined
  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined
  const drained = Promise.withResolvers<void>()

  async function run(): Promise<void> {
    const base = await openBase(config, { log, now, openKey, stops, signal: abort.signal })
    running = await assemble(base, drained.resolve)
    log.info({ apiUrl: running.apiUrl }, 'Started the node')
  }

  function started(): Running {
    if (running) return running
    throw new NodeStateError('The node has not started', { code: 'NOT_STARTED' })
  }

  function stop(): Promise<void> {
    abort.abort()
    return (stopping ??= Promise.resolve(starting)
      .catch(() => undefined)
      .then(() => stops.stopAll()))
  }

  return {
    async start() {
      starting ??= run()
      await starting.catch(async (err: unknown) => {
        await stop()
        throw err
      })
    },
    stop,
    drained: drained.promise,
    health: () => started().health(),
    info: () => started().info(),
    async reconfigure(next) {
      const later = changedBeside(config, next)
      if (later.length > 0) log.warn({ settings: later }, 'These changes of the configuration need a restart')
      await started().reconfigure(next)
    },
    get apiUrl() {
      return started().apiUrl
    },
  }
}

interface BaseDeps {
  readonly log: Logger
  readonly now: () => number
  readonly openKey: OpenKey | undefined
  readonly stops: Stopper
  readonly signal: AbortSignal
}

/** Key, chain and data, in this order: data of another chain is set aside before anything is opened. */
async function openBase(config: NodeConfig, deps: BaseDeps): Promise<Base> {
  const { log, now, stops, signal } = deps
  const { chainId, rpcUrls, contracts, dataDir, clusterId, shards } = config
  const setLogLevel = levelSetter(log)
  const key = await readNodeKey(config.keyFile, deps.openKey)
  const chainLog = log.child({ module: 'chain' })
  const { account } = key
  const chain = await connectChain({
    chainId,
    rpcUrls,
    contracts,
    config: config.chain,
    account,
    log: chainLog,
    signal,
  })
  const guarded = await guardDataDir(
    dataDir,
    { chainId, genesisHash: chain.genesisHash, registry: contracts.MembershipRegistry },
    log,
  )
  stops.add('data folder', () => guarded.release())
  const db = openDatabases(dataDir)
  stops.add('databases', () => db.close())
  const disk = diskBudget({ folder: dataDir, reserve: config.budgets.diskReserveBytes, log })
  await disk.start()
  stops.add('disk', () => disk.stop())
  const engine = switchedEngine()
  const archiveLog = log.child({ module: 'archive' })
  const whole = createArchive({ engine, log: archiveLog, now, room: disk })
  stops.add('archive', () => whole.close())
  const parts = { config, archive: whole, engine, stops, now, log: archiveLog }
  const { archive, forget } = await openForgetting(parts)
  const ownShards = config.relayShards ?? Array.from({ length: shards }, (_, shard) => shard)
  const topics = ownShards.map((shard) => pubsubTopic(clusterId, shard))
  return {
    config,
    log,
    setLogLevel,
    now,
    key,
    chain,
    db,
    archive,
    forget,
    engine,
    disk,
    stops,
    shards: ownShards,
    topics,
  }
}

/** The parts and how they are joined. What starts first stops last. */
async function assemble(base: Base, drained: () => void): Promise<Running> {
  const { config, log, chain, stops, topics } = base
  const payments = await openPayments(base)
  stops.add('sender', () => chain.sender.stop())
  stops.add('settlement', () => payments.settlement.stop())

  const rln = await openRln(base)
  stops.add('chain head', () => chain.head.stop())
  await chain.head.poll().catch((err: unknown) => log.warn({ err }, 'Could not read the chain yet; going on'))
  chain.head.start()

  const { net, table, offenders, bans, budgets } = await openNet(base, {
    verifier: rln.verifier,
    isOperator: (peerId) => discovery.isOperator(peerId),
  })
  const inbox = createInbox(config.api)
  const roots = openRoots(base)
  stops.add('root book', () => roots.close())
  const blobs = openBlobs(base)
  stops.add('blobs', () => blobs.close())
  const courts = await openCourts(base, { content: blobs.store, net, holders: () => discovery.operators() })
  stops.add('courts', () => courts.close())
  const leases = await openLeases(base)
  stops.add('leases', () => leases.close())
  const chainRelay = openChainRelay(base, payments)
  const waking = openWake(base)
  const profile = await openProfile(base, { budgets, parts: () => parts })
  const discovery = await openDiscovery(base, { net, table, profile: () => profile.current })
  const { isOperator, sourcesOf } = discovery
  keepPlaces(net, { topics, isOperator })
  const { forwarding } = budgets
  const sync = openSync(base, { net, rln, isOperator })
  const services = openServices(base, {
    ...{ net, payments, rln, offenders, inbox, waking, forwarding, isOperator },
  })
  const parts = {
    ...services.parts,
    sync,
    roots: roots.part(net, payments.meter.charge),
    blobs: blobs.part(net, payments.meter.charge, courts.issue),
    introductions: discovery.introductions,
  }
  await startHost(net)
  stops.add('host', () => net.stop())
  // Gossip starts with the host, and is a part that a profile may not have.
  await services.parts.relay.stop()
  const always = [
    ...services.always,
    { name: 'lease', service: leases.service(net) },
    { name: 'chain relay', service: chainRelay.service(net) },
    { name: 'wake', service: waking.service(net) },
  ]
  for (const { name, service } of always) {
    await service.start()
    stops.add(name, () => service.stop())
  }
  stops.add('services', () => profile.stop())
  await profile.start()
  payments.settlement.start()

  const health = () =>
    healthOf({
      membership: rln.follower.state,
      stuckMs: rln.stuckMs(),
      chainSilentMs: chain.head.silentMs,
      awayAfterMs: config.chain.awayAfterMs,
      peers: connectedPeers(net).length,
    })
  const drain = openDrain(base, { retire: discovery.retire, profile, payments, drained })
  const counted = {
    ...services,
    net,
    bans,
    health,
    discovery,
    payments,
    rln,
    leases,
    courts,
    chainRelay,
    profile,
    budgets,
    roots,
    blobs,
    drain,
    sync,
    waking,
  }
  const { info, metrics, counter } = openReports(base, counted)
  const { publish } = services
  const api = openApi(base, {
    health,
    info,
    ledger: payments.ledger,
    metrics,
    counter,
    net,
    bans,
    sourcesOf,
    inbox,
    publish,
    roots: roots.desk,
    profile,
    budgets,
    drain,
  })
  await api.start()
  stops.add('http', () => api.stop())

  discovery.start()
  stops.add('discovery', () => discovery.stop())
  return { health, info, apiUrl: api.url, reconfigure: profile.reconfigure }
}
