import {
  type Address,
  encodeAbiParameters,
  hashTypedData,
  type Hex,
  isAddressEqual,
  keccak256,
  type LocalAccount,
} from 'viem'
import { recoverTypedDataAddress } from '../keys.ts'
import { channelsDomain, checkRange, checkSignature } from './domain.ts'
import { PaymentError } from './errors.ts'

/** What one unit of a service costs, and how much of it there is for one peer. What units are: docs/wire/pay.md. */
export interface Price {
  /** `store-query`, `lightpush`, … */
  readonly service: string
  /** In the token's smallest unit, for one unit of the service; 0 if it is free. */
  readonly price: bigint
  /** Units free of charge in each window. */
  readonly freeQuota: number
  readonly quotaWindowSeconds: number
  /** Units in each window at most, paid ones too; 0 without a limit. */
  readonly maxUnits: number
  /** Bytes of one unit at most; 0 if only the protocol limits them. */
  readonly maxBytes: number
  /** Units free of charge in a day for each membership that names the operator as its home. */
  readonly memberQuota: number
}

/** A node's prices, signed by its node key; binding until `validUntil` (unix seconds). */
export interface Offer {
  readonly operatorId: number
  /** Who vouchers must name as payee. */
  readonly payee: Address
  readonly validUntil: bigint
  readonly prices: readonly Price[]
}

const OFFER_TYPES = {
  Offer: [
    { name: 'operatorId', type: 'uint32' },
    { name: 'payee', type: 'address' },
    { name: 'validUntil', type: 'uint64' },
    { name: 'pricesHash', type: 'bytes32' },
  ],
} as const
const PRICES = [
  {
    name: 'prices',
    type: 'tuple[]',
    components: [
      { name: 'service', type: 'string' },
      { name: 'price', type: 'uint128' },
      { name: 'freeQuota', type: 'uint32' },
      { name: 'quotaWindowSeconds', type: 'uint32' },
      { name: 'maxUnits', type: 'uint32' },
      { name: 'maxBytes', type: 'uint32' },
      { name: 'memberQuota', type: 'uint32' },
    ],
  },
] as const

/** keccak256 of the ABI-encoded price list, in its order. Throws PaymentError OUT_OF_RANGE. */
export function pricesHash(prices: readonly Price[]): Hex {
  for (const { service: _, price, ...counts } of prices) {
    checkRange('price', price, 128)
    for (const [field, count] of Object.entries(counts)) checkRange(field, BigInt(count), 32)
  }
  return keccak256(encodeAbiParameters(PRICES, [prices]))
}

/** What a node key signs, as EIP-712 in the domain of the channels contract. Throws PaymentError OUT_OF_RANGE. */
export function offerTypedData(channels: Address, chainId: number, offer: Offer) {
  const { operatorId, payee, validUntil, prices } = offer
  checkRange('operatorId', BigInt(operatorId), 32)
  checkRange('validUntil', validUntil, 64)
  return {
    domain: channelsDomain(channels, chainId),
    types: OFFER_TYPES,
    primaryType: 'Offer',
    message: { operatorId, payee, validUntil, pricesHash: pricesHash(prices) },
  } as const
}

/** Names an offer: the EIP-712 digest. Throws PaymentError OUT_OF_RANGE. */
export function offerId(channels: Address, chainId: number, offer: Offer): Hex {
  return hashTypedData(offerTypedData(channels, chainId, offer))
}

/** Signs with the node key: 65 bytes r ‖ s ‖ v. Throws PaymentError OUT_OF_RANGE. */
export async function signOffer(
  account: LocalAccount,
  channels: Address,
  chainId: number,
  offer: Offer,
): Promise<Hex> {
  return account.signTypedData(offerTypedData(channels, chainId, offer))
}

/**
 * Checks that `node` signed `offer` and that it still holds at `nowSeconds`.
 * Throws PaymentError OUT_OF_RANGE, BAD_SIGNATURE, WRONG_SIGNER or OFFER_EXPIRED.
 */
export async function verifyOffer(
  channels: Address,
  chainId: number,
  offer: Offer,
  signature: Hex,
  { node, nowSeconds }: { readonly node: Address; readonly nowSeconds: bigint },
): Promise<void> {
  checkSignature(signature)
  const typed = offerTypedData(channels, chainId, offer)
  const signer = await recoverTypedDataAddress({ ...typed, signature }).catch((cause: unknown) => {
    throw new PaymentError('No key made this signature', { code: 'BAD_SIGNATURE' }, { cause })
  })
  if (!isAddressEqual(signer, node)) {
    const detail = { code: 'WRONG_SIGNER', signer, expected: node } as const
    throw new PaymentError(`The offer is signed by ${signer}, not by ${node}`, detail)
  }
  if (nowSeconds > offer.validUntil) {
    const detail = { code: 'OFFER_EXPIRED', validUntil: offer.validUntil, now: nowSeconds } as const
    throw new PaymentError('The offer has expired', detail)
  }
}
