import { bytesToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { offerId, verifyOffer } from '@teahouse/protocol/payments'
import { PaymentsConfig } from './config.ts'
import { offers } from './offers.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const address = (byte: string) => `0x${byte.repeat(20)}` as const

describe('offers', () => {
  it('signs what the configuration says, keeps it, and renews it in time', async () => {
    let now = 1_000_000
    const config = PaymentsConfig.parse({
      prices: { 'store-query': '5' },
      freeQuota: 3,
      offerValidSeconds: 100,
    })
    const source = offers(config, {
      account,
      chainId: 1,
      channels: address('aa'),
      token: address('bb'),
      operatorId: 7,
      payee: address('cc'),
      now: () => now,
    })
    const first = await source.current()
    expect(first.id).toBe(offerId(address('aa'), 1, first.offer))
    expect(first.offer.prices).toEqual([
      { service: 'store-query', price: 5n, freeQuota: 3, quotaWindowSeconds: 60 },
      { service: 'lightpush', price: 0n, freeQuota: 3, quotaWindowSeconds: 60 },
      { service: 'member', price: 0n, freeQuota: 3, quotaWindowSeconds: 60 },
    ])
    const expected = { node: account.address, nowSeconds: 1_000n }
    await verifyOffer(address('aa'), 1, first.offer, bytesToHex(first.message.signature), expected)
    now += 49_000
    expect(await source.current()).toBe(first)
    now += 2_000
    expect((await source.current()).offer.validUntil).toBe(1_151n)
  })
})
