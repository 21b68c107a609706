import { hexToBytes, type Address, type Hex, type LocalAccount } from 'viem'
import { offerId, signOffer, type Offer } from '@teahouse/protocol/payments'
import type { Offer as OfferMessage } from '@teahouse/protocol/wire'
import { amountBytes } from './amounts.ts'
import { SERVICES, type PaymentsConfig } from './config.ts'
import type { OfferBook } from './offer-book.ts'
import { termsOf } from './terms.ts'

/** An offer as it is given out. */
export interface SignedOffer {
  readonly id: Hex
  readonly offer: Offer
  readonly signature: Hex
  readonly message: OfferMessage
}

export interface OffersDeps {
  readonly account: LocalAccount
  readonly chainId: number
  readonly channels: Address
  readonly token: Address
  readonly operatorId: number
  readonly payee: Address
  readonly book: OfferBook
  readonly now: () => number
}

export interface Offers {
  /** The node's present offer. */
  current(): Promise<SignedOffer>
  /** What a unit of a service costs now: no more than any offer says that is still good. */
  priceOf(service: string): bigint
}

/** An offer is signed once, and renewed when half of its time has passed. */
export function offers(config: PaymentsConfig, deps: OffersDeps): Offers {
  let signed: Promise<SignedOffer> | undefined
  let renewAt = 0

  async function sign(nowSeconds: number): Promise<SignedOffer> {
    const { account, chainId, channels, operatorId, payee, book } = deps
    const validUntil = BigInt(nowSeconds + config.offerValidSeconds)
    const prices = SERVICES.map((service) => termsOf(config, service))
    book.enter(validUntil, prices)
    const offer: Offer = { operatorId, payee, validUntil, prices }
    const signature = await signOffer(account, channels, chainId, offer)
    return {
      id: offerId(channels, chainId, offer),
      offer,
      signature,
      message: messageOf(offer, signature, deps),
    }
  }

  return {
    current() {
      const nowSeconds = Math.floor(deps.now() / 1_000)
      if (!signed || nowSeconds >= renewAt) {
        renewAt = nowSeconds + Math.ceil(config.offerValidSeconds / 2)
        const fresh = sign(nowSeconds)
        signed = fresh
        fresh.catch(() => {
          if (signed === fresh) signed = undefined // the next one to ask tries again
        })
      }
      return signed
    },
    priceOf(service) {
      const { price } = termsOf(config, service)
      const offered = deps.book.lowest(service, Math.floor(deps.now() / 1_000))
      return offered !== undefined && offered < price ? offered : price
    },
  }
}

function messageOf(offer: Offer, signature: Hex, { chainId, channels, token }: OffersDeps): OfferMessage {
  return {
    operatorId: offer.operatorId,
    chainId: BigInt(chainId),
    channels: hexToBytes(channels),
    token: hexToBytes(token),
    payee: hexToBytes(offer.payee),
    validUntil: offer.validUntil,
    prices: offer.prices.map((price) => ({ ...price, price: amountBytes(price.price) })),
    signature: hexToBytes(signature),
  }
}
