import type { MultiaddrConnection, StreamMuxerFactory, Transport, Upgrader } from '@libp2p/interface'
import { limitConnection, type Lines } from './limited-connection.ts'
import { limitStreams } from './limited-streams.ts'
import { tokenBucket } from '../token-bucket.ts'

/** Bytes that a connection may send in one turn when several wait. */
const TURN_BYTES = 16 * 1024
/** Seconds of unused bandwidth that may be used later. */
const BURST_SECONDS = 0.25

/** Bytes a second over all connections; undefined for no limit. */
interface BandwidthLimits {
  readonly up: number | undefined
  readonly down: number | undefined
}

/** What all connections of a host together send and receive, and may. */
export interface Bandwidth extends Lines {
  setLimits(limits: BandwidthLimits): void
}

export function bandwidth(): Bandwidth {
  const up = tokenBucket({ turn: TURN_BYTES, burstSeconds: BURST_SECONDS })
  const down = tokenBucket({ turn: TURN_BYTES, burstSeconds: BURST_SECONDS })
  return {
    up,
    down,
    setLimits(limits) {
      up.setRate(limits.up)
      down.setRate(limits.down)
    },
  }
}

type TransportFactory<Components> = (components: Components) => Transport

/**
 * A transport whose connections keep to the bandwidth: it counts the bytes as the socket has them, handshakes included, and what is over the
 * limit waits. Of a transport that brings streams of its own (WebRTC), it counts what these carry. Connections over another one's relay are
 * counted there.
 */
export function limited<Components>(
  transport: TransportFactory<Components>,
  budget: Bandwidth,
): TransportFactory<Components> {
  return (components) => {
    const inner = transport(components)
    const { dial, createListener } = inner
    inner.dial = (address, options) =>
      dial.call(inner, address, { ...options, upgrader: limitedUpgrader(options.upgrader, budget) })
    inner.createListener = (options) =>
      createListener.call(inner, { ...options, upgrader: limitedUpgrader(options.upgrader, budget) })
    return inner
  }
}

interface UpgradeOptions {
  /** Of a transport that brings streams of its own. */
  readonly muxerFactory?: StreamMuxerFactory
}

/** The upgrader, given connections that keep to the bandwidth in place of the raw ones. */
function limitedUpgrader(upgrader: Upgrader, budget: Bandwidth): Upgrader {
  const swapped = (method: 'upgradeInbound' | 'upgradeOutbound') =>
    ((connection: MultiaddrConnection, options: UpgradeOptions) => {
      const isRelayed = connection.remoteAddr.getComponents().some(({ name }) => name === 'p2p-circuit')
      const { muxerFactory } = options
      const upgrade = upgrader[method] as (
        connection: MultiaddrConnection,
        options: UpgradeOptions,
      ) => unknown
      if (isRelayed) return upgrade.call(upgrader, connection, options)
      if (muxerFactory)
        return upgrade.call(upgrader, connection, {
          ...options,
          muxerFactory: limitStreams(muxerFactory, budget),
        })
      return upgrade.call(upgrader, limitConnection(connection, budget), options)
    }) as never
  return new Proxy(upgrader, {
    get(target, name) {
      if (name === 'upgradeInbound' || name === 'upgradeOutbound') return swapped(name)
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
