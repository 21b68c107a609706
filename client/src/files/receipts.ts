import type { SignedReceipt } from '@teahouse/protocol/blob'
import { receiptId, ReceiptError, recoverReceiptSigner } from '@teahouse/protocol/receipts'
import { type Address, type Hex, isAddressEqual } from 'viem'
import type { NodeRecord } from '../net/directory.ts'

/** Which court a receipt is for. */
export interface ReceiptCourt {
  readonly court: Address
  readonly chainId: number
  /** Its longest term, in seconds: receipts for more are cut to it. */
  readonly maxTerm: number
}

/** Seconds that the chain's clock may be ahead of this one: a development chain gains one with each block that a transaction makes. */
const CLOCK_SECONDS = 300

/** Receipts that an account keeps. */
export type KeptReceipts = () => Promise<readonly Pick<SignedReceipt, 'receipt'>[]>

/** For what this account has receipts up to `until`, or for as long as the court allows: by operator and root. */
export async function promised(
  kept: KeptReceipts,
  { client, until, maxTerm }: { readonly client: Address; readonly until: number; readonly maxTerm: number },
): Promise<(operator: number, root: Hex) => boolean> {
  const good = (await kept()).filter(
    ({ receipt }) =>
      isAddressEqual(receipt.client, client) && receipt.until >= Math.min(until, receipt.from + maxTerm),
  )
  const keys = new Set(good.map(({ receipt: { operator, root } }) => `${operator} ${root}`))
  return (operator, root) => keys.has(`${operator} ${root}`)
}

/** When a notice ends the promise of a receipt early, in unix seconds; 0 without one. */
export type EndOf = (id: Hex) => Promise<number>

/** Whether an operator has ended, by notice before the court, what it promised this account to keep of a content. Throws what `endOf` throws. */
export async function hasGivenNotice(
  kept: KeptReceipts,
  endOf: EndOf,
  { operator, root, now }: { readonly operator: number; readonly root: Hex; readonly now: number },
): Promise<boolean> {
  for (const { receipt } of await kept()) {
    if (receipt.operator !== operator || receipt.root !== root) continue
    const end = await endOf(receiptId(receipt))
    if (end !== 0 && end <= now) return true
  }
  return false
}

/** Puts a receipt that was checked on disk, for the courts. */
export type KeepReceipt = (signed: SignedReceipt) => Promise<void>

/**
 * Whether a node's receipt is what was asked for, or for as long as its court allows, so that the court would take it against this node. `now` and
 * `until` are unix seconds.
 */
export async function isReceiptFor(
  { court, chainId, maxTerm }: ReceiptCourt,
  node: Pick<NodeRecord, 'node' | 'operatorId'>,
  asked: {
    readonly client: Address
    readonly root: Hex
    readonly size: number
    readonly until: number
    readonly now: number
  },
  { receipt, signature }: SignedReceipt,
): Promise<boolean> {
  const { client, root, size, until, from, liability, operator } = receipt
  if (!isAddressEqual(client, asked.client) || operator !== node.operatorId) return false
  if (root !== asked.root || size !== BigInt(asked.size)) return false
  if (from > asked.now + CLOCK_SECONDS || until <= asked.now || liability === 0n) return false
  if (from >= until || until - from > maxTerm || until < Math.min(asked.until, from + maxTerm)) return false
  try {
    return isAddressEqual(await recoverReceiptSigner(court, chainId, receipt, signature), node.node)
  } catch (error) {
    if (error instanceof ReceiptError) return false
    throw error
  }
}
