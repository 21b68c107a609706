import { splitSignature } from '@teahouse/protocol/keys'
import type { ContractReaders } from '@teahouse/protocol/chain'
import type { Address, Hex } from 'viem'
import type { DealSigner } from '../deals/signer.ts'

const TYPES = {
  Permit: [
    { name: 'owner', type: 'address' },
    { name: 'spender', type: 'address' },
    { name: 'value', type: 'uint256' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const

/** What is wanted of a permit: so much, for this contract, until this unix second. */
export interface PermitOf {
  readonly spender: Address
  readonly value: bigint
  readonly deadline: bigint
}

/** The arguments of `tryPermitFor` with a permit (ERC-2612) that the account signs now. Throws what viem throws. */
export async function signPermit(
  account: DealSigner,
  token: ContractReaders['Token'],
  { spender, value, deadline }: PermitOf,
) {
  const owner = account.address
  const [domain, nonce] = await Promise.all([token.read.eip712Domain(), token.read.nonces([owner])])
  const [, name, version, chainId, verifyingContract] = domain
  const signature: Hex = await account.signTypedData({
    domain: { name, version, chainId, verifyingContract },
    types: { ...TYPES },
    primaryType: 'Permit',
    message: { owner, spender, value, nonce, deadline },
  })
  const { r, s, yParity } = splitSignature(signature)
  return [owner, value, deadline, yParity + 27, r, s] as const
}
