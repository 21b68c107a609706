import type { Address } from 'viem'
import { describe, expect, it } from 'vitest'
import { durableMarks } from './membership/leases/marks.ts'
import { scopesOf } from './scopes.ts'
import { memoryStore } from './storage/store.ts'

const address = (digit: string): Address => `0x${digit.repeat(40)}`
const CONTRACTS = {
  Token: address('8'),
  RedEnvelope: address('9'),
  MembershipRegistry: address('a'),
  PaymentChannels: address('b'),
  Escrow: address('c'),
  RetrievalCourt: address('e'),
  ArchiveCourt: address('f'),
}
const on = (genesis: string, over: object = {}) =>
  scopesOf({ chainId: 31_337, genesis, account: address('1'), contracts: CONTRACTS, ...over })

describe('what a store keeps', () => {
  it('remembers leased message ids and slots when a local chain starts again within the epoch', async () => {
    const storage = memoryStore()
    await durableMarks(storage, on('first').messageIds).raise(7n, 1, { first: 0, end: 5 })
    expect((await durableMarks(storage, on('second').messageIds).read(7n)).of(1)).toBe(5)
    expect(on('first').slots).toBe(on('second').slots)
  })

  it('keeps vouchers, deals, receipts and unsent messages of two chains apart', () => {
    for (const name of ['vouchers', 'deals', 'outbox', 'membership', 'receipts', 'evidence'] as const) {
      expect(on('first')[name]).not.toBe(on('second')[name])
    }
  })

  it.each([
    ['chain', { chainId: 1 }],
    ['registry', { contracts: { ...CONTRACTS, MembershipRegistry: address('d') } }],
    ['account', { account: address('2') }],
  ])('counts message ids of another %s apart', (_, over) => {
    expect(on('first', over).messageIds).not.toBe(on('first').messageIds)
  })
})
