import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import type { Connection, Stream } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import { webSockets } from '@libp2p/websockets'
import { multiaddr } from '@multiformats/multiaddr'
import { MAX_MESSAGE_FRAME_BYTES, request } from '@teahouse/protocol/wire'
import { createLibp2p, type Libp2pOptions } from 'libp2p'
import { loadOnce } from '../loaded-later.ts'
import { NetError } from './errors.ts'

export type Transports = NonNullable<Libp2pOptions['transports']>

/** Where a node answers. */
export interface Endpoint {
  readonly peerId: string
  readonly multiaddrs: readonly string[]
}

export interface RequestOptions {
  readonly maxBytes?: number
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

export type Peer = ReturnType<typeof createPeer>

const TIMEOUT_MS = 10_000
/** Connecting takes six round trips, and more where segments are lost: at one address, and at all of them. */
const DIAL_MS = { address: 12_000, all: 30_000 }

export interface PeerOptions {
  readonly transports?: Transports | undefined
  /** Dials any address that a node is registered with; in a page, libp2p leaves out private and insecure ones otherwise. */
  readonly dialAnything?: boolean | undefined
  /** Told when no address of a node leads to it. */
  readonly onUnreachable?: ((peerId: string) => void) | undefined
}

/**
 * A light libp2p peer: dials, never listens, and has a fresh identity that says nothing about its account.
 * Nothing runs before the first request.
 */
export function createPeer({ transports = [webSockets()], dialAnything, onUnreachable }: PeerOptions = {}) {
  const started = loadOnce(() =>
    createLibp2p({
      addresses: { listen: [] },
      transports,
      connectionEncrypters: [noise()],
      // Nodes keep connections alive, and tell when they are not.
      streamMuxers: [yamux({ enableKeepAlive: false })],
      services: { identify: identify(), ping: ping() },
      connectionMonitor: { enabled: false },
      connectionManager: { addressDialTimeout: DIAL_MS.address, dialTimeout: DIAL_MS.all },
      ...(dialAnything && { connectionGater: { denyDialMultiaddr: () => false } }),
    }),
  )

  /** By peer id. A request that gives up doesn't end what the next one can use. */
  const dialling = new Map<string, Promise<Connection>>()

  async function connect({ peerId, multiaddrs }: Endpoint): Promise<Connection> {
    const libp2p = await started.get()
    const addresses = multiaddrs.map((address) => withPeerId(address, peerId))
    return await libp2p.dial(addresses, { signal: AbortSignal.timeout(DIAL_MS.all) })
  }

  function connection(endpoint: Endpoint): Promise<Connection> {
    const { peerId } = endpoint
    const known = dialling.get(peerId)
    if (known) return known
    const dialled = connect(endpoint).finally(() => dialling.delete(peerId))
    dialling.set(peerId, dialled)
    return dialled
  }

  async function dial(endpoint: Endpoint, signal: AbortSignal): Promise<Connection> {
    try {
      return await orAbort(connection(endpoint), signal)
    } catch (cause) {
      const { peerId } = endpoint
      onUnreachable?.(peerId)
      throw new NetError(`Can't reach the node ${peerId}`, { code: 'UNREACHABLE', peerId }, { cause })
    }
  }

  return {
    /** Sends one frame on a stream of its own and returns the one frame of the answer. Throws NetError. */
    async request(endpoint: Endpoint, protocol: string, bytes: Uint8Array, options: RequestOptions = {}) {
      const { timeoutMs = TIMEOUT_MS, maxBytes = MAX_MESSAGE_FRAME_BYTES } = options
      const signal = deadline(options.signal, timeoutMs)
      const connection = await dial(endpoint, signal)
      try {
        const stream = await connection.newStream(protocol, { signal })
        return await request(stream, bytes, { signal, maxBytes, timeoutMs })
      } catch (cause) {
        options.signal?.throwIfAborted()
        const { peerId } = endpoint
        const message = `The node ${peerId} gave no answer on ${protocol}`
        throw new NetError(message, { code: 'NO_ANSWER', peerId, protocol }, { cause })
      }
    },
    /** Answers streams that nodes open to us. */
    async handle(
      protocol: string,
      handler: (stream: Stream, peerId: string) => Promise<void>,
    ): Promise<void> {
      const libp2p = await started.get()
      await libp2p.handle(
        protocol,
        (stream, connection) => handler(stream, connection.remotePeer.toString()),
        {
          force: true,
          maxInboundStreams: 64,
        },
      )
    },
    /** Calls `listener` when the connection to any node is gone; returns how to stop. */
    async onDisconnect(listener: (peerId: string) => void): Promise<() => void> {
      const libp2p = await started.get()
      const forward = (event: CustomEvent<{ toString(): string }>) => listener(event.detail.toString())
      libp2p.addEventListener('peer:disconnect', forward)
      return () => libp2p.removeEventListener('peer:disconnect', forward)
    },
    stop: async () => {
      const libp2p = await started.peek()
      await libp2p?.stop()
    },
  }
}

function withPeerId(address: string, peerId: string) {
  const parsed = multiaddr(address)
  return parsed.getComponents().some(({ name }) => name === 'p2p')
    ? parsed
    : parsed.encapsulate(`/p2p/${peerId}`)
}

/** What a promise gives, unless `signal` comes first: then its reason is thrown, and the promise goes on. */
async function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function deadline(signal: AbortSignal | undefined, timeoutMs: number): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs)
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}
