import { hexToBytes, type Address, type Hex, type LocalAccount } from 'viem'
import { offerId, signOffer, type Offer } from '@teahouse/protocol/payments'
import type { Offer as OfferMessage } from '@teahouse/protocol/wire'
import { amountBytes } from './amounts.ts'
import { SERVICES, type PaymentsConfig } from './config.ts'

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
  readonly now: () => number
}

/** The node's present offer: signed once, renewed when half of its time has passed. */
export function offers(config: PaymentsConfig, deps: OffersDeps): { current(): Promise<SignedOffer> } {
  let signed: Promise<SignedOffer> | undefined
  let renewAt = 0

  async function sign(nowSeconds: number): Promise<SignedOffer> {
    const { account, chainId, channels, operatorId, payee } = deps
    const validUntil = BigInt(nowSeconds + config.offerValidSeconds)
    const offer: Offer = { operatorId, payee, validUntil, prices: pricesOf(config) }
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
        signed = sign(nowSeconds)
      }
      return signed
    },
  }
}

function pricesOf({ prices, freeQuota, quotaWindowSeconds }: PaymentsConfig): Offer['prices'] {
  return SERVICES.map((service) => ({ service, price: prices[service] ?? 0n, freeQuota, quotaWindowSeconds }))
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
