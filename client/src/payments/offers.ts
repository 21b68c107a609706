import { verifyOffer, type Offer } from '@teahouse/protocol/payments'
import { OfferRequest, OfferResponse, PROTOCOLS, decode } from '@teahouse/protocol/wire'
import { bytesToBigInt, bytesToHex, getAddress, isAddressEqual, size, type Address, type Hex } from 'viem'
import type { Chain } from '../chain/chain.ts'
import { requestId } from '../messaging/request-id.ts'
import type { NodeRecord } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import { PayError } from './errors.ts'

const ANSWER_BYTES = 16 * 1024
const MAX_PRICES = 32
/** Seconds left of an offer below which a new one is fetched. */
const MARGIN_SECONDS = 30

/** A node's signed prices, checked: its own key, this chain, this channels contract, its payee on chain. */
export interface NodeOffer extends Offer {
  readonly peerId: string
  readonly signature: Hex
}

export type Offers = ReturnType<typeof createOffers>

/** Fetches and remembers what nodes ask for their services. */
export function createOffers({ chain, peer, now }: { chain: Chain; peer: Peer; now: () => number }) {
  const known = new Map<string, NodeOffer>()

  async function fetch(node: NodeRecord): Promise<NodeOffer> {
    const { network, contracts } = chain
    const { peerId } = node
    const request = OfferRequest.encode({ requestId: requestId() })
    const bytes = await peer.request(node, PROTOCOLS.offer, request, { maxBytes: ANSWER_BYTES })
    const answer = decode(OfferResponse, bytes, { offer: { prices: MAX_PRICES } })
    if (answer.statusCode !== 200 || !answer.offer) {
      const status = answer.statusCode
      throw new PayError(`The node ${peerId} makes no offer (${status})`, {
        code: 'NO_OFFER',
        peerId,
        status,
      })
    }
    const { channels, token, payee, prices, signature, ...rest } = answer.offer
    const bad = (why: string, cause?: unknown) =>
      new PayError(
        `The offer of ${peerId} is not valid: ${why}`,
        { code: 'BAD_OFFER', peerId, why },
        { cause },
      )
    if (rest.chainId !== BigInt(network.chainId)) throw bad('it is for another chain')
    if (!sameAddress(channels, contracts.PaymentChannels.address))
      throw bad('it is for other payment channels')
    if (!sameAddress(token, contracts.Token.address)) throw bad('it is for another token')
    if (!sameAddress(payee, node.payee)) throw bad('its payee is not the one on chain')
    if (rest.operatorId !== node.operatorId) throw bad('it is of another operator')
    if (prices.some(({ price }) => price.length > 16)) throw bad('a price is out of range')
    const offer: Offer = {
      operatorId: rest.operatorId,
      payee: getAddress(bytesToHex(payee)),
      validUntil: rest.validUntil,
      prices: prices.map((entry) => ({
        ...entry,
        price: entry.price.length > 0 ? bytesToBigInt(entry.price) : 0n,
      })),
    }
    const nowSeconds = BigInt(Math.floor(now() / 1000))
    const signed = bytesToHex(signature)
    const check = verifyOffer(contracts.PaymentChannels.address, network.chainId, offer, signed, {
      node: node.node,
      nowSeconds,
    })
    await check.catch((error: unknown) => {
      throw bad(error instanceof Error ? error.message : String(error), error)
    })
    return { ...offer, peerId, signature: signed }
  }

  return {
    /** The node's offer, from memory while it is valid. Throws PayError NO_OFFER or BAD_OFFER, NetError. */
    async get(node: NodeRecord): Promise<NodeOffer> {
      const cached = known.get(node.peerId)
      if (cached && Number(cached.validUntil) > now() / 1000 + MARGIN_SECONDS) return cached
      const offer = await fetch(node)
      known.set(node.peerId, offer)
      return offer
    },
  }
}

/** The price of one unit of a service; 0 if the offer doesn't list it. In the token's smallest unit. */
export function priceOf(offer: Offer, service: string): bigint {
  return offer.prices.find((price) => price.service === service)?.price ?? 0n
}

function sameAddress(bytes: Uint8Array, address: Address): boolean {
  const hex = bytesToHex(bytes)
  return size(hex) === 20 && isAddressEqual(hex, address)
}
