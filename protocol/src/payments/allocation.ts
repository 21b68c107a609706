import { type Address, hashTypedData, type Hex, type LocalAccount } from 'viem'
import { channelsDomain, checkRange } from './domain.ts'

/** What a payer signs so that anybody, its payee above all, can allocate for it on chain. */
export interface Allocation {
  readonly payer: Address
  readonly payee: Address
  /** What is put aside in this epoch in all, in the token's smallest unit; below 2^92. */
  readonly total: bigint
  /** The key that signs the vouchers; the pinned one if the channel is open. */
  readonly signer: Address
  /** The present one of an open channel, the next one of a closed one. */
  readonly epoch: bigint
  /** What PaymentChannels.channelNonce gives: 0 in a new epoch. */
  readonly nonce: bigint
  /** Last unix second at which it can be used. */
  readonly deadline: bigint
}

/** The greatest total of a channel that the contract can hold. */
export const MAX_TOTAL = 2n ** 92n - 1n
const TOTAL_BITS = 92

const ALLOCATION_TYPES = {
  Allocation: [
    { name: 'payer', type: 'address' },
    { name: 'payee', type: 'address' },
    { name: 'total', type: 'uint128' },
    { name: 'signer', type: 'address' },
    { name: 'epoch', type: 'uint64' },
    { name: 'nonce', type: 'uint64' },
    { name: 'deadline', type: 'uint40' },
  ],
} as const

/** What a payer signs for `allocateFor`, as EIP-712. Throws PaymentError OUT_OF_RANGE. */
export function allocationTypedData(channels: Address, chainId: number, allocation: Allocation) {
  const { payer, payee, total, signer, epoch, nonce, deadline } = allocation
  checkRange('total', total, TOTAL_BITS)
  checkRange('epoch', epoch, 64)
  checkRange('nonce', nonce, 64)
  checkRange('deadline', deadline, 40)
  return {
    domain: channelsDomain(channels, chainId),
    types: ALLOCATION_TYPES,
    primaryType: 'Allocation',
    message: { payer, payee, total, signer, epoch, nonce, deadline: Number(deadline) },
  } as const
}

/** The digest that PaymentChannels.allocationDigest gives. Throws PaymentError OUT_OF_RANGE. */
export function allocationDigest(channels: Address, chainId: number, allocation: Allocation): Hex {
  return hashTypedData(allocationTypedData(channels, chainId, allocation))
}

/** Signs with the payer's own key. Throws PaymentError OUT_OF_RANGE. */
export async function signAllocation(
  payer: LocalAccount,
  channels: Address,
  chainId: number,
  allocation: Allocation,
): Promise<Hex> {
  return payer.signTypedData(allocationTypedData(channels, chainId, allocation))
}
