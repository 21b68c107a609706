import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import type { WakuMessage } from '@teahouse/protocol/wire'
import { pino } from 'pino'
import {
  bandwidth,
  gossipPeers,
  host,
  offenderBook,
  startHost,
  type Net,
} from '../../../nodes/src/net/index.ts'
import { pipeline } from '../../../nodes/src/pipeline.ts'
import { relay } from '../../../nodes/src/relay/index.ts'
import { RlnConfig } from '../../../nodes/src/rln/config.ts'
import { NULLIFIER_MIGRATIONS, nullifierLog } from '../../../nodes/src/rln/nullifier-log.ts'
import { rootWaiter } from '../../../nodes/src/rln/root-waiter.ts'
import { createValidator } from '../../../nodes/src/rln/validator.ts'
import type { VerifierPool } from '../../../nodes/src/rln/verifier/index.ts'
import { openDatabase } from '../../../nodes/src/storage/index.ts'
import { archive } from '../../../nodes/src/store/index.ts'
import { recentEngine } from '../../../nodes/src/store/recent-engine.ts'
import { CLUSTER_ID } from '../../support/index.ts'
import { EPOCH_SECONDS, IDENTIFIER, MESSAGES_AT_MS, PUBSUB_TOPIC } from './messages.ts'
import type { Weather } from '../../../scripts/scale/links.ts'
import { slowLinks, type SlowLinks } from './slow-links.ts'

/** A message that a node accepted: when, by the machine's clock in milliseconds, and from which peer. */
export interface Arrival {
  readonly message: number
  readonly at: number
  readonly from: string
}

/** What a node of the profile `relay` does with gossip, without the chain, the HTTP API and the discovery around it. */
export interface RelayNode {
  readonly peerId: string
  readonly address: string
  dial(addresses: readonly string[]): Promise<void>
  /** Links from now on, and the host so many times slower. */
  setWeather(weather: Weather, slowMotion: number): void
  /** Takes a message as from light push: checks it, keeps it, sends it on. Returns when it came and when it went. */
  publish(message: WakuMessage): Promise<{ readonly takenAt: number; readonly sentAt: number }>
  state(): NodeState
  stop(): Promise<void>
}

export interface NodeState {
  readonly arrivals: readonly Arrival[]
  readonly mesh: number
  readonly connections: number
  readonly delays: readonly (readonly [string, number])[]
  /** Bytes on sockets since the start, in and out. */
  readonly received: number
  readonly sent: number
  /** Proofs that were verified and accepted. */
  readonly accepted: number
}

export interface RelayNodeDeps {
  /** One for all nodes of a process. */
  readonly verifier: VerifierPool
  readonly root: bigint
  readonly random: () => number
}

const SHARDS = 8
const DIAL_TRIES = 5
/** As gossip and libp2p have them. */
const HEARTBEAT_MS = 1_000
const PING_MS = { least: 5_000, most: 60_000 } as const
const log = pino({ level: 'silent' })
/** Milliseconds that all processes of this machine count alike. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6
const now = () => MESSAGES_AT_MS

/** The number of a message; see messages.ts. */
const numberOf = ({ payload }: WakuMessage): number =>
  new DataView(payload.buffer, payload.byteOffset).getUint32(0)

/** Starts a node over TCP on loopback: the repository's host, gossip, scoring, validator, nullifier log and relay. */
export async function startRelayNode(deps: RelayNodeDeps): Promise<RelayNode> {
  const traffic = bandwidth()
  const config = RlnConfig.parse({})
  const roots = rootWaiter(config)
  const db = openDatabase(':memory:', NULLIFIER_MIGRATIONS)
  const kept = archive({ engine: recentEngine(), log, now })
  const offenders = offenderBook({ limit: 10, windowMs: 60_000, refusalMs: 600_000 })
  const net: Net = await host({ listen: ['/ip4/127.0.0.1/tcp/0'] })({
    privateKey: crypto.getRandomValues(new Uint8Array(32)),
    topics: [PUBSUB_TOPIC],
    isRefused: offenders.isRefused,
    bandwidth: traffic,
    services: { slowLinks: slowLinks(deps.random) },
  })
  const validator = createValidator(config, {
    network: { clusterId: CLUSTER_ID, shards: SHARDS, epochSeconds: EPOCH_SECONDS },
    rlnIdentifier: IDENTIFIER,
    membership: {
      ready: true,
      rootStatus: (root) => (root === deps.root ? 'current' : 'unknown'),
      revealedSecrets: () => [],
    },
    roots,
    nullifiers: nullifierLog(db),
    verifier: deps.verifier,
    kept: kept.has,
    foundDoubleSignal: () => undefined,
    now,
  })
  const way = pipeline({
    validate: validator.validate,
    archive: kept,
    isForgotten: () => false,
    filter: { push: () => undefined },
    blame: offenders.blame,
    isRefused: offenders.isRefused,
    room: { has: () => true, ranOut: () => undefined },
  })
  return running({
    net,
    way,
    traffic,
    accepted: () => validator.counts().accepted,
    close: async () => {
      roots.stop()
      await kept.close()
      db.close()
    },
  })
}

interface Parts {
  readonly net: Net
  readonly way: ReturnType<typeof pipeline>
  readonly traffic: ReturnType<typeof bandwidth>
  readonly accepted: () => number
  readonly close: () => Promise<void>
}

async function running({ net, way, traffic, accepted, close }: Parts): Promise<RelayNode> {
  const arrivals: Arrival[] = []
  const sources = new WeakMap<WakuMessage, string>()
  const gossip = relay()({
    net,
    topics: [PUBSUB_TOPIC],
    validate: (topic, message, source) => {
      if (source !== undefined) sources.set(message, source)
      return way.validate(topic, message, source)
    },
    accepted: async (topic, message) => {
      await way.accepted(topic, message)
      arrivals.push({ message: numberOf(message), at: machineMs(), from: sources.get(message)! })
    },
    log,
  })
  await startHost(net)
  await gossip.start()
  const { slowLinks: links } = net.services as unknown as { slowLinks: SlowLinks }
  return {
    peerId: net.peerId.toString(),
    address: net.getMultiaddrs()[0]!.toString(),
    async dial(addresses) {
      for (const address of addresses) await dial(net, address)
    },
    setWeather(weather, slowMotion) {
      links.setWeather(weather)
      slowDown(net, slowMotion)
    },
    async publish(message) {
      const takenAt = machineMs()
      const { result, code } = await way.validate(PUBSUB_TOPIC, message)
      if (result !== 'accept') throw new Error(`A message of the bench was refused: ${code}`)
      await way.accepted(PUBSUB_TOPIC, message)
      const sentAt = machineMs()
      await gossip.publish(PUBSUB_TOPIC, message)
      return { takenAt, sentAt }
    },
    state: () => ({
      arrivals,
      mesh: gossipPeers(net.services.pubsub).meshOf(PUBSUB_TOPIC).length,
      connections: net.getConnections().length,
      delays: [...links.delays()],
      received: traffic.down.used,
      sent: traffic.up.used,
      accepted: accepted(),
    }),
    async stop() {
      await gossip.stop()
      await net.stop()
      await close()
    },
  }
}

/** What the host counts by the clock, slower: gossip's heartbeats, and the time after which a ping that is not answered ends a connection. */
function slowDown(net: Net, factor: number): void {
  const { services, components } = net as unknown as {
    services: { pubsub: { opts: { heartbeatInterval: number } } }
    components: { connectionMonitor: { timeout: { minTimeout: number; maxTimeout: number } } }
  }
  services.pubsub.opts.heartbeatInterval = HEARTBEAT_MS * factor
  components.connectionMonitor.timeout.minTimeout = PING_MS.least * factor
  components.connectionMonitor.timeout.maxTimeout = PING_MS.most * factor
}

/** A host takes few new connections a second from one address, and all nodes have the same. */
async function dial(net: Net, address: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await net.dial(multiaddr(address))
      return
    } catch (error) {
      if (attempt === DIAL_TRIES) throw error
      await sleep(200 * attempt)
    }
  }
}
