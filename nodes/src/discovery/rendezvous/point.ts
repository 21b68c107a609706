import { randomBytes } from 'node:crypto'
import { decode, PROTOCOLS, RendezvousMessage } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { z } from 'zod'
import { Refusal, serve, ServeConfig, type Net, type Requester, type Service } from '../../net/index.ts'
import { rateLimit } from '../../rate-limit.ts'
import { networkOf } from '../addresses.ts'
import { MAX_REGISTRATIONS, MAX_REQUEST_BYTES, STATUS, TYPE } from './messages.ts'
import { readPeerRecord } from './peer-record.ts'
import { registrations } from './registrations.ts'

export const RendezvousConfig = ServeConfig.extend({
  /** Seconds that a registration may last, and those of one that names none. */
  minTtlSeconds: z.int().positive().default(60),
  maxTtlSeconds: z
    .int()
    .positive()
    .default(72 * 3_600),
  defaultTtlSeconds: z
    .int()
    .positive()
    .default(2 * 3_600),
  maxRegistrations: z.int().positive().default(10_000),
  /** Peers of one network (/24, /48 of IPv6) that may be registered. */
  maxPeersPerNetwork: z.int().positive().default(16),
  /** Requests of one peer: at once, and a second in the long run. A peer registers once for each shard. */
  burst: z.int().positive().default(64),
  perSecond: z.number().positive().default(2),
})

export interface RendezvousDeps {
  readonly net: Net
  /** Those that may be registered under: the shards of this network. */
  readonly namespaces: ReadonlySet<string>
  readonly log: Logger
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

type Registering = NonNullable<RendezvousMessage['register']>
type Discovering = NonNullable<RendezvousMessage['discover']>

/**
 * `/rendezvous/1.0.0`: peers register under the namespace of a shard, and are found there. Wire format:
 * docs/wire/rendezvous.md.
 */
export function rendezvousPoint(init: z.input<typeof RendezvousConfig> = {}) {
  const config = RendezvousConfig.parse(init)
  return ({ net, namespaces, log, now = Date.now }: RendezvousDeps): Service => {
    const book = registrations(config, now)
    const limit = rateLimit(config.perSecond, config.burst)
    const cookies = cookieJar()

    function assertNamespace(ns: string | undefined): asserts ns is string {
      if (ns === undefined || !namespaces.has(ns))
        throw new Refusal(STATUS.invalidNamespace, 'not served here')
    }

    async function register({ ns, signedPeerRecord, ttl }: Registering, from: Requester): Promise<number> {
      assertNamespace(ns)
      const seconds = Number(ttl || BigInt(config.defaultTtlSeconds))
      if (seconds < config.minTtlSeconds || seconds > config.maxTtlSeconds)
        throw new Refusal(
          STATUS.invalidTtl,
          `not within ${config.minTtlSeconds} to ${config.maxTtlSeconds} s`,
        )
      const peer = signedPeerRecord && (await readPeerRecord(signedPeerRecord))
      if (!signedPeerRecord || !peer || peer.addresses.length === 0)
        throw new Refusal(STATUS.invalidSignedPeerRecord, 'no signed record with addresses')
      const { peerId } = from
      if (peer.peerId.toString() !== peerId)
        throw new Refusal(STATUS.notAuthorized, 'the record of another peer')
      const network = networkOf(from.connection.remoteAddr)
      const isKept = book.put({ ns, peerId, signedPeerRecord, network, expiresAt: now() + seconds * 1_000 })
      if (!isKept) throw new Refusal(STATUS.unavailable, 'no room')
      return seconds
    }

    function discover({ ns, limit: wanted, cookie }: Discovering): RendezvousMessage['discoverResponse'] {
      if (ns !== undefined && ns !== '') assertNamespace(ns)
      const after = cookies.read(cookie, ns ?? '')
      const count = Number(wanted || BigInt(MAX_REGISTRATIONS))
      const { found, last } = book.list({
        ns: ns || undefined,
        after,
        limit: Math.min(count, MAX_REGISTRATIONS),
      })
      return {
        registrations: found.map(({ ns: under, signedPeerRecord, expiresAt }) => ({
          ns: under,
          signedPeerRecord,
          ttl: BigInt(Math.max(1, Math.ceil((expiresAt - now()) / 1_000))),
        })),
        cookie: cookies.bake(last, ns ?? ''),
        status: STATUS.ok,
      }
    }

    async function answer(bytes: Uint8Array, from: Requester): Promise<Uint8Array | undefined> {
      const message = decode(RendezvousMessage, bytes, { discoverResponse: { registrations: 0 } })
      const { type, register: registering, discover: discovering, unregister } = message
      const assertLimit = () => {
        if (!limit.take(from.peerId)) throw new Refusal(STATUS.unavailable, 'too many requests')
      }
      if (type === TYPE.register && registering) {
        const registerResponse = await refused(async () => {
          assertLimit()
          return { status: STATUS.ok, ttl: BigInt(await register(registering, from)) }
        })
        return RendezvousMessage.encode({ type: TYPE.registerResponse, registerResponse })
      }
      if (type === TYPE.discover && discovering) {
        const discoverResponse = await refused(() => {
          assertLimit()
          return discover(discovering)
        })
        return RendezvousMessage.encode({
          type: TYPE.discoverResponse,
          discoverResponse: { registrations: [], ...discoverResponse },
        })
      }
      if (type === TYPE.unregister && unregister?.ns !== undefined && limit.take(from.peerId))
        book.remove(unregister.ns, from.peerId)
      return undefined
    }

    /** A refusal as the fields of an answer. */
    async function refused<T>(act: () => T | Promise<T>) {
      try {
        return await act()
      } catch (err) {
        if (err instanceof Refusal) return { status: err.detail.status, statusText: err.message }
        log.warn({ err }, 'Failed to answer at the rendezvous point')
        return { status: STATUS.internalError, statusText: 'internal error' }
      }
    }

    // Of a message that is malformed, the protocol has no answer.
    const refuse = () => undefined
    return serve(net, log, {
      ...config,
      protocol: PROTOCOLS.rendezvous,
      maxRequestBytes: MAX_REQUEST_BYTES,
      answer,
      refuse,
    })
  }
}

/** Cookies of this process: where an answer ended, and for which namespace. */
function cookieJar() {
  const own = randomBytes(8)
  return {
    bake(last: number, ns: string): Uint8Array {
      const number = Buffer.alloc(8)
      number.writeBigUInt64BE(BigInt(last))
      return new Uint8Array(Buffer.concat([own, number, Buffer.from(ns)]))
    },
    /** Throws Refusal for a cookie of another process or namespace. */
    read(cookie: Uint8Array | undefined, ns: string): number {
      if (cookie === undefined || cookie.length === 0) return 0
      const bytes = Buffer.from(cookie)
      const isOwn = bytes.length >= 16 && bytes.subarray(0, 8).equals(own)
      if (!isOwn || !bytes.subarray(16).equals(Buffer.from(ns)))
        throw new Refusal(STATUS.invalidCookie, 'a cookie of another time or namespace')
      return Number(bytes.readBigUInt64BE(8))
    },
  }
}
