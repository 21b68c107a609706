import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GAS } from '@teahouse/protocol/chain'
import { operatorNeeds, type NeedsInput } from './needs.ts'

const TEA = 1_000_000n
const GWEI = 10n ** 9n

const PLAN: NeedsInput = {
  gasPrice: 2n * GWEI,
  approveGas: 46_000n,
  transferGas: 21_000n,
  stake: 100n * TEA,
  membership: { deposit: 5n * TEA, fee: 1n * TEA, termSeconds: 30 * 86_400 },
  days: 30,
  settlements: 24,
  price: 1_000n,
  tokensPerCoin: 3_000n * TEA,
  hosting: 6n * TEA,
}

describe('operatorNeeds', () => {
  it('adds up what the keys need from the measured gas', () => {
    const { owner, node, worstLoss } = operatorNeeds(PLAN)
    const settlements = BigInt(30 * 24 * GAS.PaymentChannels.collect)
    expect(node.coins).toBe((settlements + BigInt(GAS.ServiceRegistry.announce)) * PLAN.gasPrice)
    expect(owner.tokens).toBe(106n * TEA)
    expect(owner.coins).toBeGreaterThan(node.coins)
    expect(worstLoss).toEqual(owner)
  })

  it('says how many requests pay for a day', () => {
    const { breakEven, daily } = operatorNeeds(PLAN)
    const gas = BigInt(24 * GAS.PaymentChannels.collect) * PLAN.gasPrice
    expect(daily).toEqual({ coins: gas, tokens: TEA / 30n + TEA / 5n })
    const tokensADay = TEA / 30n + TEA / 5n + (gas * 3_000n * TEA) / 10n ** 18n
    expect(Number(breakEven!.tokensADay - tokensADay)).toBeLessThanOrEqual(1)
    expect(Number(breakEven!.requestsADay)).toBe(Math.ceil(Number(breakEven!.tokensADay) / 1_000))
  })

  it('says what the node has to be told of a coin: with it, a voucher of the advised least is worth its gas alone', () => {
    const { settlement, coinValue } = operatorNeeds(PLAN).breakEven!
    expect(coinValue).toBe(PLAN.tokensPerCoin)
    const gas = BigInt(GAS.PaymentChannels.collect) * PLAN.gasPrice
    expect(settlement * 10n ** 18n).toBeGreaterThanOrEqual(gas * coinValue)
    expect((settlement - 1n) * 10n ** 18n).toBeLessThan(gas * coinValue)
  })

  it('compares nothing without a price of coins, and counts no requests that are free', () => {
    expect(operatorNeeds({ ...PLAN, tokensPerCoin: undefined }).breakEven).toBeUndefined()
    expect(operatorNeeds({ ...PLAN, price: 0n }).breakEven!.requestsADay).toBeUndefined()
  })

  it('earns its costs with that many requests, and not with one less', () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 12n })
    fc.assert(
      fc.property(amount, amount, amount, (price, tokensPerCoin, hosting) => {
        const { tokensADay, requestsADay } = operatorNeeds({
          ...PLAN,
          price,
          tokensPerCoin,
          hosting,
        }).breakEven!
        expect(requestsADay! * price >= tokensADay).toBe(true)
        expect((requestsADay! - 1n) * price < tokensADay).toBe(true)
      }),
    )
  })
})
