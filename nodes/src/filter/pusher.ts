import type { Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { PROTOCOLS, WireError, writeFrame } from '@teahouse/protocol/wire'
import type { Net } from '../net/index.ts'
import { tally, type Tally } from '../tally.ts'

export interface PusherLimits {
  /** Frames that may wait for one peer; the oldest is dropped for the next. */
  readonly maxQueued: number
  /** Milliseconds to open a stream, and to write a frame. */
  readonly timeoutMs: number
  /** Pushes in a row that may fail before the peer is given up. */
  readonly maxFailures: number
}

/** Pushes frames to peers, in order, one stream a peer for as long as it stays open. */
export interface Pusher {
  push(peerId: string, frame: Uint8Array): void
  /** Closes the stream to a peer and drops what waits for it. */
  forget(peerId: string): void
  /** Frames since the start. */
  readonly counts: Tally<PushEvent>['counts']
  stop(): void
}

/** `dropped`: it waited too long behind others. */
export type PushEvent = 'sent' | 'failed' | 'dropped'

interface Lane {
  readonly queue: Uint8Array[]
  stream?: Stream | undefined
  busy: boolean
  failures: number
}

/** `gaveUp` is called for a peer that fails {@link PusherLimits.maxFailures} times in a row. */
export function pusher(net: Net, limits: PusherLimits, gaveUp: (peerId: string) => void): Pusher {
  const lanes = new Map<string, Lane>()
  const counted = tally<PushEvent>()
  let stopping = new AbortController()

  async function openStream(peerId: string, lane: Lane): Promise<Stream> {
    if (lane.stream?.writeStatus === 'writable') return lane.stream
    // Light clients cannot be dialled: only a connection that they keep open counts.
    const [connection] = net.getConnections(peerIdFromString(peerId))
    if (!connection) throw new WireError('The peer is not connected', { code: 'CLOSED' })
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(limits.timeoutMs)])
    const stream = await connection.newStream(PROTOCOLS.filterPush, {
      signal,
      runOnLimitedConnection: true,
    })
    stream.addEventListener('close', () => {
      if (lane.stream === stream) lane.stream = undefined
    })
    lane.stream = stream
    return stream
  }

  async function send(peerId: string, lane: Lane, frame: Uint8Array): Promise<void> {
    const stream = await openStream(peerId, lane)
    try {
      await writeFrame(stream, frame, {
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(limits.timeoutMs)]),
      })
    } catch (error) {
      stream.abort(error as Error)
      throw error
    }
  }

  async function drain(peerId: string, lane: Lane): Promise<void> {
    lane.busy = true
    for (let frame = lane.queue.shift(); frame && lanes.get(peerId) === lane; frame = lane.queue.shift()) {
      try {
        await send(peerId, lane, frame)
        lane.failures = 0
        counted.add('sent')
      } catch {
        counted.add('failed')
        lane.failures += 1
        if (lane.failures < limits.maxFailures || stopping.signal.aborted) continue
        forget(peerId)
        gaveUp(peerId)
      }
    }
    lane.busy = false
  }

  function forget(peerId: string): void {
    const lane = lanes.get(peerId)
    lanes.delete(peerId)
    void lane?.stream?.close().catch(() => undefined)
  }

  return {
    push(peerId, frame) {
      const lane = lanes.get(peerId) ?? { queue: [], busy: false, failures: 0 }
      lanes.set(peerId, lane)
      if (lane.queue.length >= limits.maxQueued) {
        lane.queue.shift()
        counted.add('dropped')
      }
      lane.queue.push(frame)
      if (!lane.busy) void drain(peerId, lane)
    },
    forget,
    counts: counted.counts,
    stop() {
      stopping.abort()
      stopping = new AbortController()
      for (const peerId of [...lanes.keys()]) forget(peerId)
    },
  }
}
