import type { SignedReceipt } from '@teahouse/protocol/blob'
import {
  ReceiptError,
  receiptId,
  recoverReceiptSigner,
  type StorageReceipt,
} from '@teahouse/protocol/receipts'
import { type Address, type Hex, isAddressEqual } from 'viem'
import { z } from 'zod'
import { parseJson } from '../account/text.ts'
import type { NodeRecord } from '../net/directory.ts'
import { StorageError, type KeyValueStore } from '../storage/store.ts'

/** Which court a receipt is for. */
export interface ReceiptCourt {
  readonly court: Address
  readonly chainId: number
}

/** Whether a node's receipt is what was asked for, so that its court would take it against this node. */
export async function isReceiptFor(
  { court, chainId }: ReceiptCourt,
  node: Pick<NodeRecord, 'node' | 'operatorId'>,
  asked: { readonly client: Address; readonly root: Hex; readonly size: number; readonly until: number },
  { receipt, signature }: SignedReceipt,
): Promise<boolean> {
  const { client, root, size, until, from, liability, operator } = receipt
  if (!isAddressEqual(client, asked.client) || operator !== node.operatorId) return false
  if (root !== asked.root || size !== BigInt(asked.size)) return false
  if (until < asked.until || from >= until || liability === 0n) return false
  try {
    return isAddressEqual(await recoverReceiptSigner(court, chainId, receipt, signature), node.node)
  } catch (error) {
    if (error instanceof ReceiptError) return false
    throw error
  }
}

const Amount = z.string().regex(/^\d{1,39}$/)
const hex = (bytes: number) =>
  z.custom<Hex>((value) => new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`).test(String(value)))
const Kept = z.array(
  z.strictObject({
    operator: z.int(),
    client: hex(20),
    root: hex(32),
    size: Amount,
    from: z.int(),
    until: z.int(),
    liability: Amount,
    slot: z.int(),
    signature: hex(65),
  }),
)

export type ReceiptBook = ReturnType<typeof receiptBook>

/** The receipts of an account, in the folder `receipts/` of its sealed store. What was added is on disk. */
export function receiptBook(store: KeyValueStore) {
  return {
    /** Keeps receipts that were checked, together. */
    async add(receipts: readonly SignedReceipt[]): Promise<void> {
      const [first] = receipts
      if (!first) return
      const text = JSON.stringify(
        receipts.map(({ receipt, signature }) => ({
          ...receipt,
          size: receipt.size.toString(),
          liability: receipt.liability.toString(),
          signature,
        })),
      )
      await store.set(`receipts/${receiptId(first.receipt)}`, text)
    },
    /** All that is kept, in no order. Throws StorageError CORRUPT. */
    async all(): Promise<SignedReceipt[]> {
      const names = await store.keys('receipts/')
      const values = await Promise.all(names.map(async (key) => ({ key, stored: await store.get(key) })))
      return values.flatMap(({ key, stored }) => (stored ? readReceipts(key, stored.value) : []))
    },
  }
}

function readReceipts(key: string, text: string): SignedReceipt[] {
  const kept = Kept.safeParse(parseJson(text))
  if (!kept.success) throw new StorageError('Receipts that were kept are damaged', { code: 'CORRUPT', key })
  return kept.data.map(({ signature, size, liability, ...rest }) => {
    const receipt: StorageReceipt = { ...rest, size: BigInt(size), liability: BigInt(liability) }
    return { receipt, signature }
  })
}
