import { keccak_256 } from '@noble/hashes/sha3.js'
import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { domainSeparator, type Address } from 'viem'
import { channelsDomain, checkRange } from './domain.ts'
import type { Voucher } from './voucher.ts'

const WORD = 32
const TYPE = 'Voucher(address payer,address payee,uint64 epoch,uint128 cumulative)'

/**
 * Digests of vouchers for one contract, as `voucherDigest` gives them, in 32 bytes: what is the same for all of them is hashed once.
 * The function throws PaymentError OUT_OF_RANGE.
 */
export function voucherHasher(channels: Address, chainId: number): (voucher: Voucher) => Uint8Array {
  const struct = new Uint8Array(5 * WORD)
  struct.set(keccak_256(utf8ToBytes(TYPE)))
  const whole = new Uint8Array(2 + 2 * WORD)
  whole.set([0x19, 0x01])
  whole.set(hexToBytes(domainSeparator({ domain: channelsDomain(channels, chainId) }).slice(2)), 2)

  return ({ payer, payee, epoch, cumulative }) => {
    checkRange('epoch', epoch, 64)
    checkRange('cumulative', cumulative, 128)
    struct.set(hexToBytes(payer.slice(2)), 2 * WORD - 20)
    struct.set(hexToBytes(payee.slice(2)), 3 * WORD - 20)
    struct.set(word(epoch), 3 * WORD)
    struct.set(word(cumulative), 4 * WORD)
    whole.set(keccak_256(struct), 2 + WORD)
    return keccak_256(whole)
  }
}

function word(value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(2 * WORD, '0'))
}
