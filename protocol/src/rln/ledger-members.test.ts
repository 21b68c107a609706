import { getAddress, numberToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { memberTable } from './ledger-members.ts'

const holder = (value: number) => getAddress(numberToHex(value, { size: 20 }))

describe('the table of members', () => {
  it('finds members by number and by commitment, also when it has grown', () => {
    const table = memberTable()
    for (let at = 0; at < 1_000; at++)
      table.add({
        idCommitment: BigInt(at % 300) << 200n,
        holder: holder(at),
        rateLimit: 1 + at,
        expiry: 2 ** 39 + at,
      })
    expect(table.count).toBe(1_000)
    expect(table.at(777)).toEqual({
      index: 777,
      idCommitment: 177n << 200n,
      holder: holder(777),
      rateLimit: 778,
      expiry: 2 ** 39 + 777,
      state: 'active',
      active: true,
    })
    expect(table.of(177n << 200n)).toEqual([177, 477, 777])
    expect(table.of(299n << 200n)).toEqual([299, 599, 899])
    expect(table.of(300n << 200n)).toEqual([])
    for (const index of [-1, 1_000, 0.5]) expect(table.at(index)).toBeUndefined()
  })

  it('keeps state and expiry', () => {
    const table = memberTable()
    table.add({ idCommitment: 5n, holder: holder(1), rateLimit: 600, expiry: 10 })
    table.setExpiry(0, 2 ** 40 - 1)
    table.setState(0, 'slashed')
    expect(table.expiry(0)).toBe(2 ** 40 - 1)
    expect(table.at(0)).toMatchObject({
      expiry: 2 ** 40 - 1,
      state: 'slashed',
      active: false,
      rateLimit: 600,
    })
  })
})
