// A deposit on a table. The guest locks it when it books; it may cancel for free until some time before, and loses more the later it cancels. Who neither
// comes nor cancels loses all of it. When the guest comes, it tells its code, and the host may count the deposit towards the bill.
import {
  deposit,
  newRide,
  offerOf,
  signVerdict,
  type Client,
  type Confirm,
  type Offer,
} from '@teahouse/client'
import type { Address, Hex } from 'viem'

export interface Booking {
  readonly host: Address
  readonly arbiter: Address
  /** In the token's smallest unit. */
  readonly amount: bigint
  /** The chain's time, unix seconds. */
  readonly now: number
  /** Seconds until the guest is expected. */
  readonly within: number
  /** Seconds that either has to call the arbiter, and the arbiter to rule. */
  readonly window: number
}

/** Makes an offer to a host, and the code that only the guest has until it comes. Nothing is sent, and nobody bound. */
export async function makeOffer(
  guest: Client,
  { host, arbiter, amount, now, within, window }: Booking,
): Promise<{ offer: Offer; code: Hex }> {
  const place = await guest.dealKit.place()
  // Free for the first half of the time, then half of the deposit.
  const { ride, code } = newRide([{ from: now + Math.ceil(within / 2), bps: 5_000 }])
  const agreed = deposit.terms(
    { payer: guest.account.address, payee: host, arbiter },
    {
      ...{ deposit: amount, codeHash: ride.codeHash, steps: ride.steps, until: now + within },
      ...{ disputeWindow: window, rulingWindow: window, arbiterFee: amount / 20n, bond: 0n },
    },
    place,
  )
  return { offer: offerOf(deposit, agreed, place, now), code }
}

/** Guest: sees the sentence, and locks the deposit. */
export const book = (guest: Client, offer: Offer, confirm: Confirm) => guest.dealKit.fund(offer, { confirm })

/** Host: shows the code of a guest who has come. Throws DealError BAD_EVIDENCE for another code. */
export const welcome = async (host: Client, offer: Offer, code: Hex) =>
  await host.deals.evaluate(offer.deal, deposit.came(offer, code))

/** Guest: cancels, for what the last step begun says. */
export async function cancel(guest: Client, offer: Offer, confirm: Confirm) {
  const verdict = deposit.cancellation(offer, offer.statement.place)
  const signature = await signVerdict(offer, verdict, guest.account.eth, { confirm })
  return await guest.deals.evaluate(offer.deal, deposit.cancelled(offer, signature))
}
