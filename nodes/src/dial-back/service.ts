import type { Connection, PeerId } from '@libp2p/interface'
import { multiaddr, type Multiaddr } from '@multiformats/multiaddr'
import { decode, DialBackRequest, DialBackResponse, PROTOCOLS, WireError } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { addressGroup } from '../net/address-group.ts'
import { Refusal, serve, type Net, type Service } from '../net/index.ts'
import { rateLimit } from '../rate-limit.ts'
import { DialBackConfig, MAX_ADDRESSES } from './config.ts'

/** What became of an address, as the wire has it. */
export const RESULTS = { reached: 1, failed: 2, untried: 3 } as const

export interface DialBackDeps {
  readonly net: Net
  readonly log: Logger
}

/**
 * `/teahouse/dial-back/1`: opens new connections to addresses that a peer says are its own, at the IP address that it asks from and nowhere else, and tells which
 * lead to it. Wire format: docs/wire/dial-back.md.
 */
export function dialBack(init: z.input<typeof DialBackConfig> = {}) {
  const config = DialBackConfig.parse(init)
  return ({ net, log }: DialBackDeps): Service => {
    const limit = rateLimit(config.perMinute / 60, config.burst)

    async function resultOf(address: Multiaddr, peer: PeerId, signal: AbortSignal): Promise<number> {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(config.dialTimeoutMs)])
      try {
        // The noise handshake fails unless it is this peer that answers there.
        const to = address.encapsulate(`/p2p/${peer.toString()}`)
        const connection = await transportsOf(net).dial(to, { signal: patience })
        await connection.close().catch(() => undefined)
        return RESULTS.reached
      } catch {
        return RESULTS.failed
      }
    }

    return serve(net, log.child({ module: 'dial-back' }), {
      ...config,
      protocol: PROTOCOLS.dialBack,
      async answer(bytes, { connection, signal }) {
        const { multiaddrs } = decode(DialBackRequest, bytes, { multiaddrs: MAX_ADDRESSES })
        const asker = connection.remoteAddr
        if (!limit.take(addressGroup(asker))) throw new Refusal(429, 'Ask again in a minute')
        const results = await Promise.all(
          multiaddrs.map(async (text) => {
            const address = ownAddress(text, asker)
            return address ? resultOf(address, connection.remotePeer, signal) : RESULTS.untried
          }),
        )
        return DialBackResponse.encode({ statusCode: 200, results })
      },
      refuse: (error) => DialBackResponse.encode({ ...statusOf(error), results: [] }),
    })
  }
}

/** Below the connection manager, which joins dials of one peer, and gives the connection that is there already. */
function transportsOf(net: Net) {
  const { components } = net as Net & {
    components: {
      transportManager: { dial(to: Multiaddr, options: { signal: AbortSignal }): Promise<Connection> }
    }
  }
  return components.transportManager
}

/**
 * The address, if it is one at the asker's own IP address that can be dialled directly. Names are not looked up: they could lead to
 * others.
 */
export function ownAddress(text: string, asker: Multiaddr): Multiaddr | undefined {
  try {
    const address = multiaddr(text)
    const parts = address.getComponents()
    const isDirect = parts.every(({ name }) => name !== 'p2p' && name !== 'p2p-circuit')
    return isDirect && hostOf(address) !== undefined && hostOf(address) === hostOf(asker)
      ? address
      : undefined
  } catch {
    return undefined
  }
}

function hostOf(address: Multiaddr): string | undefined {
  const [first] = address.getComponents()
  return first?.name === 'ip4' || first?.name === 'ip6' ? `${first.name} ${first.value}` : undefined
}

function statusOf(error: unknown): { statusCode: number; statusDesc: string } {
  if (error instanceof WireError) return { statusCode: 400, statusDesc: error.message }
  if (error instanceof Refusal) return { statusCode: error.detail.status, statusDesc: error.message }
  return { statusCode: 500, statusDesc: 'Internal error' }
}
