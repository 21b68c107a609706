import type { Logger } from 'pino'
import { decode, OfferRequest, OfferResponse, PROTOCOLS, WireError } from '@teahouse/protocol/wire'
import { serve, type Net, type Served } from '../net/index.ts'
import type { PaymentsConfig } from './config.ts'
import type { SignedOffer } from './offers.ts'

const MAX_REQUEST_BYTES = 256

export interface OfferServiceDeps {
  readonly net: Net
  readonly offer: () => Promise<SignedOffer>
  readonly log: Logger
}

/** `/teahouse/offer/1`: answers the node's signed offer. Wire format: docs/wire/pay.md. */
export function offerService(config: PaymentsConfig, { net, offer, log }: OfferServiceDeps): Served {
  return serve(net, log, {
    protocol: PROTOCOLS.offer,
    maxRequestBytes: MAX_REQUEST_BYTES,
    maxInboundStreams: config.maxInboundStreams,
    timeoutMs: config.requestTimeoutMs,
    lingerMs: config.requestTimeoutMs,
    async answer(request) {
      const { requestId } = decode(OfferRequest, request)
      return OfferResponse.encode({ requestId, statusCode: 200, offer: (await offer()).message })
    },
    refuse(err) {
      if (err instanceof WireError)
        return OfferResponse.encode({ requestId: '', statusCode: 400, statusDesc: err.message })
      log.error({ err }, 'Failed to give an offer')
      return OfferResponse.encode({ requestId: '', statusCode: 500, statusDesc: 'INTERNAL' })
    },
  })
}
