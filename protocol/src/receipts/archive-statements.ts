import { type Address, type Hex, hashTypedData, type LocalAccount } from 'viem'
import { checkRange } from './errors.ts'
import { recoverSigner } from './signing.ts'

/** Which archive, and which hour of it. */
export interface ArchiveHour {
  readonly operator: number
  readonly cluster: number
  readonly shard: number
  /** Unix seconds ÷ 3,600, rounded down. */
  readonly hour: bigint
}

/** What a node says, once, of an hour of its archive (`archiveTree`). */
export interface ArchiveRoot extends ArchiveHour {
  readonly count: number
  readonly root: Hex
  /** The most that a fault of this root costs, in the token's smallest unit. */
  readonly liability: bigint
}

/** What a node says of a message that it took: that it will be in the root of `hour`. */
export interface MessageReceipt extends ArchiveHour {
  /** Whom it is for. */
  readonly client: Address
  readonly messageHash: Hex
  /** The most that the omission costs, in the token's smallest unit. */
  readonly liability: bigint
}

const ROOT_TYPES = {
  ArchiveRoot: [
    { name: 'operator', type: 'uint32' },
    { name: 'cluster', type: 'uint16' },
    { name: 'shard', type: 'uint16' },
    { name: 'hour', type: 'uint64' },
    { name: 'count', type: 'uint32' },
    { name: 'root', type: 'bytes32' },
    { name: 'liability', type: 'uint128' },
  ],
} as const
const MESSAGE_TYPES = {
  MessageReceipt: [
    { name: 'operator', type: 'uint32' },
    { name: 'client', type: 'address' },
    { name: 'cluster', type: 'uint16' },
    { name: 'shard', type: 'uint16' },
    { name: 'hour', type: 'uint64' },
    { name: 'messageHash', type: 'bytes32' },
    { name: 'liability', type: 'uint128' },
  ],
} as const

/** EIP-712 domain of everything that is signed for an ArchiveCourt contract. */
export function archiveDomain(court: Address, chainId: number) {
  return { name: 'Teahouse ArchiveCourt', version: '1', chainId, verifyingContract: court } as const
}

/** What a node key signs, as EIP-712. Throws ReceiptError OUT_OF_RANGE. */
export function archiveRootTypedData(court: Address, chainId: number, said: ArchiveRoot) {
  const { operator, cluster, shard, hour, count, root, liability } = said
  checkHour(said)
  checkRange('count', BigInt(count), 32)
  checkRange('liability', liability, 128)
  return {
    domain: archiveDomain(court, chainId),
    types: ROOT_TYPES,
    primaryType: 'ArchiveRoot',
    message: { operator, cluster, shard, hour, count, root, liability },
  } as const
}

/** What a node key signs, as EIP-712. Throws ReceiptError OUT_OF_RANGE. */
export function messageReceiptTypedData(court: Address, chainId: number, said: MessageReceipt) {
  const { operator, client, cluster, shard, hour, messageHash, liability } = said
  checkHour(said)
  checkRange('liability', liability, 128)
  return {
    domain: archiveDomain(court, chainId),
    types: MESSAGE_TYPES,
    primaryType: 'MessageReceipt',
    message: { operator, client, cluster, shard, hour, messageHash, liability },
  } as const
}

/** The digest that ArchiveCourt.rootDigest gives. Throws ReceiptError OUT_OF_RANGE. */
export function archiveRootDigest(court: Address, chainId: number, root: ArchiveRoot): Hex {
  return hashTypedData(archiveRootTypedData(court, chainId, root))
}

/** The digest that ArchiveCourt.messageReceiptDigest gives. Throws ReceiptError OUT_OF_RANGE. */
export function messageReceiptDigest(court: Address, chainId: number, receipt: MessageReceipt): Hex {
  return hashTypedData(messageReceiptTypedData(court, chainId, receipt))
}

/** Signs with the node key, once for each hour: 65 bytes r ‖ s ‖ v. Throws ReceiptError OUT_OF_RANGE. */
export async function signArchiveRoot(
  account: LocalAccount,
  court: Address,
  chainId: number,
  root: ArchiveRoot,
): Promise<Hex> {
  return account.signTypedData(archiveRootTypedData(court, chainId, root))
}

/** Signs with the node key: 65 bytes r ‖ s ‖ v. Throws ReceiptError OUT_OF_RANGE. */
export async function signMessageReceipt(
  account: LocalAccount,
  court: Address,
  chainId: number,
  receipt: MessageReceipt,
): Promise<Hex> {
  return account.signTypedData(messageReceiptTypedData(court, chainId, receipt))
}

/** Who signed `root`, by the contract's rules. Throws ReceiptError OUT_OF_RANGE or BAD_SIGNATURE. */
export async function recoverArchiveRootSigner(
  court: Address,
  chainId: number,
  root: ArchiveRoot,
  signature: Hex,
): Promise<Address> {
  return recoverSigner(archiveRootDigest(court, chainId, root), signature)
}

/** Who signed `receipt`, by the contract's rules. Throws ReceiptError OUT_OF_RANGE or BAD_SIGNATURE. */
export async function recoverMessageReceiptSigner(
  court: Address,
  chainId: number,
  receipt: MessageReceipt,
  signature: Hex,
): Promise<Address> {
  return recoverSigner(messageReceiptDigest(court, chainId, receipt), signature)
}

function checkHour({ operator, cluster, shard, hour }: ArchiveHour): void {
  checkRange('operator', BigInt(operator), 32)
  checkRange('cluster', BigInt(cluster), 16)
  checkRange('shard', BigInt(shard), 16)
  checkRange('hour', hour, 64)
}
