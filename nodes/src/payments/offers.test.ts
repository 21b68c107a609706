import { bytesToHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { offerId, verifyOffer } from '@teahouse/protocol/payments'
import { openDatabase } from '../storage/index.ts'
import { PaymentsConfig, SERVICES } from './config.ts'
import { offerBook } from './offer-book.ts'
import { offers } from './offers.ts'
import { VOUCHER_MIGRATIONS } from './voucher-book.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const address = (byte: string) => `0x${byte.repeat(20)}` as const

describe('offers', () => {
  it('signs what the configuration says, keeps it, and renews it in time', async () => {
    let now = 1_000_000
    const config = PaymentsConfig.parse({
      prices: { 'store-query': '5' },
      freeQuota: 3,
      terms: {
        lightpush: { freeQuota: 7, quotaWindowSeconds: 10, maxUnits: 50, maxBytes: 4_000, memberQuota: 70 },
      },
      offerValidSeconds: 100,
    })
    const source = offers(config, {
      account,
      chainId: 1,
      channels: address('aa'),
      token: address('bb'),
      operatorId: 7,
      payee: address('cc'),
      book: offerBook(openDatabase(':memory:', VOUCHER_MIGRATIONS)),
      now: () => now,
    })
    const first = await source.current()
    expect(first.id).toBe(offerId(address('aa'), 1, first.offer))
    const common = {
      price: 0n,
      freeQuota: 3,
      quotaWindowSeconds: 60,
      maxUnits: 0,
      maxBytes: 0,
      memberQuota: 1_000,
    }
    expect(first.offer.prices).toContainEqual({ ...common, service: 'store-query', price: 5n })
    expect(first.offer.prices).toContainEqual({
      ...{ service: 'lightpush', price: 0n, freeQuota: 7 },
      ...{ quotaWindowSeconds: 10, maxUnits: 50, maxBytes: 4_000, memberQuota: 70 },
    })
    expect(first.offer.prices.map(({ service }) => service)).toEqual([...SERVICES])
    const expected = { node: account.address, nowSeconds: 1_000n }
    await verifyOffer(address('aa'), 1, first.offer, bytesToHex(first.message.signature), expected)
    now += 49_000
    expect(await source.current()).toBe(first)
    now += 2_000
    expect((await source.current()).offer.validUntil).toBe(1_151n)
  })

  it('signs again after it failed', async () => {
    const book = offerBook(openDatabase(':memory:', VOUCHER_MIGRATIONS))
    let failures = 1
    const source = offers(PaymentsConfig.parse({}), {
      ...{ account, chainId: 1, channels: address('aa'), token: address('bb'), operatorId: 7 },
      payee: address('cc'),
      book: {
        ...book,
        enter(...args) {
          if (failures-- > 0) throw new Error('disk I/O error')
          book.enter(...args)
        },
      },
      now: () => 1_000_000,
    })
    await expect(source.current()).rejects.toThrow('disk')
    expect((await source.current()).offer.operatorId).toBe(7)
  })
})
