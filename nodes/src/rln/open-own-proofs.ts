import type { DatabaseSync } from 'node:sqlite'
import type { MembershipLedger, Prover } from '@teahouse/protocol/rln'
import type { WakuMessage } from '@teahouse/protocol/wire'
import type { RlnConfig } from './config.ts'
import { readIdentity, writeIdentity } from './identity-file.ts'
import { messageCounter } from './message-counter.ts'
import { OwnProofError, ownProofs, type OwnProofs } from './own-proof.ts'

export interface OpenOwnProofsDeps {
  readonly db: DatabaseSync
  readonly membership: () => Pick<MembershipLedger, 'membersOf' | 'path'>
  readonly prover: Pick<Prover, 'prove'>
  readonly rlnIdentifier: Uint8Array
  readonly epochSeconds: number
  readonly epochNow: bigint
  readonly now: () => number
}

/**
 * Opens the node's own membership from its identity file; without one, every request for a proof is refused. The mark `unused` is
 * taken off the file before the first id can be handed out, so that a lost counter is never taken for a new one. @throws DataError.
 */
export async function openOwnProofs(config: RlnConfig, deps: OpenOwnProofsDeps): Promise<OwnProofs> {
  const { identityFile } = config
  if (identityFile === undefined) return { attach: refuse }
  const identity = await readIdentity(identityFile)
  if (identity.unused) await writeIdentity(identityFile, { ...identity, unused: false })
  const { commitment, unused } = identity
  const counter = messageCounter(deps.db, { commitment, unused, epochNow: deps.epochNow })
  return ownProofs({
    ...deps,
    identity,
    counter,
    share: config.proofShare,
    sharePerPeer: config.proofSharePerPeer,
  })
}

function refuse(): Promise<WakuMessage> {
  return Promise.reject(new OwnProofError('The node has no membership of its own', { code: 'NO_MEMBERSHIP' }))
}
