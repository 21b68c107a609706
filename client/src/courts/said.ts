import {
  decodeMessageReceipt,
  encodeMessageReceipt,
  type SignedMessageReceipt,
} from '@teahouse/protocol/receipts'
import { RootResponse } from '@teahouse/protocol/wire'
import { bytesToHex, hexToBytes, type Hex } from 'viem'

/** A receipt for a message as the node's answer to a request for it. */
export function saidOf(receipt: SignedMessageReceipt): Hex {
  return bytesToHex(RootResponse.encode({ requestId: '', statusCode: 200, ...encodeMessageReceipt(receipt) }))
}

/** The receipt in such an answer. Throws ReceiptError, WireError. */
export const receiptIn = (said: Hex): SignedMessageReceipt => decodeMessageReceipt(hexToBytes(said))
