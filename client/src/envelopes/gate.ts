import {
  createGateProver,
  groupOf,
  loadSemaphore,
  memberKey,
  memberOf,
  type GateProof,
  type Member,
} from '@teahouse/protocol/envelopes'
import type { Address, Hex } from 'viem'
import type { Account } from '../account/account.ts'
import { utf8 } from '../account/text.ts'

/** Reads a file that lies beside the code. */
export type ReadArtifact = (url: URL) => Promise<Uint8Array>

/** This account's identity in a group; no two groups' can be linked. */
export const memberIn = ({ giftKey }: Pick<Account, 'giftKey'>, group: string): Member =>
  memberOf(memberKey(giftKey, utf8(group)))

/**
 * Proves that the account is one of the members, and claims a share for `recipient`. Takes about a second of this thread. Throws EnvelopeError
 * NOT_A_MEMBER; ProofError.
 */
export async function proveMembership(
  read: ReadArtifact,
  account: Pick<Account, 'giftKey'>,
  { group, members }: { readonly group: string; readonly members: readonly bigint[] },
  claim: { readonly envelope: Hex; readonly recipient: Address },
): Promise<GateProof> {
  const wanted = { member: memberIn(account, group), group: groupOf(members), ...claim }
  wanted.group.path(wanted.member.commitment) // before the files are loaded
  const prove = await createGateProver(await loadSemaphore(read))
  return prove(wanted)
}
