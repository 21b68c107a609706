import type { Offer } from '@teahouse/protocol/payments'
import { OfferRequest, OfferResponse, PROTOCOLS, decode } from '@teahouse/protocol/wire'
import { fromBase64, toBase64 } from '../base64.ts'
import type { Chain } from '../chain/chain.ts'
import { requestId } from '../messaging/request-id.ts'
import type { NodeRecord } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import type { KeyValueStore } from '../storage/store.ts'
import { checkOffer, type NodeOffer } from './check-offer.ts'
import { PayError } from './errors.ts'

export type { NodeOffer } from './check-offer.ts'

const ANSWER_BYTES = 16 * 1024
const MAX_PRICES = 32
/** Every key of an offer starts with it. */
const OFFERS = 'offer/'

export interface OffersDeps {
  readonly chain: Chain
  readonly peer: Peer
  readonly now: () => number
  /** Where offers outlast a restart, and under which name. */
  readonly storage: KeyValueStore
  readonly scope: string
}

export type Offers = ReturnType<typeof createOffers>

/**
 * Fetches and remembers what nodes ask for their services. An offer binds its node until it ends: as long as one is known,
 * none that is dearer takes its place, also after a restart.
 */
export function createOffers({ chain, peer, now, storage, scope }: OffersDeps) {
  const known = new Map<string, NodeOffer>()
  const keyOf = ({ peerId }: NodeRecord) => `${OFFERS}${scope}/${peerId}`
  const isGood = ({ validUntil }: Offer) => Number(validUntil) > now() / 1000

  async function read(node: NodeRecord, bytes: Uint8Array): Promise<NodeOffer> {
    const { statusCode: status, offer } = decode(OfferResponse, bytes, { offer: { prices: MAX_PRICES } })
    if (status === 200 && offer) return await checkOffer(chain, node, offer, now())
    const { peerId } = node
    const detail = { code: 'NO_OFFER', peerId, status } as const
    throw new PayError(`The node ${peerId} makes no offer (${status})`, detail)
  }

  /** What was kept of an earlier run; what does not hold any more, or never did, is as good as nothing. */
  async function recall(node: NodeRecord): Promise<NodeOffer | undefined> {
    const bytes = fromBase64((await storage.get(keyOf(node)))?.value ?? '')
    if (!bytes || bytes.length === 0) return undefined
    return await read(node, bytes).catch(() => undefined)
  }

  async function binding(node: NodeRecord): Promise<NodeOffer | undefined> {
    const { peerId } = node
    const offer = known.get(peerId) ?? (await recall(node))
    // The chain may name another payee since.
    if (!offer || !isGood(offer) || offer.payee !== node.payee) return undefined
    known.set(peerId, offer)
    return offer
  }

  async function fetch(node: NodeRecord): Promise<NodeOffer> {
    const request = OfferRequest.encode({ requestId: requestId() })
    const bytes = await peer.request(node, PROTOCOLS.offer, request, { maxBytes: ANSWER_BYTES })
    const offer = await read(node, bytes)
    const before = await binding(node)
    if (before && isDearer(offer, before)) return before
    await storage.set(keyOf(node), toBase64(bytes))
    known.set(node.peerId, offer)
    return offer
  }

  return {
    /** The node's offer, from memory while it is valid. Throws PayError NO_OFFER or BAD_OFFER, NetError. */
    get: async (node: NodeRecord): Promise<NodeOffer> => (await binding(node)) ?? (await fetch(node)),
    /** The offer that binds a node, if one was seen in this run. */
    known: ({ peerId }: NodeRecord): NodeOffer | undefined => {
      const offer = known.get(peerId)
      return offer && isGood(offer) ? offer : undefined
    },
    /** Asks again whether the node has become cheaper; the offer that binds it now. Throws like `get`. */
    refresh: fetch,
  }
}

/** The price of one unit of a service; 0 if the offer doesn't list it. In the token's smallest unit. */
export function priceOf(offer: Offer, service: string): bigint {
  return offer.prices.find((price) => price.service === service)?.price ?? 0n
}

/** True if any service costs more by `offer` than by `before`. */
function isDearer(offer: Offer, before: Offer): boolean {
  return offer.prices.some(({ service, price }) => {
    const bound = before.prices.find((known) => known.service === service)
    return bound !== undefined && price > bound.price
  })
}
