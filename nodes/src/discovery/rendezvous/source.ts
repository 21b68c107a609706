import type { Connection } from '@libp2p/interface'
import { decode, PROTOCOLS, RendezvousMessage, request } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import type { Net } from '../../net/index.ts'
import type { Candidate } from '../candidates.ts'
import { shuffled } from '../choose.ts'
import { paced, peersThatSpeak } from '../peers.ts'
import type { Source } from '../source.ts'
import { MAX_ANSWER_BYTES, MAX_REGISTRATIONS, STATUS, TYPE } from './messages.ts'
import { readPeerRecord, signPeerRecord } from './peer-record.ts'

/** Seconds that a registration lasts; it is renewed at half of that. */
const TTL_SECONDS = 600
/** Points asked at a time, and registrations to ask one for (WAKU-RENDEZVOUS). */
const ASKED = 3
const WANTED = 12
const TIMEOUT_MS = 5_000

export interface RendezvousSourceDeps {
  readonly net: Net
  /** The node key, 32 bytes. */
  readonly privateKey: Uint8Array
  /** Those of the shards that the node relays. */
  readonly namespaces: readonly string[]
  readonly log: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Registers this node with rendezvous points among its peers, and asks them for others. */
export function rendezvousSource(
  { intervalMs, askMs }: { readonly intervalMs: number; readonly askMs: number },
  { net, privateKey, namespaces, log, now }: RendezvousSourceDeps,
): Source {
  const asking = paced(askMs)
  const registering = paced((TTL_SECONDS * 1_000) / 2)
  /** Where the last answer of a point ended. */
  const pages = new WeakMap<Connection, Pick<NonNullable<RendezvousMessage['discover']>, 'ns' | 'cookie'>>()

  async function send(connection: Connection, message: RendezvousMessage, signal: AbortSignal) {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
    const stream = await connection.newStream(PROTOCOLS.rendezvous, { signal: patience })
    const options = { maxBytes: MAX_ANSWER_BYTES, timeoutMs: TIMEOUT_MS, signal }
    const bytes = await request(stream, RendezvousMessage.encode(message), options)
    return decode(RendezvousMessage, bytes, { discoverResponse: { registrations: MAX_REGISTRATIONS } })
  }

  async function register(connection: Connection, signal: AbortSignal): Promise<void> {
    const addresses = net.getMultiaddrs()
    if (addresses.length === 0) return
    const signedPeerRecord = await signPeerRecord(privateKey, addresses, BigInt(now()))
    for (const ns of namespaces) {
      const message = { type: TYPE.register, register: { ns, signedPeerRecord, ttl: BigInt(TTL_SECONDS) } }
      const { registerResponse } = await send(connection, message, signal)
      if (registerResponse?.status === STATUS.ok) continue
      const { status, statusText } = registerResponse ?? {}
      log.debug({ peerId: connection.remotePeer.toString(), status, statusText }, 'Was not registered')
      break
    }
    registering.done(connection)
  }

  /** Some of one shard: all nodes of this network relay all. The next time it is those that follow, from the first again at the end. */
  async function discover(connection: Connection, signal: AbortSignal): Promise<Candidate[]> {
    const { ns, cookie } = pages.get(connection) ?? { ns: shuffled(namespaces)[0] }
    const discover = { ns, limit: BigInt(WANTED), cookie }
    const { discoverResponse } = await send(connection, { type: TYPE.discover, discover }, signal)
    const registrations = discoverResponse?.registrations.slice(0, WANTED) ?? []
    if (registrations.length < WANTED) pages.delete(connection)
    else pages.set(connection, { ns, cookie: discoverResponse?.cookie })
    const records = registrations.flatMap(({ signedPeerRecord }) =>
      signedPeerRecord ? [readPeerRecord(signedPeerRecord)] : [],
    )
    return (await Promise.all(records)).filter((peer) => peer !== undefined)
  }

  async function meet(connection: Connection, signal: AbortSignal): Promise<Candidate[]> {
    try {
      asking.done(connection)
      if (registering.isDue(connection)) await register(connection, signal)
      return await discover(connection, signal)
    } catch (err) {
      pages.delete(connection)
      log.debug({ err, peerId: connection.remotePeer.toString() }, 'A rendezvous point did not answer')
      return []
    }
  }

  return {
    name: 'rendezvous',
    everyMs: intervalMs,
    async find(signal) {
      const points = await peersThatSpeak(net, PROTOCOLS.rendezvous)
      const due = shuffled(points.filter(asking.isDue)).slice(0, ASKED)
      return (await Promise.all(due.map((connection) => meet(connection, signal)))).flat()
    },
  }
}
