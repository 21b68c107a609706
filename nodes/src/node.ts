import { join } from 'node:path'
import type { Logger } from 'pino'
import { hexToBytes } from 'viem'
import { pubsubTopic } from '@teahouse/protocol/wire'
import type { Base } from './base.ts'
import { guardDataDir } from './chain/guard.ts'
import { connectChain } from './chain/node-chain.ts'
import type { NodeConfig } from './config.ts'
import { openDatabases } from './databases.ts'
import { createInbox } from './http/inbox.ts'
import { healthOf, type NodeHealth, type NodeInfo } from './http/info.ts'
import { levelSetter } from './log.ts'
import { host, offenderBook, openBans, startHost } from './net/index.ts'
import { readNodeKey } from './operator/key-file.ts'
import { openApi } from './open-api.ts'
import { openDiscovery, openKademlia } from './open-discovery.ts'
import { openPayments } from './open-payments.ts'
import { openRln } from './open-rln.ts'
import { openServices } from './open-services.ts'
import { openSync } from './open-sync.ts'
import { reportInfo } from './report.ts'
import { NodeStateError } from './state-error.ts'
import { stopper, type Stopper } from './stopper.ts'
import { openArchive } from './store/index.ts'

/** A service node. */
export interface Node {
  /** Starts everything; throws the typed error of what can't start, having stopped what had. */
  start(): Promise<void>
  /** Refuses new work, ends what is under way, settles, closes. May be called at any time, and twice. */
  stop(): Promise<void>
  health(): NodeHealth
  info(): Promise<NodeInfo>
  /** Base address of the HTTP API, once started. */
  readonly apiUrl: string
}

export interface NodeDeps {
  readonly log: Logger
  /** Milliseconds since 1970; a test may have a clock of its own. */
  readonly now?: () => number
}

/** Milliseconds in which the offences of a peer are counted. */
const OFFENCE_WINDOW_MS = 60_000

type Running = Pick<Node, 'health' | 'info' | 'apiUrl'>

/** Builds a node; nothing runs before `start()`. */
export function createNode(config: NodeConfig, { log, now = Date.now }: NodeDeps): Node {
  const abort = new AbortController()
  const stops = stopper(log)
  let running: Running | undefined
  let starting: Promise<void> | undefined
  let stopping: Promise<void> | undefined

  async function run(): Promise<void> {
    running = await assemble(await openBase(config, { log, now, stops, signal: abort.signal }))
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
    health: () => started().health(),
    info: () => started().info(),
    get apiUrl() {
      return started().apiUrl
    },
  }
}

interface BaseDeps {
  readonly log: Logger
  readonly now: () => number
  readonly stops: Stopper
  readonly signal: AbortSignal
}

/** Key, chain and data, in this order: data of another chain is set aside before anything is opened. */
async function openBase(config: NodeConfig, { log, now, stops, signal }: BaseDeps): Promise<Base> {
  const { chainId, rpcUrls, contracts, dataDir, clusterId, shards } = config
  const setLogLevel = levelSetter(log)
  const key = await readNodeKey(config.keyFile)
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
  const archiveLog = log.child({ module: 'archive' })
  const archive = await openArchive(config.store.database, { dataDir, log: archiveLog, now })
  stops.add('archive', () => archive.close())
  const topics = Array.from({ length: shards }, (_, shard) => pubsubTopic(clusterId, shard))
  return { config, log, setLogLevel, now, key, chain, db, archive, stops, topics }
}

/** The parts and how they are joined. What starts first stops last. */
async function assemble(base: Base): Promise<Running> {
  const { config, log, chain, archive, stops, topics } = base
  const payments = await openPayments(base)
  stops.add('sender', () => chain.sender.stop())
  stops.add('settlement', () => payments.settlement.stop())

  const rln = await openRln(base)
  stops.add('chain head', () => chain.head.stop())
  await chain.head.poll().catch((err: unknown) => log.warn({ err }, 'Could not read the chain yet; going on'))
  chain.head.start()

  const { maxInvalidProofs: limit, refusalMs } = config.net
  const book = offenderBook({ limit, windowMs: OFFENCE_WINDOW_MS, refusalMs })
  const bans = await openBans(join(config.dataDir, 'bans.json'), base.now)
  const offenders = { ...book, isRefused: (id: string) => book.isRefused(id) || bans.isBanned(id) }
  const table = openKademlia(base)
  const net = await host({ ...config.net, listen: config.listen, announce: config.announce })({
    privateKey: hexToBytes(base.key.privateKey),
    topics,
    isRefused: offenders.isRefused,
    services: table ? { kademlia: table.service } : {},
  })
  const inbox = createInbox(config.api)
  const { services, publish } = openServices(base, { net, payments, rln, offenders, inbox })
  const discovery = await openDiscovery(base, { net, table })
  const sync = await openSync(base, { net, rln, isOperator: discovery.isOperator })
  await startHost(net)
  stops.add('host', () => net.stop())
  for (const { name, service } of [...services, ...discovery.services]) {
    await service.start()
    stops.add(name, () => service.stop())
  }
  payments.settlement.start()

  const health = () =>
    healthOf({
      membership: rln.follower.state,
      chainSilentMs: chain.head.silentMs,
      awayAfterMs: config.chain.awayAfterMs,
      peers: net.getPeers().length,
    })
  const info = () =>
    reportInfo({ config, node: base.key.account.address, net, discovery, chain, archive, payments, rln })
  const api = openApi(base, { health, info, net, bans, sourcesOf: discovery.sourcesOf, inbox, publish })
  await api.start()
  stops.add('http', () => api.stop())

  discovery.start()
  stops.add('discovery', () => discovery.stop())
  await sync?.start()
  stops.add('sync', () => sync?.stop())
  return { health, info, apiUrl: api.url }
}
