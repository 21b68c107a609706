// A cab ride as a deal. The fare is locked when the ride is ordered; the code that the passenger tells on arrival pays the driver, and
// cancelling costs more the later it is. Nobody else decides, unless one of the two calls the arbiter.
import {
  cabRide,
  newRide,
  offerOf,
  signVerdict,
  type Client,
  type Confirm,
  type Offer,
} from '@teahouse/client'
import type { Address, Hex } from 'viem'

export interface Order {
  readonly driver: Address
  readonly arbiter: Address
  /** In the token's smallest unit. */
  readonly fare: bigint
  /** The chain's time, unix seconds. */
  readonly now: number
  /** Seconds until which the ride is to be over. */
  readonly within: number
  /** Seconds that either has to call the arbiter, and the arbiter to rule. */
  readonly window: number
}

/** Makes an offer to a driver, and the code that only the passenger has until arrival. Nothing is sent, and nobody bound. */
export async function makeOffer(
  passenger: Client,
  { driver, arbiter, fare, now, within, window }: Order,
): Promise<{ offer: Offer; code: Hex }> {
  const place = await passenger.dealKit.place()
  // Free for the first third of the time, then a fifth of the fare, then half of it.
  const steps = [
    { from: now + Math.ceil(within / 3), bps: 2_000 },
    { from: now + Math.ceil((2 * within) / 3), bps: 5_000 },
  ]
  const { ride, code } = newRide(steps)
  const parties = { payer: passenger.account.address, payee: driver, arbiter }
  const agreed = cabRide.terms(
    parties,
    {
      ...{ fare, codeHash: ride.codeHash, steps: ride.steps, arriveBy: now + within, toDriverIfSilent: 0 },
      ...{ disputeWindow: window, rulingWindow: window, arbiterFee: fare / 20n, bond: 0n },
    },
    place,
  )
  return { offer: offerOf(cabRide, agreed, place, now), code }
}

/** Passenger: sees the sentence, and locks the fare. */
export const order = (passenger: Client, offer: Offer, confirm: Confirm) =>
  passenger.dealKit.fund(offer, { confirm })

/** Driver: shows the code that the passenger told, and is paid. Throws DealError BAD_EVIDENCE for another code. */
export const arrive = async (driver: Client, offer: Offer, code: Hex) =>
  await driver.deals.evaluate(offer.deal, cabRide.arrived(offer, code))

/** Passenger: cancels, for what the last step begun says. */
export async function cancel(passenger: Client, offer: Offer, confirm: Confirm) {
  const verdict = cabRide.cancellation(offer, offer.statement.place)
  const signature = await signVerdict(offer, verdict, passenger.account.eth, { confirm })
  return await passenger.deals.evaluate(offer.deal, cabRide.cancelled(offer, signature))
}
