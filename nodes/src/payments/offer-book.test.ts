import { describe, expect, it } from 'vitest'
import type { Price } from '@teahouse/protocol/payments'
import { openDatabase } from '../storage/index.ts'
import { offerBook } from './offer-book.ts'
import { VOUCHER_MIGRATIONS } from './voucher-book.ts'

const price = (amount: bigint): Price[] => [
  {
    service: 'tea',
    price: amount,
    freeQuota: 0,
    quotaWindowSeconds: 60,
    maxUnits: 0,
    maxBytes: 0,
    memberQuota: 0,
  },
]

describe('offerBook', () => {
  it('holds the node to the lowest price of the offers that are still good, over restarts', () => {
    const db = openDatabase(':memory:', VOUCHER_MIGRATIONS)
    offerBook(db).enter(100n, price(5n))
    const book = offerBook(db)
    book.enter(200n, price(9n))
    book.enter(200n, price(12n)) // signed again within the second
    expect(book.lowest('tea', 100)).toBe(5n)
    expect(book.lowest('tea', 160)).toBe(5n) // for who has a clock that is behind
    expect(book.lowest('tea', 161)).toBe(9n)
    expect(book.lowest('coffee', 161)).toBeUndefined()
    expect(offerBook(db).lowest('tea', 0)).toBe(9n) // the first one is gone
    expect(book.lowest('tea', 261)).toBeUndefined()
  })
})
