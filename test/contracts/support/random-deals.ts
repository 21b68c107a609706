import fc from 'fast-check'
import type { Address, Hex } from 'viem'
import { newRide } from '../../../client/src/deals/cab-ride.ts'
import type { Agreed, Case, DealPlace, Parties } from '../../../client/src/deals/agreed.ts'
import { cabRide, deposit, insurance, marketplace, plain } from '../../../client/src/deals/templates/index.ts'
import type { AnyTemplate } from '../../../client/src/deals/templates/template.ts'

/** A random deal, and how to prove each of its cases. */
export interface RandomDeal {
  readonly template: AnyTemplate
  readonly agreed: Agreed
  /** Evidence for a case at a time. */
  readonly evidence: (of: Case, at: number) => Promise<Hex>
}

export interface Signers {
  readonly payer: { signTypedData(typed: never): Promise<Hex> }
  readonly oracle: { readonly address: Address; signTypedData(typed: never): Promise<Hex> }
}

interface Where {
  readonly place: DealPlace
  readonly parties: Parties
  readonly signers: Signers
  /** Unix seconds. */
  readonly now: number
}

const MAX = 10n ** 12n
/** Small ones round most. */
const amount = fc.oneof(fc.bigInt(1n, 20n), fc.bigInt(1n, MAX))
const maybe = fc.oneof(fc.constant(0n), amount)
const window = fc.integer({ min: 1, max: 5_000 })
const bps = fc.oneof(fc.constantFrom(0, 1, 3_333, 9_999, 10_000), fc.integer({ min: 0, max: 10_000 }))
const salt = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((b): Hex => `0x${Buffer.from(b).toString('hex')}`)
const text = fc.stringMatching(/^[a-zA-Z茶馆][a-zA-Z0-9茶馆,.;“”]{0,20}$/)

/** Terms that every kind of deal has. The fee is within the bond, or the amount. */
const reaction = fc
  .record({
    disputeWindow: window,
    rulingWindow: window,
    bond: maybe,
    feeShare: fc.integer({ min: 0, max: 100 }),
  })
  .map(({ feeShare, ...rest }) => ({
    ...rest,
    feeOf: (amount: bigint) => ((rest.bond || amount) * BigInt(feeShare)) / 100n,
  }))

const app = fc.integer({ min: 0, max: 1_000 })

/** Deals of each kind, with terms that the contract takes. */
export function randomDeals(where: Where, recipient: Address): readonly fc.Arbitrary<RandomDeal>[] {
  const parties = app.map((bps): Parties => ({ ...where.parties, app: { recipient, bps } }))
  const kinds = [plainDeal, coded(cabRide), coded(deposit), milestones, insured]
  return kinds.map((kind) => parties.chain((who) => kind({ ...where, parties: who })))
}

const windows = ({
  disputeWindow,
  rulingWindow,
  bond,
}: {
  disputeWindow: number
  rulingWindow: number
  bond: bigint
}) => ({
  ...{ disputeWindow, rulingWindow, bond },
})

function plainDeal({ place, parties, now }: Where): fc.Arbitrary<RandomDeal> {
  const shape = { amount, collateral: maybe, what: text, toPayeeIfArbiterSilent: bps, salt, reaction }
  return fc.record(shape).map(({ reaction: react, ...own }) => {
    const params = { ...own, deliverBy: now + 10_000, ...windows(react), arbiterFee: react.feeOf(own.amount) }
    return {
      template: plain,
      agreed: plain.terms(parties, params, place),
      evidence: () => Promise.reject(new Error()),
    }
  })
}

function coded(template: typeof cabRide | typeof deposit) {
  return ({ place, parties, now, signers }: Where): fc.Arbitrary<RandomDeal> => {
    const step = fc.record({ from: fc.integer({ min: now - 100, max: now + 9_000 }), bps })
    const steps = fc.array(step, { maxLength: 4 }).map((all) => all.sort((a, b) => a.from - b.from))
    const where = fc.constantFrom('the lake', '火车站', 'home')
    const route = fc.option(fc.record({ from: where, to: where, salt }), { nil: undefined })
    const shape = { amount, steps, silent: bps, reaction, route }
    return fc.record(shape).map(({ amount: given, steps: all, silent, reaction: react, route: way }) => {
      const { ride, code } = newRide(all)
      const common = { ...ride, ...windows(react), arbiterFee: react.feeOf(given) }
      const until = now + 10_000
      const agreed =
        template.name === 'deposit'
          ? deposit.terms(parties, { ...common, deposit: given, until }, place)
          : cabRide.terms(
              parties,
              {
                ...common,
                ...{ fare: given, route: way, arriveBy: until },
                toDriverIfSilent: Math.min(silent, 9_999),
              },
              place,
            )
      const evidence = async ({ key }: Case): Promise<Hex> =>
        key === 'code'
          ? cabRide.arrived(agreed, code)
          : cabRide.cancelled(
              agreed,
              await signers.payer.signTypedData(cabRide.cancellation(agreed, place).typed as never),
            )
      return { template, agreed, evidence }
    })
  }
}

function milestones({ place, parties, now, signers }: Where): fc.Arbitrary<RandomDeal> {
  const all = fc.array(fc.record({ title: text, amount }), { minLength: 1, maxLength: 4 })
  return fc
    .record({ all, toPayeeIfSilent: bps, salt, reaction })
    .map(({ all: given, reaction: react, ...own }) => {
      const total = given.reduce((sum, one) => sum + one.amount, 0n)
      const params = {
        milestones: given,
        ...own,
        deliverBy: now + 10_000,
        ...windows(react),
        arbiterFee: react.feeOf(total),
      }
      const agreed = marketplace.terms(parties, params, place)
      const evidence = async ({ key }: Case): Promise<Hex> => {
        const done = Number(key.split(' ')[1])
        const { typed } = marketplace.inspection(agreed, place, done)
        return marketplace.inspected(agreed, done, await signers.payer.signTypedData(typed as never))
      }
      return { template: marketplace, agreed, evidence }
    })
}

function insured({ place, parties, now, signers }: Where): fc.Arbitrary<RandomDeal> {
  const threshold = fc.bigInt(-1_000n, 1_000n)
  const shape = { premium: amount, payout: amount, subject: text, threshold, salt, reaction }
  return fc.record(shape).map(({ reaction: react, ...own }) => {
    const times = { from: now, until: now + 10_000 }
    const oracle = signers.oracle.address
    const params = { ...own, oracle, ...times, ...windows(react), arbiterFee: react.feeOf(own.premium) }
    const agreed = insurance.terms(parties, params, place)
    const evidence = async (_: Case, at: number): Promise<Hex> => {
      const reading = { value: own.threshold, time: at }
      const typed = insurance.reading(agreed, place, reading)
      return insurance.happened(agreed, reading, await signers.oracle.signTypedData(typed as never))
    }
    return { template: insurance, agreed, evidence }
  })
}
