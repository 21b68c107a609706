import type { Address, Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import {
  type ArchiveRoot,
  type MessageReceipt,
  recoverArchiveRootSigner,
  recoverMessageReceiptSigner,
  signArchiveRoot,
  signMessageReceipt,
} from './archive-statements.ts'
import { ReceiptError } from './errors.ts'
import {
  challengeTypedData,
  isPledgedTwice,
  noticeTypedData,
  receiptDigest,
  recoverReceiptSigner,
  signReceipt,
  type StorageReceipt,
} from './storage-receipt.ts'

const node = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const COURT: Address = '0x1000000000000000000000000000000000000001'
const OTHER: Address = '0x2000000000000000000000000000000000000002'
const CHAIN = 31337
const HASH: Hex = `0x${'ab'.repeat(32)}`
const RECEIPT: StorageReceipt = {
  operator: 1,
  client: OTHER,
  root: HASH,
  size: 1_000n,
  from: 100,
  until: 200,
  liability: 50n,
  slot: 3,
}
const ROOT: ArchiveRoot = {
  operator: 1,
  cluster: 5,
  shard: 2,
  hour: 400n,
  count: 3,
  root: HASH,
  liability: 9n,
}
const MESSAGE: MessageReceipt = {
  operator: 1,
  client: OTHER,
  cluster: 5,
  shard: 2,
  hour: 400n,
  messageHash: HASH,
  liability: 9n,
}

describe('what a node signs', () => {
  it('is recovered to its key', async () => {
    const receipt = await signReceipt(node, COURT, CHAIN, RECEIPT)
    expect(await recoverReceiptSigner(COURT, CHAIN, RECEIPT, receipt)).toBe(node.address)
    const root = await signArchiveRoot(node, COURT, CHAIN, ROOT)
    expect(await recoverArchiveRootSigner(COURT, CHAIN, ROOT, root)).toBe(node.address)
    const message = await signMessageReceipt(node, COURT, CHAIN, MESSAGE)
    expect(await recoverMessageReceiptSigner(COURT, CHAIN, MESSAGE, message)).toBe(node.address)
  })

  it.each<{ given: string; court: Address; chain: number; change: Partial<StorageReceipt> }>([
    { given: 'another court', court: OTHER, chain: CHAIN, change: {} },
    { given: 'another chain', court: COURT, chain: 1, change: {} },
    { given: 'another operator', court: COURT, chain: CHAIN, change: { operator: 2 } },
    { given: 'another client', court: COURT, chain: CHAIN, change: { client: COURT } },
    { given: 'another root', court: COURT, chain: CHAIN, change: { root: `0x${'ac'.repeat(32)}` } },
    { given: 'another size', court: COURT, chain: CHAIN, change: { size: 1_001n } },
    { given: 'another term', court: COURT, chain: CHAIN, change: { until: 201 } },
    { given: 'another liability', court: COURT, chain: CHAIN, change: { liability: 51n } },
    { given: 'another slot', court: COURT, chain: CHAIN, change: { slot: 4 } },
  ])('is not its key’s with $given', async ({ court, chain, change }) => {
    const signature = await signReceipt(node, COURT, CHAIN, RECEIPT)
    expect(await recoverReceiptSigner(court, chain, { ...RECEIPT, ...change }, signature)).not.toBe(
      node.address,
    )
  })

  it.each([
    { field: 'operator', run: () => receiptDigest(COURT, CHAIN, { ...RECEIPT, operator: 2 ** 32 }) },
    { field: 'size', run: () => receiptDigest(COURT, CHAIN, { ...RECEIPT, size: 2n ** 64n }) },
    { field: 'from', run: () => receiptDigest(COURT, CHAIN, { ...RECEIPT, from: -1 }) },
    { field: 'until', run: () => receiptDigest(COURT, CHAIN, { ...RECEIPT, until: 2 ** 40 }) },
    { field: 'liability', run: () => receiptDigest(COURT, CHAIN, { ...RECEIPT, liability: 2n ** 128n }) },
    { field: 'slot', run: () => receiptDigest(COURT, CHAIN, { ...RECEIPT, slot: 2 ** 32 }) },
    { field: 'number', run: () => challengeTypedData(COURT, CHAIN, RECEIPT, { number: -1, deadline: 1 }) },
    { field: 'deadline', run: () => challengeTypedData(COURT, CHAIN, RECEIPT, { number: 0, deadline: -1 }) },
    { field: 'deadline', run: () => noticeTypedData(COURT, CHAIN, RECEIPT, 2 ** 40) },
  ])('must have $field in range', ({ field, run }) => {
    expect(run).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ code: 'OUT_OF_RANGE', field }) }),
    )
  })

  it.each(['cluster', 'shard', 'count'] as const)('of an hour must have %s in range', async (field) => {
    const error: unknown = await signArchiveRoot(node, COURT, CHAIN, { ...ROOT, [field]: 2 ** 32 }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ detail: { code: 'OUT_OF_RANGE', field } })
  })

  it.each(['0x', '0x1234', `0x${'00'.repeat(65)}`, `0x${'ff'.repeat(64)}1b`] as Hex[])(
    'is refused with %s for a signature',
    async (signature) => {
      const error: unknown = await recoverReceiptSigner(COURT, CHAIN, RECEIPT, signature).catch(
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(ReceiptError)
      expect((error as ReceiptError).code).toBe('BAD_SIGNATURE')
    },
  )
})

describe('two receipts', () => {
  it.each([
    { given: 'one slot at one time', change: { size: 1n }, twice: true },
    { given: 'one slot in the last second', change: { from: 199, until: 300 }, twice: true },
    { given: 'one slot, one after the other', change: { from: 200, until: 300 }, twice: false },
    { given: 'another slot', change: { slot: 4 }, twice: false },
    { given: 'another slot that lies over it', change: { slot: 1, liability: 100n }, twice: true },
    { given: 'another slot just below', change: { slot: 0, liability: 150n }, twice: false },
    { given: 'another slot that ends one unit into it', change: { slot: 0, liability: 151n }, twice: true },
    { given: 'another slot just above', change: { slot: 1, liability: 200n }, twice: false },
    { given: 'another operator', change: { operator: 2 }, twice: false },
    { given: 'nothing else', change: {}, twice: false },
  ])('with $given: pledged twice is $twice', ({ change, twice }) => {
    expect(isPledgedTwice(RECEIPT, { ...RECEIPT, ...change })).toBe(twice)
    expect(isPledgedTwice({ ...RECEIPT, ...change }, RECEIPT)).toBe(twice)
  })
})
