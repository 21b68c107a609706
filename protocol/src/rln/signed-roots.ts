import { type Address, type Hex, isAddressEqual, type LocalAccount } from 'viem'
import { recoverTypedDataAddress } from '../keys.ts'
import { TeahouseError } from '../errors.ts'

/** A node's word on the membership after one block. */
export interface MembershipRoots {
  readonly blockNumber: bigint
  readonly blockHash: Hex
  /** The root of every tree after that block, oldest tree first, as 32 bytes big-endian. */
  readonly roots: readonly Hex[]
  /** The registry's ledger word after that block. */
  readonly ledgerHash: Hex
  readonly memberCount: number
}

/** A signed word, kept whole: two of one node that differ for one block prove that it lied. */
export interface SignedRoots extends MembershipRoots {
  readonly chainId: number
  readonly registry: Address
  /** Whose key signed. */
  readonly node: Address
  readonly signature: Hex
}

export type RootsErrorDetail =
  | { readonly code: 'BAD_SIGNATURE' }
  | { readonly code: 'WRONG_SIGNER'; readonly signer: Address; readonly expected: Address }

/** A signed answer does not come from the node that it should come from. */
export class RootsError extends TeahouseError<RootsErrorDetail> {}

const TYPES = {
  MembershipRoots: [
    { name: 'blockNumber', type: 'uint64' },
    { name: 'blockHash', type: 'bytes32' },
    { name: 'roots', type: 'bytes32[]' },
    { name: 'ledgerHash', type: 'bytes32' },
    { name: 'memberCount', type: 'uint32' },
  ],
} as const

/** What a node key signs: EIP-712 in a domain of the registry. */
export function rootsTypedData(registry: Address, chainId: number, answer: MembershipRoots) {
  const { blockNumber, blockHash, roots, ledgerHash, memberCount } = answer
  return {
    domain: { name: 'Teahouse Membership', version: '1', chainId, verifyingContract: registry },
    types: TYPES,
    primaryType: 'MembershipRoots',
    message: { blockNumber, blockHash, roots, ledgerHash, memberCount },
  } as const
}

/** Signs with the node key: 65 bytes r ‖ s ‖ v. */
export function signRoots(
  account: LocalAccount,
  registry: Address,
  chainId: number,
  answer: MembershipRoots,
): Promise<Hex> {
  return account.signTypedData(rootsTypedData(registry, chainId, answer))
}

/** Checks that `node` signed an answer. Throws RootsError BAD_SIGNATURE or WRONG_SIGNER. */
export async function verifyRoots(answer: SignedRoots): Promise<void> {
  const { registry, chainId, node: expected, signature } = answer
  const typed = rootsTypedData(registry, chainId, answer)
  const signer = await recoverTypedDataAddress({ ...typed, signature }).catch((cause: unknown) => {
    throw new RootsError('No key made this signature', { code: 'BAD_SIGNATURE' }, { cause })
  })
  if (isAddressEqual(signer, expected)) return
  throw new RootsError(`The roots are signed by ${signer}, not by ${expected}`, {
    code: 'WRONG_SIGNER',
    signer,
    expected,
  })
}
