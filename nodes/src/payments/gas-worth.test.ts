import { localChain } from '@teahouse/protocol/chain'
import { describe, expect, it } from 'vitest'
import { coinValueOf, worthTogether, type Worth } from './gas-worth.ts'

const COIN = 10n ** 18n
/** A transaction costs 10, and each voucher in it 1, when a coin is worth one. */
const deps = {
  cost: async (batch: readonly Worth[]) => COIN * (10n + BigInt(batch.length)),
  coinValue: 1n,
  factor: 2,
}
const owed = (amount: bigint, isUrgent = false): Worth => ({ owed: amount, isUrgent })

describe('what is worth collecting together', () => {
  it.each([
    { given: 'enough in all', batch: [owed(20n), owed(4n)], chosen: [20n, 4n] },
    { given: 'one that does not pay for what it adds', batch: [owed(1n), owed(22n)], chosen: [22n] },
    { given: 'not enough in all', batch: [owed(15n), owed(3n)], chosen: [] },
    { given: 'one that can not wait and pays for all', batch: [owed(11n, true), owed(1n)], chosen: [11n] },
    { given: 'ones that can not wait, and too little', batch: [owed(6n, true), owed(5n, true)], chosen: [] },
    { given: 'nothing', batch: [], chosen: [] },
  ])('$given', async ({ batch, chosen }) => {
    expect((await worthTogether(batch, deps)).map((one) => one.owed)).toEqual(chosen)
  })
})

describe('what a coin is worth', () => {
  it('is more than it costs anywhere, unless somebody says or it is free', () => {
    expect(coinValueOf(undefined, 1)).toBe(10_000_000_000n)
    expect(coinValueOf(undefined, localChain.id)).toBe(0n)
    expect(coinValueOf(7n, localChain.id)).toBe(7n)
    expect(coinValueOf(0n, 1)).toBe(0n)
  })
})
