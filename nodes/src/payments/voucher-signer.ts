import { keccak_256 } from '@noble/hashes/sha3.js'
import { recover } from 'tiny-secp256k1'
import { bytesToHex, hexToBytes, type Address, type Hex } from 'viem'
import { checkSignature, PaymentError, voucherHasher, type Voucher } from '@teahouse/protocol/payments'

/** Who signed a voucher, in lower case. Throws PaymentError OUT_OF_RANGE or BAD_SIGNATURE. */
export type VoucherSigner = (voucher: Voucher, signature: Hex) => Address

/**
 * The same as `recoverVoucherSigner`, many times as fast: WebAssembly of libsecp256k1, and what all vouchers for a contract
 * have in common is hashed once. Accepts exactly the signatures that the contract accepts.
 */
export function voucherSigner(channels: Address, chainId: number): VoucherSigner {
  const digestOf = voucherHasher(channels, chainId)

  return (voucher, signature) => {
    checkSignature(signature)
    const digest = digestOf(voucher)
    const bytes = hexToBytes(signature)
    const key = publicKey(digest, bytes.subarray(0, 64), bytes[64] === 28 ? 1 : 0)
    return bytesToHex(keccak_256(key.subarray(1)).subarray(12))
  }
}

/** 65 bytes, uncompressed. */
function publicKey(digest: Uint8Array, signature: Uint8Array, parity: 0 | 1): Uint8Array {
  const bad = (cause?: unknown) =>
    new PaymentError('No key made this signature', { code: 'BAD_SIGNATURE' }, { cause })
  try {
    const key = recover(digest, signature, parity, false)
    if (key) return key
  } catch (cause) {
    throw bad(cause)
  }
  throw bad()
}
