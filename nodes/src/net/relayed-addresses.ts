import type { Listener } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Logger } from 'pino'

const RELAYED = '/p2p-circuit'
/** Milliseconds to reach a relay. */
const DIAL_MS = 10_000

/** Whether a multiaddr to listen on names the relay to be reached over. */
export const isRelayed = (address: string) => address.endsWith(RELAYED) && address !== RELAYED

interface Components {
  readonly transportManager: {
    listen(addresses: ReturnType<typeof multiaddr>[]): Promise<void>
    getListeners(): Listener[]
  }
  readonly connectionManager: {
    openConnection(address: ReturnType<typeof multiaddr>, options: { signal: AbortSignal }): Promise<unknown>
  }
}

/**
 * A service of the host: keeps a place with each relay that it listens on, `/ip4/…/p2p/RELAY/p2p-circuit`. The library does so
 * only while the relay stays up, and would not start without it.
 */
export function relayedAddresses(addresses: readonly string[], checkMs: number, log?: Logger) {
  return ({ transportManager, connectionManager }: Components) => {
    const abort = new AbortController()
    const listeners = new Map<string, Listener>()
    const away = new Set<string>()
    let timer: NodeJS.Timeout | undefined
    let looking: Promise<void> | undefined

    async function listen(address: string): Promise<void> {
      const known = listeners.get(address)
      if (known && known.getAddrs().length > 0) return
      const relay = multiaddr(address.slice(0, -RELAYED.length))
      const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(DIAL_MS)])
      await connectionManager.openConnection(relay, { signal })
      if (known) return known.listen(multiaddr(address))
      const before = new Set(transportManager.getListeners())
      try {
        await transportManager.listen([multiaddr(address)])
      } finally {
        const made = transportManager.getListeners().find((listener) => !before.has(listener))
        if (made) listeners.set(address, made)
      }
    }

    /** One relay after the other, so that each new listener is known by its relay. */
    async function look(): Promise<void> {
      for (const address of addresses) {
        try {
          await listen(address)
          if (away.delete(address)) log?.info('A relay of this node is back')
        } catch (err) {
          if (abort.signal.aborted) return
          if (!away.has(address)) log?.warn({ err }, 'Could not get a place at a relay; trying again')
          away.add(address)
        }
      }
    }

    const check = () => void (looking ??= look().finally(() => (looking = undefined)))
    return {
      start: () => undefined,
      afterStart() {
        check()
        timer = setInterval(check, checkMs)
      },
      stop() {
        clearInterval(timer)
        abort.abort()
      },
    }
  }
}
