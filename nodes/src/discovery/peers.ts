import type { Connection } from '@libp2p/interface'
import { connectedPeers, type Net } from '../net/index.ts'

/** One connection of each peer that, by identify, speaks a protocol. */
export async function peersThatSpeak(net: Net, protocol: string): Promise<Connection[]> {
  const found = connectedPeers(net).map(async (peerId) => {
    const [connection] = net.getConnections(peerId)
    if (connection === undefined || !(await net.peerStore.has(peerId))) return []
    const { protocols } = await net.peerStore.get(peerId)
    return protocols.includes(protocol) ? [connection] : []
  })
  return (await Promise.all(found)).flat()
}

/** Remembers when something was done on a connection last; a new connection is due at once. */
export function paced(everyMs: number, now: () => number = () => performance.now()) {
  const last = new WeakMap<Connection, number>()
  return {
    isDue(this: void, connection: Connection): boolean {
      const at = last.get(connection)
      return at === undefined || now() - at >= everyMs
    },
    done: (connection: Connection) => void last.set(connection, now()),
  }
}
