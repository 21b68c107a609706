import type { Connection, Stream } from '@libp2p/interface'
import { readFrame, WireError, writeFrame } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { Net } from './host.ts'

/** Limits of a request and reply protocol. */
export const ServeConfig = z.strictObject({
  /** Streams of one protocol open at a time on one connection, idle ones included. */
  maxInboundStreams: z.int().positive().default(32),
  /** Milliseconds from the first byte of a request to its last, and again for the reply. */
  timeoutMs: z.int().positive().default(10_000),
  /** Milliseconds that the peer has, after the reply, to close its half of the stream. */
  lingerMs: z.int().positive().default(30_000),
})

/** Who asks. */
export interface Requester {
  /** The peer id as text. */
  readonly peerId: string
  readonly connection: Connection
  /** Aborted when the service stops. */
  readonly signal: AbortSignal
}

export interface RequestProtocol extends z.output<typeof ServeConfig> {
  readonly protocol: string
  readonly maxRequestBytes: number
  /** Answers one request with the bytes of the reply; undefined for a request that has none. */
  answer(request: Uint8Array, from: Requester): Promise<Uint8Array | undefined>
  /** The reply for an error of reading or answering; the one place where errors become wire answers. */
  refuse(error: unknown): Uint8Array | undefined
}

export interface Served {
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Serves a protocol of one request and one reply a stream. Streams may stay idle before the request; after the reply
 * the writing half is closed. Frames that are malformed or too large get `refuse`'s reply.
 */
export function serve(net: Net, log: Logger, spec: RequestProtocol): Served {
  const counts = net.services.requests
  let stopping = new AbortController()

  async function exchange(stream: Stream, connection: Connection): Promise<void> {
    const { signal } = stopping
    const { maxRequestBytes: maxBytes, timeoutMs } = spec
    const from = { peerId: connection.remotePeer.toString(), connection, signal }
    let readAt: number | undefined
    const reply = await readFrame(stream, { maxBytes, timeoutMs, signal })
      .then((request) => {
        readAt = performance.now()
        return spec.answer(request, from)
      })
      .then((answer) => {
        net.services.room.used(connection)
        return answer
      })
      .catch((error: unknown) => {
        if (peerIsGone(error)) throw error
        return spec.refuse(error)
      })
    if (readAt !== undefined) counts.answered(spec.protocol, (performance.now() - readAt) / 1_000)
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    if (reply !== undefined) await writeFrame(stream, reply, { signal: deadline })
    await stream.close({ signal: deadline })
    linger(stream, spec.lingerMs)
  }

  async function handle(stream: Stream, connection: Connection): Promise<void> {
    try {
      await exchange(stream, connection)
    } catch (error) {
      if (!isLeft(error)) counts.dropped(spec.protocol)
      if (!(error instanceof WireError)) log.warn({ err: error, protocol: spec.protocol }, 'Dropped a stream')
      if (error instanceof WireError && error.code === 'CLOSED') await stream.close().catch(() => undefined)
      else stream.abort(error as Error)
    }
  }

  return {
    async start() {
      stopping = new AbortController()
      const { maxInboundStreams } = spec
      await net.handle(spec.protocol, (stream, connection) => void handle(stream, connection), {
        maxInboundStreams,
        runOnLimitedConnection: true,
      })
    },
    async stop() {
      await net.unhandle(spec.protocol)
      stopping.abort()
    },
  }
}

/** The peer closed a stream that it may never have asked on, or the node stops. */
function isLeft(error: unknown): boolean {
  return error instanceof WireError && (error.code === 'CLOSED' || error.code === 'ABORTED')
}

/** True if nobody is left to answer. */
function peerIsGone(error: unknown): boolean {
  if (!(error instanceof WireError)) return false
  return !['TOO_LARGE', 'MALFORMED', 'TRUNCATED'].includes(error.code)
}

/** Frees a stream whose far half stays open. */
function linger(stream: Stream, ms: number): void {
  if (stream.status === 'closed') return
  const timer = setTimeout(
    () => stream.abort(new WireError('The stream was not closed', { code: 'TIMED_OUT', afterMs: ms })),
    ms,
  )
  timer.unref()
  stream.addEventListener('close', () => clearTimeout(timer), { once: true })
}
