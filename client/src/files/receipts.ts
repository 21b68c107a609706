import type { SignedReceipt } from '@teahouse/protocol/blob'
import { ReceiptError, recoverReceiptSigner } from '@teahouse/protocol/receipts'
import { type Address, type Hex, isAddressEqual } from 'viem'
import type { NodeRecord } from '../net/directory.ts'

/** Which court a receipt is for. */
export interface ReceiptCourt {
  readonly court: Address
  readonly chainId: number
}

/** Puts a receipt that was checked on disk, for the courts. */
export type KeepReceipt = (signed: SignedReceipt) => Promise<void>

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
