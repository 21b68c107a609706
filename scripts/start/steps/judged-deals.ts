import {
  cabRide,
  insurance,
  newRide,
  offerOf,
  signVerdict,
  type Client,
  type DealOutcome,
  type Offer,
  type RideStep,
} from '@teahouse/client'
import { bytesToHex } from 'viem'
import type { StepLog } from '../report.ts'
import { mustEqual } from '../start-error.ts'
import { tea } from '../tokens.ts'
import type { LocalChain } from './chain.ts'

const FARE = tea('5')
const LATE_BPS = 2_000
const PREMIUM = tea('0.5')
const PAYOUT = tea('4')
const WITHIN_SECONDS = 3_600
const WINDOWS = { disputeWindow: 600, rulingWindow: 600, arbiterFee: 0n, bond: 0n }
/** A person would read the sentence first. */
const confirm = () => true

type Clients = Record<'asAlice' | 'asBob' | 'asCarol', Client>

/** Part of step 7: rides that arrive and that are cancelled, and an insurance, as the kit makes them. */
export async function judgedDeals(log: StepLog, chain: LocalChain, clients: Clients): Promise<void> {
  const now = Number((await chain.client.getBlock()).timestamp)
  await arrivingRide(log, clients, now)
  await cancelledRide(log, clients, now)
  await rain(log, chain, clients, now)
}

async function orderRide(log: StepLog, { asAlice, asBob }: Clients, now: number, steps: readonly RideStep[]) {
  const place = await asAlice.dealKit.place()
  const { ride, code } = newRide(steps)
  const agreed = cabRide.terms(
    { payer: asAlice.account.address, payee: asBob.account.address },
    { fare: FARE, ...ride, arriveBy: now + WITHIN_SECONDS, toDriverIfSilent: 0, ...WINDOWS },
    place,
  )
  const offer = offerOf(cabRide, agreed, place, now)
  await log.time('Alice orders a cab ride from Bob', () => asAlice.dealKit.fund(offer, { confirm }))
  return { offer, code, place }
}

/** The code that Alice tells Bob on arrival is all that the evaluator wants to see. */
async function arrivingRide(log: StepLog, clients: Clients, now: number): Promise<void> {
  const { offer, code } = await orderRide(log, clients, now, [])
  await log.time('Bob shows her code to the evaluator, and is paid', () =>
    clients.asBob.deals.evaluate(offer.deal, cabRide.arrived(offer, code)),
  )
  await mustHavePaid(clients.asBob, offer, 'evaluated', [0n, FARE])
}

/** Her first step has begun: it costs a fifth. */
async function cancelledRide(log: StepLog, clients: Clients, now: number): Promise<void> {
  const { asAlice } = clients
  const { offer, place } = await orderRide(log, clients, now, [{ from: now, bps: LATE_BPS }])
  await log.time('Alice cancels another one, late: a fifth of the fare for Bob', async () => {
    const verdict = cabRide.cancellation(offer, place)
    const signature = await signVerdict(offer, verdict, asAlice.account.eth, { confirm })
    return asAlice.deals.evaluate(offer.deal, cabRide.cancelled(offer, signature))
  })
  const lost = (FARE * BigInt(LATE_BPS)) / 10_000n
  await mustHavePaid(asAlice, offer, 'evaluated', [FARE - lost, lost])
}

/** Bob insures Alice, Carol is the oracle; whoever has seen her reading may bring it. */
async function rain(
  log: StepLog,
  chain: LocalChain,
  { asAlice, asBob, asCarol }: Clients,
  now: number,
): Promise<void> {
  const place = await asBob.dealKit.place()
  const agreed = insurance.terms(
    { payer: asAlice.account.address, payee: asBob.account.address },
    {
      ...{ premium: PREMIUM, payout: PAYOUT, oracle: asCarol.account.address, subject: 'rain, mm a day' },
      ...{ threshold: 50n, from: now, until: now + WITHIN_SECONDS, ...WINDOWS },
      salt: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
    },
    place,
  )
  const offer = offerOf(insurance, agreed, place, now)
  await log.time('Alice buys an insurance against rain', () => asAlice.dealKit.fund(offer, { confirm }))
  await log.time('Bob locks the whole payout: she is covered', () => asBob.deals.accept(offer.deal))
  const seen = { value: 63n, time: Number((await chain.client.getBlock()).timestamp) }
  const signature = await asCarol.account.eth.signTypedData(insurance.reading(offer, place, seen))
  await log.time('It rains, the oracle says so: the insurance pays out', () =>
    asCarol.deals.evaluate(offer.deal, insurance.happened(offer, seen, signature)),
  )
  await mustHavePaid(asAlice, offer, 'evaluated', [PAYOUT, PREMIUM])
}

async function mustHavePaid(
  client: Client,
  { deal }: Offer,
  outcome: DealOutcome,
  shares: readonly [toPayer: bigint, toPayee: bigint],
): Promise<void> {
  const { closed } = await client.deals.status(deal)
  mustEqual(closed?.outcome, outcome, 'how a deal ended')
  mustEqual(closed?.toPayer, shares[0], 'what the payer of a deal has of it')
  mustEqual(closed?.toPayee, shares[1], 'what the payee of a deal has of it')
}
