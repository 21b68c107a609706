import fc from 'fast-check'
import { zeroAddress, type Address, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Agreed, DealPlace, Parties } from '../agreed.ts'
import { offerOf, type Offer } from '../offer.ts'
import { cabRide, deposit, insurance, marketplace, plain } from '../templates/index.ts'
import type { AnyTemplate, Template } from '../templates/template.ts'

const address = (digit: string): Address => `0x${digit.repeat(40)}`
const key = (digit: string) => privateKeyToAccount(`0x${digit.repeat(64)}`)

/** Unix seconds at which the deals of these tests are made. */
export const NOW = 1_800_000_000

/** Keys that mean nothing outside of tests. */
export const PEOPLE = { payer: key('1'), payee: key('2'), arbiter: key('3'), stranger: key('4') }

export const PARTIES: Parties = {
  ...{ payer: PEOPLE.payer.address, payee: PEOPLE.payee.address, arbiter: PEOPLE.arbiter.address },
  app: { recipient: address('a'), bps: 250 },
}

export const PLACE: DealPlace = {
  ...{ chainId: 31_337, escrow: address('e'), unit: { symbol: 'TEA', decimals: 6 } },
  evaluators: { CabRide: address('c'), Milestones: address('d'), ParametricInsurance: address('f') },
}

const WORD: Hex = `0x${'5a'.repeat(32)}`
const LATER = NOW + 10_000
const STEPS = [
  { from: NOW + 100, bps: 1_000 },
  { from: NOW + 200, bps: 3_333 },
]

interface Example {
  readonly template: AnyTemplate & { parse(json: unknown, unit: DealPlace['unit']): unknown }
  readonly json: unknown
  readonly agreed: Agreed
}

/** One of each kind, as JSON that an application might send. */
export const EXAMPLES: readonly Example[] = [
  example(plain, { amount: '5', collateral: '2', what: 'a teapot', deliverBy: LATER, salt: WORD, bond: '1' }),
  example(cabRide, { fare: '20.5', codeHash: WORD, steps: STEPS, arriveBy: LATER, toDriverIfSilent: 2_500 }),
  example(cabRide, {
    ...{ fare: '7', codeHash: WORD, steps: STEPS, arriveBy: LATER, disputeWindow: 100 },
    route: { from: 'Dianchi, 北门', to: 'Kunming South', salt: WORD },
  }),
  example(deposit, { deposit: '20.5', codeHash: WORD, steps: STEPS, until: LATER }),
  example(marketplace, {
    milestones: [
      { title: 'Draft', amount: '1' },
      { title: 'Print, 二百册', amount: '2.000001' },
    ],
    ...{ deliverBy: LATER, toPayeeIfSilent: 5_000, salt: WORD, bond: '1', arbiterFee: '0.5' },
  }),
  example(insurance, {
    ...{ premium: '5', payout: '100', oracle: address('9'), subject: 'rain in Kunming, mm a day' },
    ...{ threshold: 30, from: NOW, until: LATER, salt: WORD },
  }),
]

function example<P>(template: Template<P>, json: unknown): Example {
  return { template, json, agreed: template.terms(PARTIES, template.parse(json, PLACE.unit), PLACE) }
}

export const offerFrom = ({
  template,
  agreed,
}: Pick<(typeof EXAMPLES)[number], 'template' | 'agreed'>): Offer => offerOf(template, agreed, PLACE, NOW)

export const OFFERS: readonly Offer[] = EXAMPLES.map(offerFrom)

/** Any sane terms for the state machine, whatever template could make them. */
export const anyTerms = fc
  .record({
    amount: fc.bigInt(1n, 10n ** 12n),
    collateral: fc.oneof(fc.constant(0n), fc.bigInt(1n, 10n ** 12n)),
    bond: fc.oneof(fc.constant(0n), fc.bigInt(1n, 10n ** 9n)),
    feeShare: fc.integer({ min: 0, max: 100 }),
    hasArbiter: fc.boolean(),
    hasEvaluator: fc.boolean(),
    disputeWindow: fc.integer({ min: 1, max: 1_000 }),
    rulingWindow: fc.integer({ min: 1, max: 1_000 }),
    defaultToPayee: fc.integer({ min: 0, max: 10_000 }),
    appFeeBps: fc.integer({ min: 0, max: 1_000 }),
  })
  .map(({ feeShare, hasArbiter, hasEvaluator, ...rest }) => ({
    ...OFFERS[0]!.terms,
    ...rest,
    arbiter: hasArbiter || !hasEvaluator ? PEOPLE.arbiter.address : zeroAddress,
    evaluator: hasEvaluator ? PLACE.evaluators['CabRide']! : zeroAddress,
    arbiterFee: ((rest.bond || rest.amount) * BigInt(feeShare)) / 100n,
  }))
