import { type Address, type Hex, hashStruct, hashTypedData, type LocalAccount } from 'viem'
import { checkRange } from './errors.ts'
import { recoverSigner } from './signing.ts'

/** A node keeps content for a client from `from` until before `until`, and shows any leaf of it when asked. */
export interface StorageReceipt {
  readonly operator: number
  /** Whom it is for, and who may challenge. */
  readonly client: Address
  /** Of the tree over the content (`contentTree`). */
  readonly root: Hex
  /** Of the content, in bytes. */
  readonly size: bigint
  /** Unix seconds. */
  readonly from: number
  /** Unix seconds. */
  readonly until: number
  /** The most that a fault costs, in the token's smallest unit. */
  readonly liability: bigint
  /** The receipt pledges the units from slot × liability until (slot + 1) × liability of the stake. */
  readonly slot: number
}

const RECEIPT_TYPES = {
  Receipt: [
    { name: 'operator', type: 'uint32' },
    { name: 'client', type: 'address' },
    { name: 'root', type: 'bytes32' },
    { name: 'size', type: 'uint64' },
    { name: 'from', type: 'uint40' },
    { name: 'until', type: 'uint40' },
    { name: 'liability', type: 'uint128' },
    { name: 'slot', type: 'uint32' },
  ],
} as const
const CHALLENGE_TYPES = {
  Challenge: [
    { name: 'receipt', type: 'bytes32' },
    { name: 'number', type: 'uint32' },
    { name: 'deadline', type: 'uint40' },
  ],
} as const
const NOTICE_TYPES = {
  Notice: [
    { name: 'receipt', type: 'bytes32' },
    { name: 'deadline', type: 'uint40' },
  ],
} as const

/** EIP-712 domain of everything that is signed for a RetrievalCourt contract. */
export function retrievalDomain(court: Address, chainId: number) {
  return { name: 'Teahouse RetrievalCourt', version: '1', chainId, verifyingContract: court } as const
}

/** What a node key signs, as EIP-712. Throws ReceiptError OUT_OF_RANGE. */
export function receiptTypedData(court: Address, chainId: number, receipt: StorageReceipt) {
  return {
    domain: retrievalDomain(court, chainId),
    types: RECEIPT_TYPES,
    primaryType: 'Receipt',
    message: fieldsOf(receipt),
  } as const
}

/** Names a receipt at its court: what RetrievalCourt.receiptId gives. Throws ReceiptError OUT_OF_RANGE. */
export function receiptId(receipt: StorageReceipt): Hex {
  return hashStruct({ types: RECEIPT_TYPES, primaryType: 'Receipt', data: fieldsOf(receipt) })
}

/** The digest that RetrievalCourt.receiptDigest gives. Throws ReceiptError OUT_OF_RANGE. */
export function receiptDigest(court: Address, chainId: number, receipt: StorageReceipt): Hex {
  return hashTypedData(receiptTypedData(court, chainId, receipt))
}

/** Signs with the node key: 65 bytes r ‖ s ‖ v. Throws ReceiptError OUT_OF_RANGE. */
export async function signReceipt(
  account: LocalAccount,
  court: Address,
  chainId: number,
  receipt: StorageReceipt,
): Promise<Hex> {
  return account.signTypedData(receiptTypedData(court, chainId, receipt))
}

/** Who signed `receipt`, by the contract's rules. Throws ReceiptError OUT_OF_RANGE or BAD_SIGNATURE. */
export async function recoverReceiptSigner(
  court: Address,
  chainId: number,
  receipt: StorageReceipt,
  signature: Hex,
): Promise<Address> {
  return recoverSigner(receiptDigest(court, chainId, receipt), signature)
}

/**
 * What the client of `receipt` signs for somebody who sends and pays its challenge. `number` counts the challenges of
 * the receipt from 0; `deadline` is in unix seconds. Throws ReceiptError OUT_OF_RANGE.
 */
export function challengeTypedData(
  court: Address,
  chainId: number,
  receipt: StorageReceipt,
  { number, deadline }: { readonly number: number; readonly deadline: number },
) {
  checkRange('number', BigInt(number), 32)
  checkRange('deadline', BigInt(deadline), 40)
  return {
    domain: retrievalDomain(court, chainId),
    types: CHALLENGE_TYPES,
    primaryType: 'Challenge',
    message: { receipt: receiptId(receipt), number, deadline },
  } as const
}

/** What an operator signs for somebody who sends and pays its notice. Unix seconds. Throws ReceiptError OUT_OF_RANGE. */
export function noticeTypedData(court: Address, chainId: number, receipt: StorageReceipt, deadline: number) {
  checkRange('deadline', BigInt(deadline), 40)
  return {
    domain: retrievalDomain(court, chainId),
    types: NOTICE_TYPES,
    primaryType: 'Notice',
    message: { receipt: receiptId(receipt), deadline },
  } as const
}

/**
 * True if the two pledge one thing twice: they are not the same, their terms overlap, and they share a slot or a part of the
 * stake. A notice may have ended one of them sooner than it says.
 */
export function isPledgedTwice(a: StorageReceipt, b: StorageReceipt): boolean {
  if (receiptId(a) === receiptId(b) || a.operator !== b.operator) return false
  if (a.from >= b.until || b.from >= a.until) return false
  return a.slot === b.slot || (pledgeOf(a).from < pledgeOf(b).until && pledgeOf(b).from < pledgeOf(a).until)
}

function pledgeOf({ slot, liability }: StorageReceipt) {
  return { from: BigInt(slot) * liability, until: BigInt(slot + 1) * liability }
}

function fieldsOf({ operator, client, root, size, from, until, liability, slot }: StorageReceipt) {
  checkRange('operator', BigInt(operator), 32)
  checkRange('size', size, 64)
  checkRange('from', BigInt(from), 40)
  checkRange('until', BigInt(until), 40)
  checkRange('liability', liability, 128)
  checkRange('slot', BigInt(slot), 32)
  return { operator, client, root, size, from, until, liability, slot }
}
