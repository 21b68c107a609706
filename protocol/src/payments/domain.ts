import { type Address, type Hex, parseSignature, size } from 'viem'
import { PaymentError } from './errors.ts'

/** Half the order of secp256k1: a signature with a larger s is the mirror image of another one. */
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/** EIP-712 domain of everything that is signed for a PaymentChannels contract. */
export function channelsDomain(channels: Address, chainId: number) {
  return { name: 'Teahouse PaymentChannels', version: '1', chainId, verifyingContract: channels } as const
}

/** Throws PaymentError BAD_SIGNATURE unless the contract would accept the form of `signature`: 65 bytes, v 27 or 28, low s. */
export function checkSignature(signature: Hex): void {
  let good = false
  try {
    if (size(signature) === 65) {
      const v = Number.parseInt(signature.slice(-2), 16)
      good = (v === 27 || v === 28) && BigInt(parseSignature(signature).s) <= HALF_ORDER
    }
  } catch {
    good = false
  }
  if (!good) throw new PaymentError('This signature is not 65 bytes r, low s, v', { code: 'BAD_SIGNATURE' })
}

/** Throws PaymentError OUT_OF_RANGE unless `value` is an unsigned number of at most `bits` bits. */
export function checkRange(field: string, value: bigint, bits: number): void {
  if (value >= 0n && value < 1n << BigInt(bits)) return
  throw new PaymentError(`${field} does not fit ${bits} bits`, { code: 'OUT_OF_RANGE', field, value })
}
