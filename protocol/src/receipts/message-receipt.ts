import { bytesToHex, getAddress, type Hex, hexToBytes, isAddressEqual, numberToHex } from 'viem'
import { decode, RootRequest, RootResponse, type SaidReceipt } from '../wire/index.ts'
import {
  type ArchiveHour,
  type MessageReceipt,
  messageReceiptDigest,
  recoverMessageReceiptSigner,
} from './archive-statements.ts'
import { ReceiptError } from './errors.ts'
import { ROOT_STATUS, type RootQuestion } from './root-answer.ts'

/** A receipt for a message with the signature of the node key, as a court takes both. */
export interface SignedMessageReceipt extends MessageReceipt {
  readonly signature: Hex
}

/** What a receipt was asked for, and of whom. */
export interface ReceiptQuestion extends Omit<RootQuestion, 'messageHash'> {
  readonly client: Hex
  readonly messageHash: Hex
}

const HOUR_NS = 3_600_000_000_000n

/** The hour whose root a message of this time (nanoseconds since 1970) belongs to. */
export const hourOf = (timestamp: bigint): bigint => timestamp / HOUR_NS

/** The request for a receipt for a message. */
export function encodeReceiptRequest(
  {
    shard,
    hour,
    client,
    messageHash,
  }: Pick<ArchiveHour, 'shard' | 'hour'> & { client: Hex; messageHash: Hex },
  requestId = '',
): Uint8Array {
  const fields = { messageHash: hexToBytes(messageHash), receiptFor: hexToBytes(client) }
  return RootRequest.encode({ requestId, shard, hour, ...fields })
}

/** The fields of a RootResponse that hold a receipt. */
export function encodeMessageReceipt(said: SignedMessageReceipt): Partial<RootResponse> {
  const { operator, client, cluster, shard, hour, messageHash, liability, signature } = said
  const receipt: SaidReceipt = {
    ...{ operator, cluster, shard, hour },
    client: hexToBytes(client),
    messageHash: hexToBytes(messageHash),
    liability: liability === 0n ? new Uint8Array() : hexToBytes(numberToHex(liability)),
    signature: hexToBytes(signature),
  }
  return { receipt }
}

/**
 * Reads the receipt in the bytes of a RootResponse; nothing is believed of it yet (`checkMessageReceipt`). Throws ReceiptError REFUSED,
 * BAD_ANSWER, WireError MALFORMED.
 */
export function decodeMessageReceipt(bytes: Uint8Array): SignedMessageReceipt {
  const { statusCode: status, statusDesc: description = '', receipt } = decode(RootResponse, bytes)
  if (status !== ROOT_STATUS.ok)
    throw new ReceiptError(`The node refused (${status}): ${description}`, {
      code: 'REFUSED',
      status,
      description,
    })
  if (!receipt) throw badReceipt('there is none')
  const { client, messageHash, liability, signature, ...said } = receipt
  if (liability.length > 16) throw badReceipt('its liability does not fit 128 bits')
  return {
    ...said,
    client: getAddress(hexOf('client', client, 20)),
    messageHash: hexOf('message hash', messageHash, 32),
    liability: liability.length === 0 ? 0n : BigInt(bytesToHex(liability)),
    signature: hexOf('signature', signature, 65),
  }
}

/** Checks that a receipt is what was asked for, by the node that was asked. Throws ReceiptError BAD_ANSWER, BAD_SIGNATURE, OUT_OF_RANGE. */
export async function checkMessageReceipt(
  question: ReceiptQuestion,
  { signature, ...receipt }: SignedMessageReceipt,
): Promise<void> {
  for (const field of ['operator', 'cluster', 'shard', 'hour'] as const)
    if (receipt[field] !== question[field]) throw badReceipt(`it is about another ${field}`)
  if (!isAddressEqual(receipt.client, question.client)) throw badReceipt('it is for another client')
  if (receipt.messageHash.toLowerCase() !== question.messageHash.toLowerCase())
    throw badReceipt('it is about another message')
  const { court, chainId, node } = question
  const signer = await recoverMessageReceiptSigner(court, chainId, receipt, signature)
  if (!isAddressEqual(signer, node)) throw badReceipt('another key signed it')
}

/** Names a receipt: the digest that the node key signed. Throws ReceiptError OUT_OF_RANGE. */
export const messageReceiptId = (
  { court, chainId }: Pick<RootQuestion, 'court' | 'chainId'>,
  receipt: MessageReceipt,
): Hex => messageReceiptDigest(court, chainId, receipt)

function hexOf(name: string, bytes: Uint8Array, length: number): Hex {
  if (bytes.length !== length) throw badReceipt(`its ${name} has not ${length} bytes`)
  return bytesToHex(bytes)
}

function badReceipt(what: string): ReceiptError {
  return new ReceiptError(`The receipt can't be used: ${what}`, { code: 'BAD_ANSWER', what })
}
