import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify, identifyPush, type Identify, type IdentifyPush } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { mplex } from '@libp2p/mplex'
import { ping, type Ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import { z } from 'zod'
import { bandwidth as unlimited, limited, type Bandwidth } from './bandwidth.ts'
import { NetError } from './errors.ts'
import { wakuGossip } from './gossip.ts'

export const NetConfig = z.strictObject({
  /** Multiaddrs to listen on: TCP and, with `/ws` at the end, WebSocket. Port 0 takes a free one. */
  listen: z.array(z.string()).default(['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']),
  /** Multiaddrs to tell others instead of those listened on. */
  announce: z.array(z.string()).default([]),
  maxConnections: z.int().positive().default(300),
  /** New streams a second on one mplex connection; js-waku opens a burst of them, the library's default is 5. */
  mplexStreamsPerSecond: z.int().positive().default(500),
  /** Invalid proofs of one peer in a minute after which it is disconnected, and milliseconds that it is refused then. */
  maxInvalidProofs: z.int().positive().default(10),
  refusalMs: z.int().positive().default(600_000),
})

export interface NetDeps {
  /** The node's secp256k1 key, 32 bytes; it is the libp2p identity. */
  readonly privateKey: Uint8Array
  /** The pubsub topics that the node relays. */
  readonly topics: readonly string[]
  /** Peers whose connections are refused. */
  readonly isRefused?: ((peerId: string) => boolean) | undefined
  /** Whether a peer is the node of a registered operator. */
  readonly isOperator?: ((peerId: string) => boolean) | undefined
  /** What all connections together may send and receive; no limit without it. */
  readonly bandwidth?: Bandwidth | undefined
}

/** The libp2p host of a node. */
export type Net = Libp2p<{ identify: Identify; identifyPush: IdentifyPush; ping: Ping; pubsub: GossipSub }>

/**
 * Builds the host (tcp and WebSocket; noise; yamux, and mplex for js-waku; identify, ping, gossipsub); it listens
 * after `start()`. {@link startHost} turns the errors of starting into NetErrors.
 */
export function host(init: z.input<typeof NetConfig> = {}) {
  const config = NetConfig.parse(init)
  return ({
    privateKey,
    topics,
    isRefused = () => false,
    isOperator,
    bandwidth = unlimited(),
  }: NetDeps): Promise<Net> =>
    createLibp2p({
      privateKey: privateKeyFromRaw(privateKey),
      start: false,
      nodeInfo: { name: 'teahouse', userAgent: 'teahouse' },
      addresses: { listen: config.listen, announce: config.announce },
      transports: [tcp(), webSockets()].map((transport) => limited(transport, bandwidth)),
      connectionEncrypters: [noise()],
      streamMuxers: [yamux(), mplex({ disconnectThreshold: config.mplexStreamsPerSecond })],
      connectionManager: { maxConnections: config.maxConnections },
      connectionGater: {
        denyInboundEncryptedConnection: (peerId) => isRefused(peerId.toString()),
        denyDialPeer: (peerId) => isRefused(peerId.toString()),
      },
      services: {
        identify: identify({ maxInboundStreams: 8 }),
        // Tells peers what is served now when that changes.
        identifyPush: identifyPush(),
        ping: ping(),
        pubsub: wakuGossip(topics, isOperator),
      },
    })
}

/** Lets no more connections be open than this; if there are more, the least useful ones are closed. */
export function setMaxConnections(net: Net, connections: number): void {
  const { components } = net as Net & {
    components: { connectionManager: { setMaxConnections(connections: number): void } }
  }
  components.connectionManager.setMaxConnections(connections)
}

/** Starts listening. Throws NetError `PORT_TAKEN`, `PORT_FORBIDDEN` or `LISTEN_FAILED` with the addresses asked for. */
export async function startHost(net: Net): Promise<void> {
  try {
    await net.start()
  } catch (cause) {
    await net.stop()
    throw listenError(cause)
  }
}

function listenError(cause: unknown): NetError {
  const text = describe(cause)
  const where = /(?:EADDRINUSE|EACCES)[^\d]*?((?:\d+\.){3}\d+|[\da-f:]+)?:(\d+)/.exec(text)
  const address = where?.[2] === undefined ? undefined : `${where[1] ?? ''}:${where[2]}`
  if (text.includes('EADDRINUSE')) {
    const message = `The address ${address ?? ''} to listen on is taken by another process`
    return new NetError(message, { code: 'PORT_TAKEN', address }, { cause })
  }
  if (text.includes('EACCES')) {
    return new NetError(
      `Not allowed to listen on ${address ?? 'the address'}`,
      { code: 'PORT_FORBIDDEN', address },
      { cause },
    )
  }
  return new NetError(`The node cannot listen: ${text}`, { code: 'LISTEN_FAILED' }, { cause })
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner = error instanceof AggregateError ? error.errors.map(describe) : []
  const cause = error.cause === undefined ? [] : [describe(error.cause)]
  return [error.message, ...inner, ...cause].join('; ')
}
