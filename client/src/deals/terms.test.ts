import fc from 'fast-check'
import { zeroAddress, type Address } from 'viem'
import { describe, expect, it } from 'vitest'
import { DealError, checkTerms, dealId, type DealTerms } from './terms.ts'

const address = (digit: string): Address => `0x${digit.repeat(40)}`
const NOW = 1_800_000_000
const TERMS: DealTerms = {
  payer: address('1'),
  payee: address('2'),
  arbiter: address('3'),
  evaluator: zeroAddress,
  amount: 5_000_000n,
  collateral: 0n,
  arbiterFee: 0n,
  bond: 0n,
  deliverBy: NOW + 60,
  disputeWindow: 60,
  rulingWindow: 60,
  defaultToPayee: 5_000,
  appFeeRecipient: zeroAddress,
  appFeeBps: 0,
  details: `0x${'00'.repeat(32)}`,
}

describe('terms', () => {
  it('that hold are taken', () => {
    expect(() => checkTerms(TERMS, NOW)).not.toThrow()
    expect(() => checkTerms({ ...TERMS, appFeeBps: 1_000, appFeeRecipient: address('4') }, NOW)).not.toThrow()
    expect(() => checkTerms({ ...TERMS, arbiterFee: TERMS.amount, disputeWindow: 0 }, NOW)).not.toThrow()
    const evaluated = { arbiter: zeroAddress, rulingWindow: 0, evaluator: address('5'), collateral: 1n }
    expect(() => checkTerms({ ...TERMS, ...evaluated }, NOW)).not.toThrow()
    const bonded = { bond: TERMS.amount * 2n, arbiterFee: TERMS.amount * 2n }
    expect(() => checkTerms({ ...TERMS, ...bonded }, NOW)).not.toThrow()
  })

  it('name the deal by everything in them, the chain and the contract', () => {
    const ids = [
      dealId(TERMS, 1, address('a')),
      dealId(TERMS, 2, address('a')),
      dealId(TERMS, 1, address('b')),
      dealId({ ...TERMS, amount: 1n }, 1, address('a')),
      dealId({ ...TERMS, details: `0x${'01'.repeat(32)}` }, 1, address('a')),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('when it must refuse', () => {
  it.each<[keyof DealTerms, Partial<DealTerms>]>([
    ['payee', { payee: TERMS.payer }],
    ['payee', { payee: zeroAddress }],
    ['arbiter', { arbiter: TERMS.payer }],
    ['arbiter', { arbiter: TERMS.payee }],
    ['arbiter', { arbiter: zeroAddress }],
    ['amount', { amount: 0n }],
    ['amount', { amount: 2n ** 128n }],
    ['deliverBy', { deliverBy: NOW }],
    ['deliverBy', { deliverBy: Number.NaN }],
    ['disputeWindow', { disputeWindow: -1 }],
    ['rulingWindow', { rulingWindow: 0 }],
    ['rulingWindow', { rulingWindow: 2 ** 40 - 1 }],
    ['defaultToPayee', { defaultToPayee: 10_001 }],
    ['arbiterFee', { arbiterFee: TERMS.amount + 1n }],
    ['arbiterFee', { bond: 10n, arbiterFee: 11n }],
    ['bond', { bond: -1n }],
    ['bond', { bond: 2n ** 128n }],
    ['collateral', { collateral: -1n }],
    ['collateral', { collateral: 2n ** 128n - TERMS.amount }],
    ['disputeWindow', { disputeWindow: 0, bond: 1n }],
    ['disputeWindow', { disputeWindow: 0, collateral: 1n }],
    ['appFeeBps', { appFeeBps: 1_001, appFeeRecipient: address('4') }],
    ['appFeeRecipient', { appFeeBps: 1 }],
  ])('%s of %o', (field, change) => {
    expect(() => checkTerms({ ...TERMS, ...change }, NOW)).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ code: 'BAD_TERMS', field }) }),
    )
  })

  it('any numbers, with a DealError and nothing else', () => {
    const numbers = fc.record({
      amount: fc.bigInt(),
      deliverBy: fc.double(),
      disputeWindow: fc.double(),
      rulingWindow: fc.oneof(fc.integer(), fc.double()),
      defaultToPayee: fc.integer(),
      arbiterFee: fc.bigInt(),
      collateral: fc.bigInt(),
      bond: fc.bigInt(),
      appFeeBps: fc.integer(),
    })
    fc.assert(
      fc.property(numbers, (change) => {
        try {
          checkTerms({ ...TERMS, ...change }, NOW)
        } catch (error) {
          expect(error).toBeInstanceOf(DealError)
        }
      }),
    )
  })
})
