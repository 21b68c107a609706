import { peerIdFromString } from '@libp2p/peer-id'
import type { PeerId } from '@libp2p/interface'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { BanError, type Bans, type Net } from '../net/index.ts'
import { AnswerError, badRequest } from './errors.ts'
import { peerViews, type PeersOfShard, type PeerView } from './peer-views.ts'

/** What an operator may see of the peers and do to them. All throw AnswerErrors for what is no peer id or address. */
export interface PeerDesk {
  all(): Promise<PeerView[]>
  get(peerId: string): Promise<PeerView | undefined>
  byShard(which: 'relay' | 'mesh'): Promise<PeersOfShard[]>
  /** One after the other; throws AnswerError PEER_UNREACHABLE at the first that does not answer. */
  connect(addresses: readonly string[]): Promise<void>
  /** False if it was not connected. */
  disconnect(peerId: string): Promise<boolean>
  /** On disk when it resolves. */
  ban(peerId: string, seconds?: number): Promise<void>
  unban(peerId: string): Promise<boolean>
  bans(): { peerId: string; until?: string }[]
}

export interface PeerDeskDeps {
  readonly net: Net
  /** The pubsub topics that the node relays. */
  readonly topics: readonly string[]
  readonly bans: Bans
  readonly dialTimeoutMs: number
  /** Who told of a peer. */
  readonly sourcesOf: (peerId: string) => readonly string[]
}

export function peerDesk({ net, topics, bans, dialTimeoutMs, sourcesOf }: PeerDeskDeps): PeerDesk {
  const views = peerViews(net, topics, sourcesOf)

  async function disconnect(text: string): Promise<boolean> {
    const peerId = readPeerId(text)
    if (net.getConnections(peerId).length === 0) return false
    await net.hangUp(peerId)
    return true
  }

  return {
    all: views.all,
    get: (text) => views.get(readPeerId(text)),
    byShard: views.byShard,
    async connect(texts) {
      // All are read before the first is dialled.
      for (const [at, address] of texts.map(readAddress).entries()) {
        try {
          await net.dial(address, { signal: AbortSignal.timeout(dialTimeoutMs) })
        } catch (cause) {
          const what = `Failed to connect to the peer at index ${at}`
          throw new AnswerError(400, 'PEER_UNREACHABLE', what, { cause })
        }
      }
    },
    disconnect,
    async ban(text, seconds) {
      const peerId = readPeerId(text).toString()
      if (peerId === net.peerId.toString()) throw badRequest('body.peerId: this is the node itself')
      const until = seconds === undefined ? {} : { untilMs: Date.now() + seconds * 1_000 }
      await bans.ban({ peerId, ...until }).catch((cause: unknown) => {
        if (!(cause instanceof BanError)) throw cause
        throw new AnswerError(400, cause.code, 'The list of bans is full; unban others first', { cause })
      })
      await disconnect(peerId)
    },
    unban: (text) => bans.unban(readPeerId(text).toString()),
    bans: () =>
      bans.list().map(({ peerId, untilMs }) => ({
        peerId,
        ...(untilMs === undefined ? {} : { until: new Date(untilMs).toISOString() }),
      })),
  }
}

function readPeerId(text: string): PeerId {
  try {
    return peerIdFromString(text)
  } catch (cause) {
    throw badRequest('peerId: not a peer id', { cause })
  }
}

/** A multiaddr whose last part is a peer id. */
function readAddress(text: string, at: number): Multiaddr {
  try {
    const address = multiaddr(text)
    const last = address.getComponents().at(-1)
    if (last?.name === 'p2p' && last.value !== undefined && peerIdFromString(last.value)) return address
  } catch (cause) {
    throw badRequest(`body.${at}: not a multiaddr`, { cause })
  }
  throw badRequest(`body.${at}: the multiaddr does not end in /p2p/…`)
}
