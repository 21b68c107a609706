import type { ChatContent, ChatEnvelope, ChatPayAt, ChatReceipt } from '@teahouse/protocol/wire'
import { bytesToHex, getAddress, hexToBytes, numberToBytes, type Address, type Hex } from 'viem'

/** What contents say about money. None of it is true because somebody says it: see docs/money.md. */
export type MoneyBody =
  /** The sender paid the receiver: `amount` of `token` (smallest unit) to the address `to`. */
  | {
      readonly kind: 'receipt'
      readonly chainId: number
      readonly token: Address
      readonly hash: Hex
      /** The block that it was mined in. */
      readonly block: number
      readonly to: Address
      readonly amount: bigint
      /** At most 280 characters. */
      readonly note: string
      /** The transaction that this pays back. */
      readonly refundOf?: Hex | undefined
    }
  /** Where the receiver can pay the sender; without an address, a question for the receiver's. */
  | { readonly kind: 'payAt'; readonly chainId: number; readonly address?: Address | undefined }
  /** A red envelope, or a share of one: what `decodeEnvelope` reads. */
  | { readonly kind: 'envelope'; readonly content: Uint8Array }

/** Characters of a note to a payment. */
export const MAX_NOTE = 280
const MAX_ENVELOPE_BYTES = 8_192
const SIZES = { address: 20, hash: 32, amount: 32 } as const

/** Throws what `bad` makes of a reason. */
type Must = (condition: boolean, why: string) => void

export function moneyFields(body: MoneyBody): Partial<ChatContent> {
  switch (body.kind) {
    case 'receipt':
      return {
        receipt: {
          chainId: BigInt(body.chainId),
          token: hexToBytes(body.token),
          transaction: hexToBytes(body.hash),
          block: BigInt(body.block),
          to: hexToBytes(body.to),
          amount: numberToBytes(body.amount, { size: SIZES.amount }),
          note: body.note,
          refundOf: hexToBytes(body.refundOf ?? '0x'),
        },
      }
    case 'payAt':
      return { payAt: { chainId: BigInt(body.chainId), address: hexToBytes(body.address ?? '0x') } }
    case 'envelope':
      return { envelope: { content: body.content } }
  }
}

/** What a content says about money; undefined if that is nothing. Throws what `must` throws. */
export function readMoney({ receipt, payAt, envelope }: ChatContent, must: Must): MoneyBody | undefined {
  if (receipt) return readReceipt(receipt, must)
  if (payAt) return readPayAt(payAt, must)
  return envelope && readEnvelope(envelope, must)
}

function readReceipt(receipt: ChatReceipt, must: Must): MoneyBody {
  const { token, transaction, to, amount, note, refundOf } = receipt
  must(token.length === SIZES.address && to.length === SIZES.address, 'an address of its receipt is not one')
  must(transaction.length === SIZES.hash && amount.length === SIZES.amount, 'its receipt is not one')
  must(
    refundOf.length === 0 || refundOf.length === SIZES.hash,
    'what its receipt pays back is no transaction',
  )
  must([...note].length <= MAX_NOTE, 'the note of its receipt is too long')
  return {
    kind: 'receipt',
    chainId: numberOf(receipt.chainId, must),
    token: addressOf(token),
    hash: bytesToHex(transaction),
    block: numberOf(receipt.block, must),
    to: addressOf(to),
    amount: BigInt(bytesToHex(amount)),
    note,
    ...(refundOf.length > 0 && { refundOf: bytesToHex(refundOf) }),
  }
}

function readPayAt({ chainId, address }: ChatPayAt, must: Must): MoneyBody {
  must(address.length === 0 || address.length === SIZES.address, 'where to pay is no address')
  const known = address.length > 0 && { address: addressOf(address) }
  return { kind: 'payAt', chainId: numberOf(chainId, must), ...known }
}

function readEnvelope({ content }: ChatEnvelope, must: Must): MoneyBody {
  must(content.length > 0 && content.length <= MAX_ENVELOPE_BYTES, 'its envelope is empty or too long')
  return { kind: 'envelope', content }
}

const addressOf = (bytes: Uint8Array): Address => getAddress(bytesToHex(bytes))

function numberOf(value: bigint, must: Must): number {
  must(value <= BigInt(Number.MAX_SAFE_INTEGER), 'a number is too large')
  return Number(value)
}
