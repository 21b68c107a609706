import { revertData, revertError, type ContractReaders } from '@teahouse/protocol/chain'
import type { ActionCall } from '@teahouse/protocol/chain-relay'
import type { Hex, PublicClient } from 'viem'

/** Who is to be a member by an action, if that is what it does. */
export interface Joining {
  readonly commitment: bigint
  readonly holder: `0x${string}`
}

export interface RefusalDeps {
  readonly reader: Pick<PublicClient, 'call'>
  readonly contracts: ContractReaders
}

/**
 * What the contract would refuse an action with now, ABI-encoded; undefined if it would go through. A registration that names whoever sends it as its home
 * can't be tried by others, so it is looked whether the member is there. Throws what reading throws.
 */
export async function refusalOf(
  { reader, contracts }: RefusalDeps,
  { to, data }: ActionCall,
  joining?: Joining,
): Promise<Hex | undefined> {
  try {
    await reader.call({ to, data })
    return undefined
  } catch (error) {
    const revert = revertData(error)
    if (revert === undefined) throw error
    if (!joining || !isOfSender(revert)) return revert
    const { state } = await contracts.MembershipRegistry.read.member([joining.commitment, joining.holder])
    return state === 0 ? undefined : revert
  }
}

function isOfSender(revert: Hex): boolean {
  const { detail } = revertError(revert)
  return detail.code === 'REVERTED' && detail.error === 'NotAnOperator'
}
