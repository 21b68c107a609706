import type { Address, Hex } from 'viem'
import { isCanonicalSignature } from '../signature.ts'
import { PaymentError } from './errors.ts'

/** EIP-712 domain of everything that is signed for a PaymentChannels contract. */
export function channelsDomain(channels: Address, chainId: number) {
  return { name: 'Teahouse PaymentChannels', version: '1', chainId, verifyingContract: channels } as const
}

/** Throws PaymentError BAD_SIGNATURE unless the contract would accept the form of `signature`: 65 bytes, v 27 or 28, low s. */
export function checkSignature(signature: Hex): void {
  if (isCanonicalSignature(signature)) return
  throw new PaymentError('This signature is not 65 bytes r, low s, v', { code: 'BAD_SIGNATURE' })
}

/** Throws PaymentError OUT_OF_RANGE unless `value` is an unsigned number of at most `bits` bits. */
export function checkRange(field: string, value: bigint, bits: number): void {
  if (value >= 0n && value < 1n << BigInt(bits)) return
  throw new PaymentError(`${field} does not fit ${bits} bits`, { code: 'OUT_OF_RANGE', field, value })
}
