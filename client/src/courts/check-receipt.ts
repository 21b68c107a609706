import { receiptId, recoverReceiptSigner } from '@teahouse/protocol/receipts'
import { isAddressEqual, type Address, type Hex } from 'viem'
import type { Chain } from '../chain/chain.ts'
import { badReceipt } from './errors.ts'
import type { KeptReceipt } from './receipt-text.ts'

/** What a receipt has to be about, as the client knows it of itself. */
export interface ReceiptAbout {
  readonly client: Address
  /** `contentTree` of the content. */
  readonly root: Hex
  readonly size: bigint
}

/**
 * Takes a receipt only if a court would convict with it: docs/wire/receipt.md. Gives its id. Throws CourtError BAD_RECEIPT,
 * ReceiptError, CallError.
 */
export async function checkReceipt(
  chain: Chain,
  { chainId, court, receipt, signature }: KeptReceipt,
  about: ReceiptAbout,
): Promise<Hex> {
  const { RetrievalCourt, OperatorStaking } = chain.contracts
  const { operator, client, root, size, from, until } = receipt
  if (chainId !== chain.network.chainId || !isAddressEqual(court, RetrievalCourt.address))
    throw badReceipt('it is for another court')
  if (!isAddressEqual(client, about.client)) throw badReceipt('it is for another client')
  if (root.toLowerCase() !== about.root.toLowerCase() || size !== about.size)
    throw badReceipt('it is about other content')
  const [{ timestamp: now }, maxTerm, { node }, isCovered] = await chain.read('check the receipt', () =>
    Promise.all([
      chain.head(),
      RetrievalCourt.read.maxTerm(),
      OperatorStaking.read.operator([operator]),
      RetrievalCourt.read.isCovered([receipt]),
    ]),
  )
  if (from > now) throw badReceipt('it begins in the future')
  if (until <= now || until - from > maxTerm) throw badReceipt('its term is over, or too long')
  const signer = await recoverReceiptSigner(court, chainId, receipt, signature)
  if (!isAddressEqual(signer, node)) throw badReceipt('another key signed it')
  if (!isCovered) throw badReceipt('no stake stands behind it for long enough')
  return receiptId(receipt)
}
