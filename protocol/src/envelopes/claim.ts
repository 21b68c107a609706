import { type Address, hashTypedData, type Hex } from 'viem'
import { accountOfKey } from '../keys.ts'
import { envelopesDomain } from './terms.ts'

const CLAIM_TYPES = {
  Claim: [
    { name: 'envelope', type: 'bytes32' },
    { name: 'recipient', type: 'address' },
  ],
} as const

/** What a claim key signs, as EIP-712: that its share of `envelope` is to be paid to `recipient`. */
export function claimTypedData(envelopes: Address, chainId: number, envelope: Hex, recipient: Address) {
  return {
    domain: envelopesDomain(envelopes, chainId),
    types: CLAIM_TYPES,
    primaryType: 'Claim',
    message: { envelope, recipient },
  } as const
}

/** The digest that RedEnvelope.claimDigest gives. */
export function claimDigest(envelopes: Address, chainId: number, envelope: Hex, recipient: Address): Hex {
  return hashTypedData(claimTypedData(envelopes, chainId, envelope, recipient))
}

/** Signs with a claim key: 65 bytes r ‖ s ‖ v. Anyone can then send the claim; it pays `recipient` only. */
export async function signClaim(
  key: Hex,
  envelopes: Address,
  chainId: number,
  envelope: Hex,
  recipient: Address,
): Promise<Hex> {
  return accountOfKey(key).signTypedData(claimTypedData(envelopes, chainId, envelope, recipient))
}
