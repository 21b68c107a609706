import type {
  AbortOptions,
  Connection,
  MultiaddrConnection,
  Libp2pEvents,
  TypedEventTarget,
  Upgrader,
} from '@libp2p/interface'
import { AbstractMultiaddrConnection, type SendResult } from '@libp2p/utils'
import { RECOVERY_DELAYS, SEGMENT_BYTES, type Weather } from '../../../scripts/scale/links.ts'

type Bytes = Parameters<AbstractMultiaddrConnection['sendData']>[0]

/** Links without delay and loss, as loopback has them. */
const CALM: Weather = { delayMs: [0, 0], loss: 0 }

/** Milliseconds within which writes are one: a frame's head and body are written one after the other. */
const TOGETHER_MS = 1

/** The links of one host; what they are like can change at any time. */
export interface SlowLinks {
  setWeather(weather: Weather): void
  /** Milliseconds that what this host sends to a peer is under way, by peer id as text. */
  delays(): ReadonlyMap<string, number>
}

interface Components {
  readonly upgrader: Upgrader
  readonly events: TypedEventTarget<Libp2pEvents>
}

/** A libp2p service that lets everything that the host sends over a socket wait as on a long line. */
export function slowLinks(random: () => number): (components: Components) => SlowLinks {
  return ({ upgrader, events }) => {
    let weather = CALM
    const links = new Map<string, SlowConnection>()
    const peers = new Map<string, SlowConnection>()
    const slow = (connection: MultiaddrConnection): MultiaddrConnection => {
      const link = new SlowConnection(connection, random, () => weather)
      links.set(addressOf(connection), link)
      return link
    }
    wrap(upgrader, slow)
    events.addEventListener('connection:open', ({ detail }) => {
      const link = links.get(addressOf(detail))
      if (link) peers.set(detail.remotePeer.toString(), link)
    })
    return {
      setWeather: (next) => void (weather = next),
      delays: () => new Map([...peers].map(([peer, link]) => [peer, link.delayMs])),
    }
  }
}

const addressOf = ({ remoteAddr }: Pick<Connection, 'remoteAddr'>): string =>
  remoteAddr.toString().split('/p2p/')[0]!

function wrap(upgrader: Upgrader, slow: (connection: MultiaddrConnection) => MultiaddrConnection): void {
  for (const method of ['upgradeInbound', 'upgradeOutbound'] as const) {
    const upgrade = upgrader[method].bind(upgrader) as (
      connection: MultiaddrConnection,
      options: never,
    ) => never
    upgrader[method] = (connection: MultiaddrConnection, options: never) => upgrade(slow(connection), options)
  }
}

/** A connection on which what is sent arrives later, in order. */
class SlowConnection extends AbstractMultiaddrConnection {
  private readonly inner: MultiaddrConnection
  private readonly random: () => number
  private readonly weather: () => Weather
  private readonly place: number
  private readonly underWay: { readonly data: Bytes; readonly dueAt: number }[] = []
  private lastDueAt = 0
  private lastSentAt = 0
  /** Bytes that the segment under way still has room for. */
  private roomLeft = 0
  private timer: NodeJS.Timeout | undefined

  constructor(inner: MultiaddrConnection, random: () => number, weather: () => Weather) {
    const { log, remoteAddr, direction } = inner
    super({ log, remoteAddr, direction })
    this.inner = inner
    this.random = random
    this.weather = weather
    this.place = random()
    inner.addEventListener('message', ({ data }) => this.onData(data))
    inner.addEventListener('remoteCloseWrite', () => this.onRemoteCloseWrite())
    inner.addEventListener('close', ({ error, local }) => {
      clearTimeout(this.timer)
      if (error !== undefined && !local) this.onRemoteReset()
      else this.onTransportClosed(error)
    })
  }

  get delayMs(): number {
    const [least, most] = this.weather().delayMs
    return least + this.place * (most - least)
  }

  sendData(data: Bytes): SendResult {
    const now = performance.now()
    const isLost = this.random() < 1 - (1 - this.weather().loss) ** this.newSegments(data.byteLength, now)
    const delay = this.delayMs * (isLost ? 1 + RECOVERY_DELAYS : 1)
    this.lastDueAt = Math.max(this.lastDueAt, now + delay)
    this.underWay.push({ data: data.sublist(), dueAt: this.lastDueAt })
    if (this.underWay.length === 1) this.arrive()
    return { sentBytes: data.byteLength, canSendMore: true }
  }

  /** What is sent within a moment shares segments. */
  private newSegments(bytes: number, now: number): number {
    if (now - this.lastSentAt > TOGETHER_MS) this.roomLeft = 0
    this.lastSentAt = now
    const segments = Math.max(0, Math.ceil((bytes - this.roomLeft) / SEGMENT_BYTES))
    this.roomLeft += segments * SEGMENT_BYTES - bytes
    return segments
  }

  private arrive(): void {
    clearTimeout(this.timer)
    while (this.underWay.length > 0 && this.underWay[0]!.dueAt <= performance.now() + 0.5)
      if (this.inner.status === 'open') this.inner.send(this.underWay.shift()!.data)
      else this.underWay.length = 0
    const [next] = this.underWay
    if (next) this.timer = setTimeout(() => this.arrive(), Math.max(1, next.dueAt - performance.now()))
  }

  sendReset(error: Error): void {
    clearTimeout(this.timer)
    this.inner.abort(error)
  }

  async sendClose(options?: AbortOptions): Promise<void> {
    clearTimeout(this.timer)
    for (const { data } of this.underWay.splice(0)) if (this.inner.status === 'open') this.inner.send(data)
    await this.inner.close(options)
  }

  sendPause(): void {
    this.inner.pause()
  }

  sendResume(): void {
    this.inner.resume()
  }
}
