// Insurance against rain. The insurer locks all that it may have to pay before anything is covered; what the oracle signs pays it out, and nobody has
// to claim or to consent. If it stays dry, the insurer gets its money back and the premium.
import { insurance, offerOf, type Client, type Confirm, type Offer } from '@teahouse/client'
import { randomBytes } from 'node:crypto'
import type { Address } from 'viem'

export interface Cover {
  readonly insured: Address
  readonly oracle: Address
  /** Smallest units. */
  readonly premium: bigint
  readonly payout: bigint
  /** What is measured, in the oracle's words, and from which reading on it pays. */
  readonly subject: string
  readonly threshold: bigint
  /** The chain's time, unix seconds. */
  readonly now: number
  /** Seconds for which it is covered. */
  readonly within: number
  /** Seconds that the insurer has to lock the payout, and readings to be brought after the end. */
  readonly window: number
}

/** Insurer: makes an offer to cover somebody. Nothing is sent, and nobody bound. */
export async function makeOffer(
  insurer: Client,
  { insured, oracle, premium, payout, subject, threshold, now, within, window }: Cover,
): Promise<Offer> {
  const place = await insurer.dealKit.place()
  const agreed = insurance.terms(
    { payer: insured, payee: insurer.account.address },
    {
      ...{ premium, payout, oracle, subject, threshold, from: now, until: now + within },
      salt: `0x${randomBytes(32).toString('hex')}`,
      ...{ disputeWindow: window, rulingWindow: 0, arbiterFee: 0n, bond: 0n },
    },
    place,
  )
  return offerOf(insurance, agreed, place, now)
}

/** Insured: sees the sentence, and pays the premium into the deal. Nothing is covered yet. */
export const buy = (insured: Client, offer: Offer, confirm: Confirm) =>
  insured.dealKit.fund(offer, { confirm })

/** Insurer: locks the payout. Now it is covered. */
export const cover = (insurer: Client, offer: Offer) => insurer.deals.accept(offer.deal)

/** Oracle: signs a reading, the same for everybody who is insured on this subject. Gives the evidence, which anyone may bring. */
export async function report(oracle: Client, offer: Offer, value: bigint, time: number) {
  const reading = { value, time }
  const typed = insurance.reading(offer, offer.statement.place, reading)
  return insurance.happened(offer, reading, await oracle.account.eth.signTypedData(typed))
}
