import { join } from 'node:path'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify, identifyPush, type Identify, type IdentifyPush } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { mplex } from '@libp2p/mplex'
import { ping, type Ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { bandwidth as unlimited, type Bandwidth } from './bandwidth.ts'
import { NetConfig } from './config.ts'
import { listenError } from './errors.ts'
import { wakuGossip } from './gossip.ts'
import { connectionLimits, HEADROOM } from './limits.ts'
import { natServices, type RelayService } from './nat.ts'
import { isRelayed, relayedAddresses } from './relayed-addresses.ts'
import { requests, type Requests } from './requests.ts'
import { room, type Room } from './room.ts'
import { silentSockets } from './silent-sockets.ts'
import { certificateWatch, readCertificate, type CertificateWatch } from './tls.ts'
import { transports } from './transports.ts'

export interface NetDeps {
  /** The node's secp256k1 key, 32 bytes; it is the libp2p identity. */
  readonly privateKey: Uint8Array
  /** The pubsub topics that the node relays. */
  readonly topics: readonly string[]
  /** Peers whose connections are refused. */
  readonly isRefused?: ((peerId: string) => boolean) | undefined
  /** Folder that keeps the certificate of WebRTC. */
  readonly dataDir?: string | undefined
  readonly log?: Logger | undefined
  /** Further libp2p services, by a name of their own. */
  readonly services?: Readonly<Record<string, ServiceFactory>>
  /** Whether a peer is the node of a registered operator. */
  readonly isOperator?: ((peerId: string) => boolean) | undefined
  /** What all connections together may send and receive; no limit without it. */
  readonly bandwidth?: Bandwidth | undefined
}

/** Connections are kept from being closed by what lies between; it costs a peer 0.1 MB a day. */
const KEEPALIVE_MS = 60_000
/**
 * How often a peer has to show that it is there. A ping is a stream of its own: every ten seconds, as is libp2p's custom, it would be
 * 5 MB a day for each node that a phone is connected with. A slow line is given time.
 */
const MONITOR = { pingInterval: 180_000, pingTimeout: { minTimeout: 20_000 } }

/** What libp2p's components are is known to the service that is given them. */
type ServiceFactory = (components: never) => unknown

/** The libp2p host of a node. */
export type Net = Libp2p<
  {
    identify: Identify
    identifyPush: IdentifyPush
    ping: Ping
    pubsub: GossipSub
    room: Room
    requests: Requests
    /** Only where there is a certificate. */
    certificateWatch?: CertificateWatch
  } & RelayService
>

/**
 * Builds the host (TCP, WebSocket and, if it is listened on, WebRTC; noise; yamux, and mplex for js-waku; identify, ping,
 * gossipsub); it listens after `start()`. {@link startHost} turns the errors of starting into NetErrors. @throws NetError, DataError.
 */
export function host(init: z.input<typeof NetConfig> = {}) {
  const config = NetConfig.parse(init)
  return async ({
    privateKey,
    topics,
    isRefused = () => false,
    isOperator,
    bandwidth = unlimited(),
    dataDir,
    log,
    services = {},
  }: NetDeps): Promise<Net> => {
    const { listen, announce, tls } = config
    const certificate = tls && (await readCertificate(tls))
    const webRtcFile = dataDir && join(dataDir, 'webrtc.pem')
    const relayed = listen.filter(isRelayed)
    return createLibp2p({
      privateKey: privateKeyFromRaw(privateKey),
      start: false,
      nodeInfo: { name: 'teahouse', userAgent: 'teahouse' },
      addresses: { listen: listen.filter((address) => !isRelayed(address)), announce },
      transports: await transports({ listen, certificate, webRtcFile, bandwidth }),
      connectionEncrypters: [noise()],
      streamMuxers: [
        yamux({ keepAliveInterval: KEEPALIVE_MS }),
        mplex({ disconnectThreshold: config.mplexStreamsPerSecond }),
      ],
      connectionManager: connectionLimits(config),
      connectionMonitor: MONITOR,
      connectionGater: {
        denyInboundEncryptedConnection: (peerId) => isRefused(peerId.toString()),
        denyDialPeer: (peerId) => isRefused(peerId.toString()),
        denyInboundRelayReservation: (peerId) => isRefused(peerId.toString()),
      },
      services: {
        identify: identify({ maxInboundStreams: 8 }),
        // Tells peers what is served now when that changes.
        identifyPush: identifyPush(),
        ping: ping(),
        pubsub: wakuGossip(topics, isOperator),
        room: room(config.maxConnections, log),
        requests,
        ...natServices(config.nat),
        relayedAddresses: relayedAddresses(relayed, config.nat.relayCheckMs, log),
        silentSockets: silentSockets(config.handshakeMs),
        ...(tls && certificate && { certificateWatch: certificateWatch(tls, certificate, log) }),
        ...services,
      },
    })
  }
}

/** Lets no more connections be open than this: see room.ts. */
export function setMaxConnections(net: Net, connections: number): void {
  const { components } = net as Net & {
    components: { connectionManager: { setMaxConnections(connections: number): void } }
  }
  components.connectionManager.setMaxConnections(connections + HEADROOM)
  net.services.room.setMax(connections)
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
