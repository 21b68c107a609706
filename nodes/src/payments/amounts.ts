import { bytesToHex, hexToBytes, numberToHex, type Address } from 'viem'
import { VoucherError } from './errors.ts'

const ADDRESS_BYTES = 20
const MAX_AMOUNT_BYTES = 16

/** An amount as big-endian bytes without leading zeros; none for 0. */
export function amountBytes(amount: bigint): Uint8Array {
  return amount === 0n ? new Uint8Array(0) : hexToBytes(numberToHex(amount))
}

/** Reads an amount of at most 16 big-endian bytes. @throws VoucherError MALFORMED. */
export function readAmount(field: string, bytes: Uint8Array): bigint {
  if (bytes.length > MAX_AMOUNT_BYTES) throw malformed(field)
  return bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes))
}

/** Reads an address of 20 bytes. @throws VoucherError MALFORMED. */
export function readAddress(field: string, bytes: Uint8Array): Address {
  if (bytes.length !== ADDRESS_BYTES) throw malformed(field)
  return bytesToHex(bytes)
}

export function malformed(field: string, cause?: unknown): VoucherError {
  return new VoucherError(`The ${field} is malformed`, { code: 'MALFORMED', field }, { cause })
}
