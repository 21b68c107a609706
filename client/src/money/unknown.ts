import { erc20Abi, type Hash } from 'viem'
import type { Chain } from '../chain/chain.ts'
import { bidsOf, type MoneyBook, type PaymentOrder } from './book.ts'
import { MoneyError } from './errors.ts'

/** The clock of a device and that of a chain may differ. */
const SLACK_MS = 3_600_000

/** A look at the chain for what this book can't know: what was paid after the backup was made that it came from, or by another device with the same book. */
export function createUnknownLook({ chain, book }: { readonly chain: Chain; readonly book: MoneyBook }) {
  async function unknownTransfer(
    { token, to, amount }: PaymentOrder,
    since: number,
  ): Promise<Hash | undefined> {
    const known = new Set((await book.list()).flatMap(bidsOf).map(({ hash }) => hash))
    const { address: from } = chain.account
    const found = await chain.reader.getContractEvents({
      ...{ address: token, abi: erc20Abi, eventName: 'Transfer', strict: true },
      ...{ args: { from, to }, fromBlock: 0n },
    })
    for (const { args, transactionHash: hash, blockNumber } of found) {
      if (args.value !== amount || known.has(hash)) continue
      const { timestamp } = await chain.reader.getBlock({ blockNumber })
      if (Number(timestamp) * 1_000 >= since - SLACK_MS) return hash
    }
    return undefined
  }

  /**
   * Throws MoneyError MAYBE_PAID if the chain shows such a payment that the book does not know: since the book was restored, or since `begun` (milliseconds
   * since 1970), when the payment itself was first signed. Throws CallError.
   */
  return async function requireUnpaid(order: PaymentOrder, begun = Infinity): Promise<void> {
    const since = Math.min(begun, (await book.restoredAt()) ?? Infinity)
    if (since === Infinity) return
    const hash = await chain.read('look for an earlier payment', () => unknownTransfer(order, since))
    if (hash === undefined) return
    const message = `A payment of the same to the same is on the chain (${hash}), and the book does not know whether it is this one`
    throw new MoneyError(message, { code: 'MAYBE_PAID', id: order.id, hash })
  }
}
