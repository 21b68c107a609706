import { type Address, hashTypedData, type Hex, type LocalAccount, signatureToCompactSignature } from 'viem'
import { recoverTypedDataAddress } from '../keys.ts'
import { splitSignature } from '../signature.ts'
import { channelsDomain, checkRange, checkSignature } from './domain.ts'
import { PaymentError } from './errors.ts'

/** States that `payer` owes `payee` `cumulative` in total in this epoch of their channel. */
export interface Voucher {
  readonly payer: Address
  readonly payee: Address
  /** Counts how often the channel was opened. */
  readonly epoch: bigint
  /** In the token's smallest unit; only grows. */
  readonly cumulative: bigint
}

const VOUCHER_TYPES = {
  Voucher: [
    { name: 'payer', type: 'address' },
    { name: 'payee', type: 'address' },
    { name: 'epoch', type: 'uint64' },
    { name: 'cumulative', type: 'uint128' },
  ],
} as const

/** What the signer of a channel signs, as EIP-712. Throws PaymentError OUT_OF_RANGE. */
export function voucherTypedData(channels: Address, chainId: number, voucher: Voucher) {
  const { payer, payee, epoch, cumulative } = voucher
  checkRange('epoch', epoch, 64)
  checkRange('cumulative', cumulative, 128)
  return {
    domain: channelsDomain(channels, chainId),
    types: VOUCHER_TYPES,
    primaryType: 'Voucher',
    message: { payer, payee, epoch, cumulative },
  } as const
}

/** The digest that PaymentChannels.voucherDigest gives. Throws PaymentError OUT_OF_RANGE. */
export function voucherDigest(channels: Address, chainId: number, voucher: Voucher): Hex {
  return hashTypedData(voucherTypedData(channels, chainId, voucher))
}

/** Signs with the key that the payer pinned at allocation: 65 bytes r ‖ s ‖ v. Throws PaymentError OUT_OF_RANGE. */
export async function signVoucher(
  account: LocalAccount,
  channels: Address,
  chainId: number,
  voucher: Voucher,
): Promise<Hex> {
  return account.signTypedData(voucherTypedData(channels, chainId, voucher))
}

/**
 * Who signed `voucher`. Accepts exactly the signatures that the contract accepts.
 * Throws PaymentError OUT_OF_RANGE or BAD_SIGNATURE.
 */
export async function recoverVoucherSigner(
  channels: Address,
  chainId: number,
  voucher: Voucher,
  signature: Hex,
): Promise<Address> {
  checkSignature(signature)
  const typed = voucherTypedData(channels, chainId, voucher)
  try {
    return await recoverTypedDataAddress({ ...typed, signature })
  } catch (cause) {
    throw new PaymentError('No key made this signature', { code: 'BAD_SIGNATURE' }, { cause })
  }
}

/** A voucher of the present epoch of its channel as PaymentChannels.collectCompact takes it. */
export interface CompactVoucher {
  readonly payer: Address
  readonly cumulative: bigint
  readonly r: Hex
  /** s, with the parity of y as its highest bit (EIP-2098). */
  readonly vs: Hex
}

/** Packs a voucher with its signature. Throws PaymentError BAD_SIGNATURE unless that has the form that the contract accepts. */
export function compactVoucher(
  { payer, cumulative }: Pick<Voucher, 'payer' | 'cumulative'>,
  signature: Hex,
): CompactVoucher {
  checkSignature(signature)
  const { r, yParityAndS: vs } = signatureToCompactSignature(splitSignature(signature))
  return { payer, cumulative, r, vs }
}
