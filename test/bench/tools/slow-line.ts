import { connect, createServer, type Server, type Socket } from 'node:net'
import { tcp } from '@libp2p/tcp'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import type { Transports } from '@teahouse/client'

export interface LineOptions {
  /** In each direction, over all connections together. */
  readonly bitsPerSecond: number
  readonly roundTripMs: number
  /** The part of the segments that are lost, in each direction. */
  readonly loss: number
  /** A number in [0, 1); Math.random by default. */
  readonly random?: () => number
}

/** A slow line between a client and servers of this machine. */
export interface SlowLine {
  /** The port at which the server of `port` is reached over the line. */
  through(port: number): Promise<number>
  /** TCP of libp2p that dials over the line. */
  readonly transports: Transports
  /** Segments that went through, and how many of them were lost once or more. */
  counts(): { readonly segments: number; readonly lost: number }
  stop(): Promise<void>
}

/** What one TCP segment carries, and its headers. */
const SEGMENT_BYTES = 1_400
const HEADER_BYTES = 52
/** TCP's least wait before it sends again what was not acknowledged (RFC 6298 takes 1 s, Linux 200 ms beyond the round trip). */
const RETRANSMIT_MS = 200

/**
 * Shapes bytes as a line with this rate, delay and loss would, in user space: each segment waits for its turn on the line, then
 * for half a round trip. One that is lost comes after TCP's retransmission time, doubled with each further loss, and what
 * follows it on its connection waits for it. Setting up a connection takes one round trip. Netem does this in the kernel,
 * below TCP; here the congestion window is not modelled, and lost segments are never found by duplicate acknowledgements,
 * which is quicker: so the line is kind to long transfers, and hard on short messages, which is what is measured.
 */
export function slowLine({ bitsPerSecond, roundTripMs, loss, random = Math.random }: LineOptions): SlowLine {
  const servers = new Map<number, Server>()
  const sockets = new Set<Socket>()
  const free = { up: 0, down: 0 }
  const counted = { segments: 0, lost: 0 }

  /** Milliseconds that a segment is late because it, or its copies, were lost. */
  function lateness(): number {
    let late = 0
    let wait = roundTripMs + RETRANSMIT_MS
    if (random() >= loss) return 0
    counted.lost++
    do {
      late += wait
      wait *= 2
    } while (random() < loss)
    return late
  }

  /** Passes what `from` sends on to `to`, in order. */
  function shape(from: Socket, to: Socket, direction: 'up' | 'down', openAt: number): void {
    let lastAt = 0
    /** Timers of nearly the same moment don't come in order; what they let through does. */
    const waiting: (() => void)[] = []
    const later = (pass: () => void): void => {
      waiting.push(pass)
      setTimeout(() => waiting.shift()!(), Math.max(0, lastAt - performance.now()))
    }
    from.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += SEGMENT_BYTES) {
        const segment = chunk.subarray(at, at + SEGMENT_BYTES)
        const begins = Math.max(performance.now(), free[direction], openAt)
        free[direction] = begins + ((segment.length + HEADER_BYTES) * 8_000) / bitsPerSecond
        lastAt = Math.max(lastAt, free[direction] + roundTripMs / 2 + lateness())
        counted.segments++
        later(() => void to.write(segment))
      }
    })
    from.on('end', () => later(() => void to.end()))
    from.on('error', () => to.destroy())
    from.on('close', () => sockets.delete(from))
  }

  async function through(port: number): Promise<number> {
    const server =
      servers.get(port) ??
      createServer({ allowHalfOpen: true }, (inside) => {
        const outside = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
        const openAt = performance.now() + roundTripMs + lateness()
        for (const socket of [inside, outside]) sockets.add(socket.setNoDelay())
        shape(inside, outside, 'up', openAt)
        shape(outside, inside, 'down', openAt)
      })
    servers.set(port, server)
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as { port: number }).port
  }

  async function rerouted(address: Multiaddr): Promise<Multiaddr> {
    const parts = address.getComponents()
    const valueOf = (wanted: string) => parts.find(({ name }) => name === wanted)?.value
    const [port, peer] = [await through(Number(valueOf('tcp'))), valueOf('p2p')]
    return multiaddr(`/ip4/127.0.0.1/tcp/${port}${peer ? `/p2p/${peer}` : ''}`)
  }

  const overLine: Transports[number] = (components) => {
    const real = tcp()(components)
    const dial: typeof real.dial = async (address, options) => real.dial(await rerouted(address), options)
    return new Proxy(real, {
      get: (_, name) => {
        if (name === 'dial') return dial
        const value: unknown = Reflect.get(real, name, real)
        return typeof value === 'function' ? value.bind(real) : value
      },
    })
  }

  return {
    through,
    transports: [overLine],
    counts: () => ({ ...counted }),
    async stop() {
      for (const socket of sockets) socket.destroy()
      await Promise.all(
        [...servers.values()].map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
      )
    },
  }
}
