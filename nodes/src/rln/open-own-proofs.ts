import type { DatabaseSync } from 'node:sqlite'
import type { MembershipLedger, ProverInput, RlnProof } from '@teahouse/protocol/rln'
import type { RlnConfig } from './config.ts'
import { claimIdentity } from './claim-identity.ts'
import { readIdentity } from './identity-file.ts'
import { instanceStore } from './instance-store.ts'
import { messageCounter } from './message-counter.ts'
import { OwnProofError, ownProofs, type OwnProofs } from './own-proof.ts'
import { stopMark } from './stop-mark.ts'

export interface OpenOwnProofsDeps {
  readonly db: DatabaseSync
  /** Where a clean stop is noted, in the folder of the database. */
  readonly stopMarkFile: string
  readonly membership: () => Pick<MembershipLedger, 'membersOf' | 'path'>
  readonly prover: { prove(input: ProverInput): Promise<RlnProof> }
  readonly rlnIdentifier: Uint8Array
  readonly epochSeconds: number
  readonly epochNow: bigint
  readonly now: () => number
}

export interface OpenedProofs extends OwnProofs {
  /** Gives no more ids and notes a clean stop: only after one, the next start goes on within the epoch. */
  close(): Promise<void>
}

/**
 * Opens the node's own membership from its identity file; without one, every request for a proof is refused. The file is claimed before
 * the first id can be handed out: see `claimIdentity`. @throws DataError, InstanceError.
 */
export async function openOwnProofs(config: RlnConfig, deps: OpenOwnProofsDeps): Promise<OpenedProofs> {
  const { identityFile } = config
  if (identityFile === undefined)
    return { hold: refuse, attach: async () => refuse(), close: () => Promise.resolve() }
  const identity = await readIdentity(identityFile)
  const mark = stopMark(deps.stopMarkFile)
  const { complete, release } = await claimIdentity(identity, {
    path: identityFile,
    store: instanceStore(deps.db),
    mark,
  })
  const { commitment } = identity
  const counter = messageCounter(deps.db, { commitment, complete, epochNow: deps.epochNow })
  const { hold, attach } = ownProofs({
    ...deps,
    identity,
    counter,
    share: config.proofShare,
    sharePerPeer: config.proofSharePerPeer,
  })
  return {
    hold,
    attach,
    async close() {
      counter.close()
      await release()
    },
  }
}

function refuse(): never {
  throw new OwnProofError('The node has no membership of its own', { code: 'NO_MEMBERSHIP' })
}
