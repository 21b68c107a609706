import { concatBytes } from '@noble/hashes/utils.js'
import { chunkQueue, type ChunkQueue } from './chunks.ts'
import { WireError } from './errors.ts'

/** The part of a libp2p 3 stream that frames travel over; `Stream` of @libp2p/interface fits it. */
export interface FrameStream {
  readonly status: string
  readonly readableEnded: boolean
  send(data: Uint8Array): boolean
  onDrain(options?: { signal?: AbortSignal }): Promise<void>
  close(options?: { signal?: AbortSignal }): Promise<void>
  pause(): void
  resume(): void
  abort(error: Error): void
  addEventListener(type: 'message' | 'end' | 'close', listener: (event: StreamEvent) => void): void
  removeEventListener(type: 'message' | 'end' | 'close', listener: (event: StreamEvent) => void): void
}

/** What the `message` events of a stream carry. */
export interface StreamEvent extends Event {
  readonly data?: Uint8Array | { subarray(): Uint8Array }
}

export interface ReadOptions {
  /** Largest frame accepted, in bytes, without its length prefix. */
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
  /** Milliseconds from the first byte of a frame to its last; waiting for the first byte is not limited. */
  readonly timeoutMs?: number | undefined
}

/** Reads frames (a varint length, then that many bytes) one after the other. Call `stop()` when done. */
export interface FrameReader {
  /** The next frame, or undefined after a clean end. Throws WireError; the reader is then of no more use. */
  read(): Promise<Uint8Array | undefined>
  stop(): void
}

const MAX_PREFIX_BYTES = 5

/** Attaches a reader to a stream; bytes that arrived before are not lost. */
export function frameReader(stream: FrameStream, options: ReadOptions): FrameReader {
  const { maxBytes, signal, timeoutMs } = options
  const queue = chunkQueue()
  const highWater = maxBytes + MAX_PREFIX_BYTES
  let ended = stream.readableEnded
  let failure: WireError | undefined
  let wake: (() => void) | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let paused = false

  const fail = (error: WireError) => {
    failure ??= error
    wake?.()
  }
  const onMessage = ({ data }: StreamEvent) => {
    if (data === undefined || failure !== undefined) return
    queue.push(data instanceof Uint8Array ? data : data.subarray())
    armTimer()
    throttle()
    wake?.()
  }
  const onEnd = () => {
    ended = true
    if (wasReset(stream)) fail(new WireError('The stream was reset', { code: 'RESET' }))
    wake?.()
  }
  // What a paused stream still holds when it closes is delivered later, and then 'end' comes.
  const onClose = () => {
    if (stream.readableEnded || wasReset(stream)) onEnd()
  }
  const onAbort = () => {
    fail(new WireError('Reading was aborted', { code: 'ABORTED' }, { cause: signal?.reason }))
  }

  function armTimer(): void {
    if (timer !== undefined || timeoutMs === undefined) return
    timer = setTimeout(() => {
      fail(new WireError(`No whole frame within ${timeoutMs} ms`, { code: 'TIMED_OUT', afterMs: timeoutMs }))
    }, timeoutMs)
  }

  /** Stops the sender while more than a frame waits to be read. */
  function throttle(): void {
    const full = queue.byteLength > highWater
    if (full === paused || ended) return
    paused = full
    if (full) stream.pause()
    else stream.resume()
  }

  function stop(): void {
    clearTimeout(timer)
    stream.removeEventListener('message', onMessage)
    stream.removeEventListener('end', onEnd)
    stream.removeEventListener('close', onClose)
    signal?.removeEventListener('abort', onAbort)
  }

  /** Takes a whole frame off the buffer, if there is one. */
  function take(): Uint8Array | undefined {
    const prefix = readPrefix(queue)
    if (prefix === undefined) return undefined
    const { length, width } = prefix
    if (length > maxBytes) {
      throw new WireError(`A frame of ${length} bytes is over the limit of ${maxBytes}`, {
        code: 'TOO_LARGE',
        size: length,
        limit: maxBytes,
      })
    }
    if (queue.byteLength < width + length) return undefined
    queue.take(width)
    const frame = queue.take(length)
    clearTimeout(timer)
    timer = undefined
    if (queue.byteLength > 0) armTimer()
    throttle()
    return frame
  }

  async function read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const frame = take()
      if (frame !== undefined) return frame
      if (failure !== undefined) throw failure
      if (ended && queue.byteLength === 0) return undefined
      if (ended) throw truncated(queue)
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }

  stream.addEventListener('message', onMessage)
  stream.addEventListener('end', onEnd)
  stream.addEventListener('close', onClose)
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  if (ended || wasReset(stream)) onEnd()
  return { read, stop }
}

/**
 * Reads one frame. Throws WireError: `CLOSED` if the stream ends before it, `TRUNCATED` if within it, `TOO_LARGE`,
 * `MALFORMED` (length prefix), `RESET`, `TIMED_OUT`, `ABORTED`. Bytes after the frame are dropped.
 */
export async function readFrame(stream: FrameStream, options: ReadOptions): Promise<Uint8Array> {
  const reader = frameReader(stream, options)
  try {
    const frame = await reader.read()
    if (frame === undefined) throw new WireError('The stream ended before a frame', { code: 'CLOSED' })
    return frame
  } finally {
    reader.stop()
  }
}

/** The bytes of a frame: the varint length of `payload`, then `payload`. */
export function frame(payload: Uint8Array): Uint8Array {
  const prefix: number[] = []
  let rest = payload.byteLength
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) prefix.push((rest % 128) | 0x80)
  prefix.push(rest)
  return concatBytes(Uint8Array.from(prefix), payload)
}

/** Writes one frame, waiting while the stream is full. Throws WireError `CLOSED`, `RESET` or `ABORTED`. */
export async function writeFrame(
  stream: FrameStream,
  payload: Uint8Array,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  try {
    signal?.throwIfAborted()
    if (!stream.send(frame(payload))) await stream.onDrain(signal === undefined ? {} : { signal })
  } catch (cause) {
    if (signal?.aborted) throw new WireError('Writing was aborted', { code: 'ABORTED' }, { cause })
    const code = wasReset(stream) ? 'RESET' : 'CLOSED'
    throw new WireError('The stream does not accept a frame', { code }, { cause })
  }
}

/**
 * One request, one reply, on a stream of its own: writes the frame, closes the writing half, reads the reply.
 * `timeoutMs` covers it all. Throws WireError as {@link readFrame} and {@link writeFrame} do; the stream is
 * aborted then.
 */
export async function request(
  stream: FrameStream,
  payload: Uint8Array,
  options: ReadOptions & { readonly timeoutMs: number },
): Promise<Uint8Array> {
  const { maxBytes, timeoutMs, signal } = options
  const timeout = AbortSignal.timeout(timeoutMs)
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
  try {
    await writeFrame(stream, payload, { signal: either })
    const reply = readFrame(stream, { maxBytes, signal: either })
    const closed = stream.close({ signal: either }).catch(() => undefined) // the reply decides
    const [answer] = await Promise.all([reply, closed])
    return answer
  } catch (cause) {
    const late = timeout.aborted && !signal?.aborted
    const error = late
      ? new WireError(
          `No answer within ${timeoutMs} ms`,
          { code: 'TIMED_OUT', afterMs: timeoutMs },
          { cause },
        )
      : (cause as WireError)
    stream.abort(error)
    throw error
  }
}

function wasReset({ status }: FrameStream): boolean {
  return status === 'reset' || status === 'aborted'
}

function readPrefix(queue: ChunkQueue): { length: number; width: number } | undefined {
  let length = 0
  for (const [at, byte] of queue.peek(MAX_PREFIX_BYTES).entries()) {
    length += (byte & 0x7f) * 2 ** (7 * at)
    if (byte < 0x80) return { length, width: at + 1 }
  }
  if (queue.byteLength < MAX_PREFIX_BYTES) return undefined
  throw new WireError('The length prefix is not a varint of at most 5 bytes', {
    code: 'MALFORMED',
    what: 'length prefix',
  })
}

function truncated(queue: ChunkQueue): WireError {
  const prefix = readPrefix(queue)
  const expected = prefix === undefined ? undefined : prefix.width + prefix.length
  const size = queue.byteLength
  return new WireError('The stream ended within a frame', { code: 'TRUNCATED', size, expected })
}
