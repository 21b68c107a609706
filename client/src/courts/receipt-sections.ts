import { receiptId } from '@teahouse/protocol/receipts'
import type { Hex } from 'viem'
import type { SealedPart } from '../account/backup/sealed-section.ts'
import { MESSAGE_RECEIPTS, readMessageReceipt } from './message-receipts.ts'
import { RECEIPTS } from './receipt-store.ts'
import { readReceipt } from './receipt-text.ts'

const inFolder =
  (idOf: (text: string) => Hex) =>
  (name: string, text: string): void => {
    if (idOf(text) !== name.slice(name.lastIndexOf('/') + 1))
      throw new RangeError('A receipt stands under the name of another')
  }

/** Receipts of nodes for what they keep: without them nobody can be held to it. */
export const receiptPart: SealedPart = {
  ...{ name: 'receipts', version: 1, folders: [RECEIPTS] },
  scopeOf: (scopes) => `receipts/${scopes.receipts}`,
  check: inFolder((text) => receiptId(readReceipt(text).receipt)),
}

/** Receipts for messages. One that was settled meanwhile comes back, and is settled again. */
export const messageReceiptPart: SealedPart = {
  ...{ name: 'message-receipts', version: 1, folders: [MESSAGE_RECEIPTS] },
  scopeOf: (scopes) => `message-receipts/${scopes.evidence}`,
  check: inFolder((text) => readMessageReceipt(text).id),
}
