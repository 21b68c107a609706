import fc from 'fast-check'
import { contentTree, receiptId, signArchiveRoot, type ArchiveRoot } from '@teahouse/protocol/receipts'
import { zeroHash, type Address, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import type { Account } from '../account/account.ts'
import type { Chain } from '../chain/chain.ts'
import type { NodeRecord } from '../net/directory.ts'
import { memoryStore } from '../storage/store.ts'
import { CourtError } from './errors.ts'
import { evidenceBook } from './evidence.ts'
import { receiptStore } from './receipt-store.ts'
import { readReceipt, writeReceipt, type KeptReceipt } from './receipt-text.ts'

const NODE = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const COURT: Address = '0x1000000000000000000000000000000000000001'
const { root, size } = contentTree(Uint8Array.of(1, 2, 3))
const KEPT: KeptReceipt = {
  chainId: 31_337,
  court: COURT,
  receipt: {
    ...{ operator: 1, client: NODE.address, root, size, from: 100, until: 200, liability: 2n ** 128n - 1n },
    slot: 7,
  },
  signature: `0x${'ab'.repeat(65)}`,
}

describe('a receipt as text', () => {
  it('is read as it was written', () => {
    expect(readReceipt(writeReceipt(KEPT))).toEqual(KEPT)
  })

  it('is nothing else: other text throws NOT_A_RECEIPT', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated(writeReceipt(KEPT))), (text) => {
        try {
          expect(writeReceipt(readReceipt(text))).toEqual(writeReceipt(readReceipt(text.trim())))
        } catch (error) {
          expect(error).toBeInstanceOf(CourtError)
          expect((error as CourtError).code).toBe('NOT_A_RECEIPT')
        }
      }),
    )
  })

  it.each([
    ['a number too large', { slot: 2 ** 32 }],
    ['a size too large', { size: `${2n ** 64n}` }],
    ['a short root', { root: '0x12' }],
    ['something more', { more: 1 }],
  ])('is refused with %s', (_, change) => {
    const text = JSON.parse(writeReceipt(KEPT)) as { receipt: object }
    expect(() => readReceipt(JSON.stringify({ ...text, receipt: { ...text.receipt, ...change } }))).toThrow(
      CourtError,
    )
  })
})

/** One place of a text changed. */
function mutated(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat({ max: text.length - 1 }), fc.string({ maxLength: 3 }))
    .map(([at, by]) => text.slice(0, at) + by + text.slice(at + 1))
}

describe('kept receipts', () => {
  it('are found by id until they are forgotten', async () => {
    const store = receiptStore(memoryStore())
    await store.put(KEPT)
    const id = receiptId(KEPT.receipt)
    expect(await store.get(id)).toEqual(KEPT)
    expect(await store.list()).toEqual([KEPT])
    await store.remove(id)
    await expect(store.get(id)).rejects.toMatchObject({ code: 'UNKNOWN_RECEIPT' })
  })
})

describe('evidence', () => {
  const HOUR = { operator: 1, shard: 2, hour: 400n }
  const network = { chainId: 31_337, clusterId: 5 }

  function book(storage = memoryStore()) {
    return evidenceBook({
      chain: { network, contracts: { ArchiveCourt: { address: COURT } } } as unknown as Chain,
      account: { address: NODE.address } as Account,
      ...{ storage, scope: 'test' },
      nodeOf: async () => ({ node: NODE.address }) as NodeRecord,
      ask: () => Promise.reject(new Error('not asked')),
    })
  }

  async function said(change: Partial<ArchiveRoot>) {
    const root: ArchiveRoot = { ...HOUR, cluster: 5, count: 0, root: zeroHash, liability: 9n, ...change }
    return { root: { ...root, signature: await signArchiveRoot(NODE, COURT, 31_337, root) } }
  }
  const ROOT: Hex = `0x${'cd'.repeat(32)}`
  const question = { ...HOUR, node: NODE.address }

  it('is there once two signed roots of one hour differ, and survives', async () => {
    const storage = memoryStore()
    await book(storage).note(question, await said({}))
    await book(storage).note(question, await said({ liability: 8n }))
    expect(await book(storage).list()).toEqual([])
    await book(storage).note(question, await said({ count: 1, root: ROOT }))
    await book(storage).note(question, await said({ count: 1, root: ROOT }))
    const found = await book(storage).list()
    expect(found).toMatchObject([{ first: { count: 0 }, second: { count: 1, root: ROOT } }])
  })

  it('is none of two hours, nor what another key signed', async () => {
    const storage = memoryStore()
    await book(storage).note(question, await said({}))
    await book(storage).note({ ...question, hour: 401n }, await said({ hour: 401n, count: 1, root: ROOT }))
    await expect(
      book(storage).note({ ...question, node: COURT }, await said({ count: 1, root: ROOT })),
    ).rejects.toMatchObject({ code: 'BAD_ANSWER' })
    expect(await book(storage).list()).toEqual([])
  })
})
