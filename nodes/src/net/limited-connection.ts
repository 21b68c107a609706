import type { AbortOptions, MultiaddrConnection } from '@libp2p/interface'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import type { TokenBucket } from '../token-bucket.ts'
import { allowance, type Allowance } from './allowance.ts'

type Bytes = Parameters<AbstractMultiaddrConnection['sendData']>[0]

/** Bytes that are sent in one piece, so that connections can take turns. */
const PIECE_BYTES = 16 * 1024

/** The bytes that all connections together may send and receive. */
export interface Lines {
  readonly up: TokenBucket
  readonly down: TokenBucket
}

/** A connection that sends and reads only as much as the bandwidth has for it; the other side is slowed by TCP itself. */
export function limitConnection(inner: MultiaddrConnection, budget: Lines): MultiaddrConnection {
  return new LimitedConnection(inner, budget)
}

class LimitedConnection extends AbstractMultiaddrConnection {
  private readonly inner: MultiaddrConnection
  private readonly budget: Lines
  private readonly allowed: Allowance
  private stopWaitingToRead: (() => void) | undefined
  private isHeldByBudget = false
  private isHeldByReader = false

  constructor(inner: MultiaddrConnection, budget: Lines) {
    const { log, remoteAddr, direction } = inner
    super({ log, remoteAddr, direction, maxMessageSize: PIECE_BYTES })
    this.inner = inner
    this.budget = budget
    this.allowed = allowance(budget.up, () => this.safeDispatchEvent('drain'))
    inner.addEventListener('message', ({ data }) => this.received(data))
    inner.addEventListener('drain', () => this.safeDispatchEvent('drain'))
    inner.addEventListener('remoteCloseWrite', () => this.onRemoteCloseWrite())
    inner.addEventListener('close', ({ error, local }) => {
      this.giveUpWaiting()
      this.isHeldByBudget = false
      this.holdOrRelease()
      if (error !== undefined && !local) this.onRemoteReset()
      else this.onTransportClosed(error)
    })
  }

  sendData(data: Bytes): SendResult {
    const size = data.byteLength
    if (this.inner.writableNeedsDrain) return { sentBytes: 0, canSendMore: false }
    const sentBytes = this.allowed.spend(size)
    const hasRoom = sentBytes === 0 || this.inner.send(data.sublist(0, sentBytes))
    return { sentBytes, canSendMore: hasRoom && sentBytes === size }
  }

  sendReset(error: Error): void {
    this.giveUpWaiting()
    this.inner.abort(error)
  }

  async sendClose(options?: AbortOptions): Promise<void> {
    await this.inner.close(options)
  }

  sendPause(): void {
    this.isHeldByReader = true
    this.holdOrRelease()
  }

  sendResume(): void {
    this.isHeldByReader = false
    this.holdOrRelease()
  }

  /** What has come is taken whole and paid for later: until then the socket is not read. */
  private received(data: Uint8Array | Bytes): void {
    this.budget.down.spend(data.byteLength)
    if (this.budget.down.isEmpty && !this.isHeldByBudget && this.status === 'open') {
      this.isHeldByBudget = true
      this.holdOrRelease()
      this.stopWaitingToRead = this.budget.down.wait(1, () => {
        this.isHeldByBudget = false
        this.holdOrRelease()
      })
    }
    this.onData(data)
  }

  private holdOrRelease(): void {
    const source = sourceOf(this.inner)
    if (source === undefined || this.inner.status !== 'open') return
    if (this.isHeldByBudget || this.isHeldByReader) source.pause()
    else source.resume()
  }

  private giveUpWaiting(): void {
    this.allowed.giveUp()
    this.stopWaitingToRead?.()
  }
}

interface Source {
  pause(): void
  resume(): void
}

/**
 * What stops the bytes of a connection. A WebSocket that was dialled by Node can't be stopped, and to pause libp2p's side of it would
 * only fill a buffer: such a connection is counted, and the others wait for it.
 */
function sourceOf(connection: MultiaddrConnection): Source | undefined {
  const { websocket } = connection as { websocket?: Partial<Source> & { readonly readyState?: number } }
  if (websocket === undefined) return connection
  if (websocket.pause === undefined || websocket.resume === undefined || websocket.readyState !== 1)
    return undefined
  return websocket as Source
}
