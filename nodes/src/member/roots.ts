import type { Address, Hex, LocalAccount } from 'viem'
import { type MembershipRoots, type SignedRoots, signRoots } from '@teahouse/protocol/rln'

export interface SignerDeps {
  readonly account: LocalAccount
  readonly chainId: number
  readonly registry: Address
}

/** Signs what the membership was after a block, once a block: the last `keep` signatures are remembered. */
export function rootsSigner({ account, chainId, registry }: SignerDeps, keep: number) {
  const signed = new Map<Hex, Promise<SignedRoots>>()

  async function sign(roots: MembershipRoots): Promise<SignedRoots> {
    const signature = await signRoots(account, registry, chainId, roots)
    return { ...roots, chainId, registry, node: account.address, signature }
  }

  return (roots: MembershipRoots): Promise<SignedRoots> => {
    const known = signed.get(roots.blockHash)
    if (known) return known
    const fresh = sign(roots)
    signed.set(roots.blockHash, fresh)
    if (signed.size > keep) signed.delete(signed.keys().next().value!)
    return fresh
  }
}
