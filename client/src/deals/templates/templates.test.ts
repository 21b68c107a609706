import fc from 'fast-check'
import { encodeAbiParameters, keccak256, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { formatAmount } from '../../amounts.ts'
import { newRide } from '../cab-ride.ts'
import { describeOffer, offerOf } from '../offer.ts'
import { statementOf } from '../statement.ts'
import { EXAMPLES, NOW, PARTIES, PEOPLE, PLACE } from '../testing/deals.ts'
import { DealError } from '../terms.ts'
import { cabRide, insurance, marketplace, plain, TEMPLATES } from './index.ts'
import { template, type Template } from './template.ts'

const refused = (code: string, more: object = {}) =>
  expect.objectContaining({ detail: expect.objectContaining({ code, ...more }) as object }) as Error
const UNIT = PLACE.unit
const WORD: Hex = `0x${'5a'.repeat(32)}`

describe('a template', () => {
  it('recognises its own and nothing else', () => {
    for (const { template: own, agreed } of EXAMPLES) {
      for (const other of TEMPLATES) {
        if (other === own) expect(other.tell(agreed, PLACE).about.en).toBeTruthy()
        else
          expect(() => other.tell(agreed, PLACE), `${own.name} read by ${other.name}`).toThrow(
            refused('OTHER_TEMPLATE'),
          )
      }
    }
  })

  it('gives back the parameters that it was given, to the unit', () => {
    const amount = fc.bigInt(1n, 10n ** 20n)
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 5 }), fc.nat(10_000), (amounts, bps) => {
        const json = {
          milestones: amounts.map((one, at) => ({
            title: `m${at}`,
            amount: formatAmount(one, UNIT.decimals),
          })),
          ...{ deliverBy: NOW + 9, toPayeeIfSilent: bps, salt: WORD },
        }
        const params = marketplace.parse(json, UNIT)
        const agreed = marketplace.terms(PARTIES, params, PLACE)
        expect(agreed.terms.amount).toBe(amounts.reduce((sum, one) => sum + one, 0n))
        expect(marketplace.read(agreed, PLACE)).toEqual({ ...params, inspector: PEOPLE.payer.address })
      }),
    )
  })

  it('takes times as seconds and as ISO 8601, and draws a salt if there is none', () => {
    const json = { amount: '1', what: 'tea', deliverBy: '2027-01-15T09:00:00+01:00' }
    const [one, other] = [plain.parse(json, UNIT), plain.parse(json, UNIT)]
    expect(one.deliverBy).toBe(NOW)
    expect(one.salt).not.toBe(other.salt)
  })

  it('binds every word that it shows', () => {
    const agreed = EXAMPLES.find(({ template: { name } }) => name === 'insurance')!.agreed
    const params = insurance.read(agreed, PLACE)
    const other = insurance.terms(PARTIES, { ...params, subject: `${params.subject}s` }, PLACE)
    expect(other.terms.details).not.toBe(agreed.terms.details)
    const forged = { terms: agreed.terms, data: other.data }
    expect(() => insurance.tell(forged, PLACE)).toThrow(refused('OTHER_TEMPLATE'))
  })

  it('has a ride go where its terms say, and nowhere else', () => {
    const steps = [{ from: NOW + 60, bps: 2_000 }]
    const ride = { ...newRide(steps).ride, fare: '5', arriveBy: NOW + 999 }
    const route = { from: 'the lake', to: 'the station', salt: WORD }
    const params = cabRide.parse({ ...ride, route }, UNIT)
    const agreed = cabRide.terms(PARTIES, params, PLACE)
    expect(cabRide.read(agreed, PLACE)).toEqual(params)
    const offer = offerOf(cabRide, agreed, PLACE, NOW)
    expect(describeOffer(offer)).toContain('for a ride from “the lake” to “the station”')
    expect(describeOffer(offer, 'zh-Hans')).toContain('从“the lake”到“the station”的乘车')
    const unrouted = cabRide.terms(PARTIES, cabRide.parse(ride, UNIT), PLACE)
    expect(offer.statement.items).toEqual(offerOf(cabRide, unrouted, PLACE, NOW).statement.items)
    const others = [{ to: 'the airport' }, { from: 'the lak' }, { salt: agreed.terms.details }]
    for (const other of others) {
      const elsewhere = { ...params, route: { ...route, ...other } }
      const changed = cabRide.terms(PARTIES, elsewhere, PLACE)
      expect(offerOf(cabRide, changed, PLACE, NOW).deal).not.toBe(offer.deal)
      expect(() => cabRide.tell({ ...agreed, data: changed.data }, PLACE)).toThrow(refused('OTHER_TEMPLATE'))
    }
    for (const data of [unrouted.data, agreed.data.slice(0, -64) as Hex, `${agreed.data}00` as Hex])
      expect(() => cabRide.tell({ ...agreed, data }, PLACE)).toThrow(refused('OTHER_TEMPLATE'))
    for (const bad of [{ arriveBy: 2 ** 39 - 10 }, { route: { ...route, to: '' } }])
      expect(() => cabRide.terms(PARTIES, { ...params, ...bad }, PLACE)).toThrow(refused('BAD_TERMS'))
  })

  it('can be one of an application’s own', () => {
    const own: Template<{ readonly amount: bigint; readonly by: number }> = template({
      name: 'coin-toss',
      about: () => ({ en: 'a coin toss', 'zh-Hans': '抛硬币' }),
      evaluator: 'CoinToss',
      schema: () => expect.unreachable(),
      shape: ({ amount, by }) => {
        const data = encodeAbiParameters([{ type: 'uint256' }], [7n])
        const reaction = { disputeWindow: 1, rulingWindow: 1, arbiterFee: 0n, bond: 0n }
        return { amount, deliverBy: by, defaultToPayee: 0, reaction, data, details: keccak256(data) }
      },
      params: ({ terms }) => ({ amount: terms.amount, by: terms.deliverBy }),
      cases: (_, { amount }) => [
        { key: 'heads', total: amount, final: true, when: { en: 'it shows heads', 'zh-Hans': '正面朝上' } },
      ],
    })
    const params = { amount: 5n, by: NOW + 9 }
    // The windows of the parameters are the template's own.
    expect(() => own.terms(PARTIES, params, PLACE)).toThrow(
      refused('NO_EVALUATOR', { evaluator: 'CoinToss' }),
    )
    const place = { ...PLACE, evaluators: { ...PLACE.evaluators, CoinToss: PARTIES.payer } }
    const { items } = statementOf(own.terms(PARTIES, params, place), own, place)
    expect(items.find(({ kind }) => kind === 'case')).toMatchObject({ pays: { payee: 5n, payer: 0n } })
  })
})

describe('when it must refuse', () => {
  const ride = { fare: '1', codeHash: WORD, arriveBy: NOW }
  const policy = {
    premium: '1',
    payout: '1',
    oracle: PARTIES.payer,
    subject: 'x',
    threshold: 1,
    from: NOW,
    until: NOW,
  }
  it.each<[string, string, () => unknown]>([
    ['an amount as a number', 'fare', () => cabRide.parse({ ...ride, fare: 1.1 }, UNIT)],
    ['a decimal too many', 'fare', () => cabRide.parse({ ...ride, fare: '0.0000001' }, UNIT)],
    ['an amount in words of its own', 'fare', () => cabRide.parse({ ...ride, fare: '1e3' }, UNIT)],
    [
      'a time without a zone',
      'arriveBy',
      () => cabRide.parse({ ...ride, arriveBy: '2027-01-15T08:00:00' }, UNIT),
    ],
    ['a part of a second', 'arriveBy', () => cabRide.parse({ ...ride, arriveBy: NOW + 0.5 }, UNIT)],
    ['a field that nobody asked for', '', () => cabRide.parse({ ...ride, tip: '1' }, UNIT)],
    [
      'a ride that is a deposit',
      'toDriverIfSilent',
      () => cabRide.parse({ ...ride, toDriverIfSilent: 10_000 }, UNIT),
    ],
    ['a text over two lines', 'subject', () => insurance.parse({ ...policy, subject: 'a\nb' }, UNIT)],
    [
      'a text that turns the sentence around',
      'subject',
      () => insurance.parse({ ...policy, subject: 'a\u202eb' }, UNIT),
    ],
    [
      'a threshold that is no integer',
      'threshold',
      () => insurance.parse({ ...policy, threshold: 0.5 }, UNIT),
    ],
  ])('%s', (_, field, task) => {
    expect(task).toThrow(refused('BAD_PARAMS', { field }))
  })

  it('anything else as parameters, with a typed error', () => {
    const parse = [plain, cabRide, marketplace, insurance].map(
      (one) => (json: unknown) => one.parse(json, UNIT),
    )
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...parse), (json, task) => {
        expect(() => task(json)).toThrow(DealError)
      }),
    )
  })

  it.each([
    ['a milestone that pays nothing', [{ title: 'a', amount: 0n }]],
    ['no milestone at all', []],
    ['a title that hides something', [{ title: 'a\u200b', amount: 1n }]],
  ])('%s, from code as well', (_, milestones) => {
    const params = {
      ...marketplace.parse({ milestones: [{ title: 'a', amount: '1' }], deliverBy: NOW }, UNIT),
      milestones,
    }
    expect(() => marketplace.terms(PARTIES, params, PLACE)).toThrow(refused('BAD_TERMS'))
  })

  it('insurance that is not covered', () => {
    const params = insurance.parse(policy, UNIT)
    expect(insurance.terms(PARTIES, params, PLACE).terms.collateral).toBe(params.payout)
    expect(() => insurance.terms(PARTIES, { ...params, payout: 0n }, PLACE)).toThrow(refused('BAD_TERMS'))
  })

  it('another code than that of the ride', () => {
    const { ride: made } = newRide()
    const params = { ...cabRide.parse(ride, UNIT), ...made }
    const agreed = cabRide.terms(PARTIES, params, PLACE)
    expect(() => cabRide.arrived(agreed, newRide().code)).toThrow(refused('BAD_EVIDENCE'))
  })
})
