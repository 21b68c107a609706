import type { Connection, Libp2pEvents, Startable, TypedEventTarget } from '@libp2p/interface'
import { TeahouseError } from '@teahouse/protocol/errors'
import type { Logger } from 'pino'
import { addressGroup } from './address-group.ts'

/** Milliseconds between two log lines about room that was made. */
const LOG_EVERY_MS = 60_000

/** Makes room for newcomers when all places are taken. */
export interface Room {
  /** Notes that a connection was used for what the node is there for. */
  used(connection: Connection): void
  /** Peers for which this holds are never closed to make room. Several may be given. */
  keep(isKept: (peerId: string) => boolean): void
  /** From now on there are so many places; whoever is beyond gives way as others come. */
  setMax(maxConnections: number): void
  /** Connections that were closed to make room. */
  readonly closed: number
}

/** What is weighed of a connection. Times in milliseconds. */
export interface Place {
  /** Where it comes from; see {@link addressGroup}. */
  readonly group: string
  readonly openedAt: number
  /** Undefined if it never was of use. */
  readonly usedAt: number | undefined
}

/**
 * The place that is given up: of the group of addresses that holds most, since places cost an attacker least where it already
 * is; there the oldest that never was of use, so that a newcomer has time to become so; else the one longest out of use.
 */
export function leastUseful<P extends Place>(places: readonly P[]): P | undefined {
  const sizes = new Map<string, number>()
  for (const { group } of places) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  const largest = Math.max(...sizes.values())
  const rank = ({ usedAt, openedAt }: P) => [usedAt === undefined ? 0 : 1, usedAt ?? openedAt] as const
  return places
    .filter(({ group }) => sizes.get(group) === largest)
    .sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1])[0]
}

interface RoomComponents {
  readonly events: TypedEventTarget<Libp2pEvents>
  readonly connectionManager: { getConnections(): Connection[] }
}

/** A service of the host. Connections that the node opened itself are never closed to make room. */
export function room(atFirst: number, log?: Logger): (components: RoomComponents) => Room & Startable {
  return ({ events, connectionManager }) => {
    const uses = new WeakMap<Connection, number>()
    const keepers: ((peerId: string) => boolean)[] = []
    let maxConnections = atFirst
    let closed = 0
    let told = { at: -Infinity, closed: 0 }

    function tell(): void {
      const now = performance.now()
      if (now - told.at < LOG_EVERY_MS) return
      log?.warn(
        { closed: closed - told.closed, maxConnections },
        'Closed connections to make room for others',
      )
      told = { at: now, closed }
    }

    function makeRoom({ detail: newcomer }: CustomEvent<Connection>): void {
      const open = connectionManager.getConnections().filter(({ status }) => status === 'open')
      const all = open.includes(newcomer) ? open : [...open, newcomer]
      if (all.length <= maxConnections) return
      const places = all
        .filter(({ direction }) => direction === 'inbound')
        .filter(({ remotePeer }) => !keepers.some((isKept) => isKept(remotePeer.toString())))
        .map((connection) => ({
          connection,
          group: addressGroup(connection.remoteAddr),
          openedAt: connection.timeline.open,
          usedAt: uses.get(connection),
        }))
      const place = leastUseful(places)
      if (!place) return
      closed++
      place.connection.abort(new TeahouseError('Its place was needed', { code: 'NO_ROOM' }))
      tell()
    }

    return {
      used: (connection) => void uses.set(connection, Date.now()),
      keep: (isKept) => void keepers.push(isKept),
      setMax: (connections) => void (maxConnections = connections),
      get closed() {
        return closed
      },
      start: () => events.addEventListener('connection:open', makeRoom),
      stop: () => events.removeEventListener('connection:open', makeRoom),
    }
  }
}
