import { z } from 'zod'
import { AnswerError } from '../errors.ts'
import type { DialledBack } from '../../dial-back/index.ts'
import type { PeerDesk } from '../peers.ts'
import { ok, route, type Route } from '../route.ts'

/** Levels of the Waku REST API and of the node's log, by the node's names. */
const LEVELS = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
} as const
export type LogLevel = (typeof LEVELS)[keyof typeof LEVELS]

export interface AdminRoutesDeps {
  readonly peers: PeerDesk
  readonly setLogLevel: (level: LogLevel) => void
  /** Has peers dial this node's addresses. */
  readonly dialBack: () => Promise<DialledBack[]>
}

const PeerOut = z
  .strictObject({
    multiaddr: z.string(),
    protocols: z.array(z.string()),
    shards: z.array(z.int()).describe('Those that it relays'),
    connected: z.enum(['Connected', 'NotConnected']),
    agent: z.string(),
    origin: z.enum(['inbound', 'outbound', 'unknown']).describe('Who opened the connection'),
    score: z.number().optional().describe('Of gossip'),
    knownFrom: z.array(z.string()).describe('Sources of discovery that told of it'),
  })
  .meta({ id: 'WakuPeer' })
const PeersOfShardsOut = z.array(z.strictObject({ shard: z.int(), peers: z.array(PeerOut) }))

const PeerId = z.string().min(1).max(128)
const PeerPath = z.strictObject({ peerId: PeerId })
/** Addresses in one request. */
const MAX_ADDRESSES = 16
const MAX_BAN_SECONDS = 10 * 365 * 86_400

const FACTS = { tag: 'admin', access: 'admin' } as const
const DONE = { 200: { description: 'Done.' } }

export function adminRoutes({ peers, setLogLevel, dialBack }: AdminRoutesDeps): Route[] {
  return [
    ...peerListRoutes(peers),
    ...peerRoutes(peers),
    ...banRoutes(peers),
    reachabilityRoute(dialBack),
    route(
      {
        ...FACTS,
        method: 'POST',
        path: '/admin/v1/log-level/{logLevel}',
        id: 'setLogLevel',
        summary: 'Changes what the node logs until it is started again',
        params: z.strictObject({
          logLevel: z
            .string()
            .toLowerCase()
            .pipe(z.enum(Object.keys(LEVELS) as (keyof typeof LEVELS)[])),
        }),
        answers: DONE,
      },
      ({ params }) => {
        setLogLevel(LEVELS[params.logLevel])
        return ok()
      },
    ),
  ]
}

const DialledBackOut = z.array(
  z.strictObject({
    peerId: z.string().describe('Who dialled'),
    addresses: z.array(
      z.strictObject({
        multiaddr: z.string(),
        result: z
          .enum(['reached', 'failed', 'untried'])
          .describe('Untried are addresses other than the one that this node is seen to come from'),
      }),
    ),
  }),
)

function reachabilityRoute(dialBack: AdminRoutesDeps['dialBack']): Route {
  return route(
    {
      ...FACTS,
      method: 'POST',
      path: '/admin/v1/reachability',
      id: 'askReachability',
      summary: 'Has some of the connected nodes dial the addresses that this one tells others',
      answers: { 200: { description: 'What they say of each address.', schema: DialledBackOut } },
    },
    async () => ok(await dialBack()),
  )
}

function peerListRoutes(peers: PeerDesk): Route[] {
  const list = (
    path: string,
    id: string,
    summary: string,
    schema: z.ZodType,
    peersNow: () => Promise<unknown>,
  ) =>
    route(
      { ...FACTS, method: 'GET', path, id, summary, answers: { 200: { description: 'The peers.', schema } } },
      async () => ok(await peersNow()),
    )
  const known = z.array(PeerOut)
  return [
    list('/admin/v1/peers', 'getPeers', 'All peers that the node remembers', known, () => peers.all()),
    list('/admin/v1/peers/connected', 'getConnectedPeers', 'The peers that are connected', known, async () =>
      (await peers.all()).filter(({ connected }) => connected === 'Connected'),
    ),
    list('/admin/v1/peers/relay', 'getRelayPeers', 'By shard, who relays it', PeersOfShardsOut, () =>
      peers.byShard('relay'),
    ),
    list('/admin/v1/peers/mesh', 'getMeshPeers', 'By shard, who is in its mesh', PeersOfShardsOut, () =>
      peers.byShard('mesh'),
    ),
  ]
}

function peerRoutes(peers: PeerDesk): Route[] {
  return [
    route(
      {
        ...FACTS,
        method: 'POST',
        path: '/admin/v1/peers',
        id: 'connectPeers',
        summary: 'Connects with peers, by multiaddrs that end in /p2p/…',
        body: z.array(z.string().min(1).max(512)).min(1).max(MAX_ADDRESSES),
        answers: {
          ...DONE,
          400: { description: 'One is no such address, is banned, or can not be reached.' },
        },
      },
      async ({ body }) => {
        await peers.connect(body)
        return ok()
      },
    ),
    route(
      {
        ...FACTS,
        method: 'GET',
        path: '/admin/v1/peer/{peerId}',
        id: 'getPeer',
        summary: 'One peer',
        params: PeerPath,
        answers: {
          200: { description: 'The peer.', schema: PeerOut },
          404: { description: 'The node does not know it.' },
        },
      },
      async ({ params }) => {
        const peer = await peers.get(params.peerId)
        if (!peer) throw new AnswerError(404, 'PEER_UNKNOWN', 'The node does not know this peer')
        return ok(peer)
      },
    ),
    route(
      {
        ...FACTS,
        method: 'DELETE',
        path: '/admin/v1/peer/{peerId}',
        id: 'disconnectPeer',
        summary: 'Disconnects from a peer; either side may connect again',
        params: PeerPath,
        answers: { ...DONE, 404: { description: 'It is not connected.' } },
      },
      async ({ params }) => {
        if (!(await peers.disconnect(params.peerId)))
          throw new AnswerError(404, 'PEER_NOT_CONNECTED', 'The node is not connected with this peer')
        return ok()
      },
    ),
  ]
}

function banRoutes(peers: PeerDesk): Route[] {
  const BanOut = z.strictObject({
    peerId: z.string(),
    until: z.iso.datetime().optional().describe('For good without it'),
  })
  return [
    route(
      {
        ...FACTS,
        method: 'GET',
        path: '/admin/v1/bans',
        id: 'getBans',
        summary: 'Who is banned',
        answers: { 200: { description: 'The bans.', schema: z.array(BanOut) } },
      },
      () => ok(peers.bans()),
    ),
    route(
      {
        ...FACTS,
        method: 'POST',
        path: '/admin/v1/bans',
        id: 'banPeer',
        summary: 'Disconnects from a peer and refuses it from now on, also after a restart',
        body: z.strictObject({
          peerId: PeerId,
          seconds: z.int().positive().max(MAX_BAN_SECONDS).optional().describe('For good without it'),
        }),
        answers: DONE,
      },
      async ({ body: { peerId, seconds } }) => {
        await peers.ban(peerId, seconds)
        return ok()
      },
    ),
    route(
      {
        ...FACTS,
        method: 'DELETE',
        path: '/admin/v1/bans/{peerId}',
        id: 'unbanPeer',
        summary: 'Lets a peer in again',
        params: PeerPath,
        answers: { ...DONE, 404: { description: 'It is not banned.' } },
      },
      async ({ params }) => {
        if (!(await peers.unban(params.peerId)))
          throw new AnswerError(404, 'NOT_BANNED', 'This peer is not banned')
        return ok()
      },
    ),
  ]
}
