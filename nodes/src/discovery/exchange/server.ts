import { decode, PeerExchangeRpc, PROTOCOLS, WireError } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { z } from 'zod'
import { Refusal, serve, ServeConfig, type Net, type Service } from '../../net/index.ts'
import { rateLimit } from '../../rate-limit.ts'
import type { OwnRecord } from '../own-record.ts'
import type { RecordPool } from './records.ts'

/** Records in one answer (34/WAKU2-PEER-EXCHANGE). */
export const MAX_RECORDS = 60
/** Status codes of the protocol. */
export const STATUS = { ok: 200, badRequest: 400, tooMany: 429, unavailable: 503 } as const

export const ExchangeConfig = ServeConfig.extend({
  maxRequestBytes: z.int().positive().default(1_024),
  /** Requests of one peer: at once, and a second in the long run. */
  burst: z.int().positive().default(10),
  perSecond: z.number().positive().default(0.2),
})

export interface ExchangeDeps {
  readonly net: Net
  readonly own: OwnRecord
  readonly pool: Pick<RecordPool, 'share'>
  readonly log: Logger
}

/**
 * `/vac/waku/peer-exchange/2.0.0-alpha1`: tells records of nodes, this node's own first. Wire format:
 * docs/wire/peer-exchange.md.
 */
export function peerExchange(init: z.input<typeof ExchangeConfig> = {}) {
  const config = ExchangeConfig.parse(init)
  return ({ net, own, pool, log }: ExchangeDeps): Service => {
    const limit = rateLimit(config.perSecond, config.burst)
    return serve(net, log, {
      ...config,
      protocol: PROTOCOLS.peerExchange,
      async answer(bytes, { peerId }) {
        if (!limit.take(peerId)) throw new Refusal(STATUS.tooMany, 'too many requests')
        const { query } = decode(PeerExchangeRpc, bytes, { response: { peerInfos: 0 } })
        if (query === undefined) throw new Refusal(STATUS.badRequest, 'no query')
        const wanted = Number(query.numPeers ?? MAX_RECORDS)
        const count = Math.min(wanted, MAX_RECORDS)
        const records = [
          await own.current(net.getMultiaddrs()),
          ...pool.share(Math.max(0, count - 1), peerId),
        ].slice(0, count)
        // nwaku reads no answer without the query in it.
        return PeerExchangeRpc.encode({
          query,
          response: { peerInfos: records.map((enr) => ({ enr })), statusCode: STATUS.ok },
        })
      },
      refuse(error) {
        const [statusCode, statusDesc] = statusOf(error)
        if (statusCode === STATUS.unavailable) log.warn({ err: error }, 'Failed to answer a peer exchange')
        return PeerExchangeRpc.encode({ query: {}, response: { peerInfos: [], statusCode, statusDesc } })
      },
    })
  }
}

function statusOf(error: unknown): [number, string] {
  if (error instanceof Refusal) return [error.detail.status, error.message]
  if (error instanceof WireError) return [STATUS.badRequest, error.message]
  return [STATUS.unavailable, 'unavailable']
}
