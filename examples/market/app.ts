// Work in milestones. The whole price is locked when the work is ordered; each milestone is paid when the buyer signs for it, and the last one ends
// the deal. Nobody can be paid for a milestone twice.
import { marketplace, offerOf, signVerdict, type Client, type Confirm, type Offer } from '@teahouse/client'
import { randomBytes } from 'node:crypto'
import type { Address } from 'viem'

export interface Work {
  readonly seller: Address
  readonly arbiter: Address
  /** Titles and prices, smallest unit. */
  readonly milestones: readonly { readonly title: string; readonly amount: bigint }[]
  /** Who runs the market, and what it takes of what the seller earns, in basis points. */
  readonly market: { readonly recipient: Address; readonly bps: number }
  /** The chain's time, unix seconds. */
  readonly now: number
  /** Seconds until which all is to be delivered. */
  readonly within: number
  /** Seconds that either has to call the arbiter, and the arbiter to rule. */
  readonly window: number
}

/** Makes an offer to a seller. Nothing is sent, and nobody bound. */
export async function makeOffer(
  buyer: Client,
  { seller, arbiter, milestones, market, now, within, window }: Work,
): Promise<Offer> {
  const place = await buyer.dealKit.place()
  const price = milestones.reduce((sum, { amount }) => sum + amount, 0n)
  const agreed = marketplace.terms(
    { payer: buyer.account.address, payee: seller, arbiter, app: market },
    {
      ...{
        milestones,
        deliverBy: now + within,
        toPayeeIfSilent: 0,
        salt: `0x${randomBytes(32).toString('hex')}`,
      },
      ...{ disputeWindow: window, rulingWindow: window, arbiterFee: price / 20n, bond: 0n },
    },
    place,
  )
  return offerOf(marketplace, agreed, place, now)
}

/** Buyer: sees the sentence, and locks the price. */
export const order = (buyer: Client, offer: Offer, confirm: Confirm) => buyer.dealKit.fund(offer, { confirm })

/** Buyer: signs that the first `done` milestones are there; the seller, or anybody, brings that to the chain. */
export async function approve(buyer: Client, offer: Offer, done: number, confirm: Confirm) {
  const verdict = marketplace.inspection(offer, offer.statement.place, done)
  return marketplace.inspected(offer, done, await signVerdict(offer, verdict, buyer.account.eth, { confirm }))
}
