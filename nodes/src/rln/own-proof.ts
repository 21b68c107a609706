import { TeahouseError } from '@teahouse/protocol/errors'
import {
  encodeRateLimitProof,
  epochAt,
  epochBytes,
  externalNullifier,
  messageX,
  type Identity,
  type MembershipLedger,
  type ProverInput,
  type RlnProof,
} from '@teahouse/protocol/rln'
import type { WakuMessage } from '@teahouse/protocol/wire'
import type { MessageCounter } from './message-counter.ts'

export type OwnProofFailure =
  | { readonly code: 'OUT_OF_RLN_PROOF'; readonly reason: OutOfProofReason; readonly epoch: string }
  | { readonly code: 'NO_MEMBERSHIP' }

/** Who used the proofs up, or that the counter may not be used before the next epoch. */
export type OutOfProofReason = 'this peer' | 'all peers' | 'until the next epoch'

/** The node has no proof to give for a message that came without one. */
export class OwnProofError extends TeahouseError<OwnProofFailure> {}

export interface OwnProofDeps {
  readonly identity: Identity
  readonly membership: () => Pick<MembershipLedger, 'membersOf' | 'path'>
  readonly counter: MessageCounter
  readonly prover: { prove(input: ProverInput): Promise<RlnProof> }
  readonly rlnIdentifier: Uint8Array
  readonly epochSeconds: number
  /** Shares of the limit (0–1) for all peers and for one peer in an epoch; at least one message each. */
  readonly share: number
  readonly sharePerPeer: number
  readonly now: () => number
}

export interface OwnProofs {
  /**
   * Keeps a proof for a peer, so that it can be charged before one is made; given back by what this returns. Uses no id.
   * @throws as `attach`.
   */
  hold(peerId: string): () => void
  /**
   * The message with a proof of the node's own membership; a missing timestamp becomes now.
   * @throws OwnProofError OUT_OF_RLN_PROOF when the peer's or the total share of this epoch is used up; NO_MEMBERSHIP.
   */
  attach(message: WakuMessage, peerId: string): Promise<WakuMessage>
}

/** Lends the node's own membership to peers that push without a proof. Ids are on disk before a proof uses them. */
export function ownProofs(deps: OwnProofDeps): OwnProofs {
  const { identity, counter, rlnIdentifier, epochSeconds, now } = deps
  let usage = { epoch: -1n, byPeer: new Map<string, number>() }
  /** Proofs that are kept for peers, by peer. */
  const held = new Map<string, number>()

  function takeId(epoch: bigint, rateLimit: number, peerId: string): number {
    if (usage.epoch !== epoch) usage = { epoch, byPeer: new Map() }
    const used = usage.byPeer.get(peerId) ?? 0
    if (used >= atLeastOne(rateLimit * deps.sharePerPeer)) throw outOf('this peer', epoch)
    const id = counter.take(epoch, atLeastOne(rateLimit * deps.share))
    if (id === undefined)
      throw outOf(epoch < counter.firstEpoch ? 'until the next epoch' : 'all peers', epoch)
    usage.byPeer.set(peerId, used + 1)
    return id
  }

  function activeMember(ledger: Pick<MembershipLedger, 'membersOf'>) {
    const member = ledger.membersOf(identity.commitment).find(({ active }) => active)
    if (member) return member
    throw new OwnProofError('The node has no active membership of its own', { code: 'NO_MEMBERSHIP' })
  }

  const epochNow = () => epochAt(Math.floor(now() / 1_000), epochSeconds)

  /** Throws if what is kept for peers leaves none for this one. */
  function requireLeft(epoch: bigint, rateLimit: number, peerId: string): void {
    const used = usage.epoch === epoch ? (usage.byPeer.get(peerId) ?? 0) : 0
    const heldByAll = [...held.values()].reduce((sum, count) => sum + count, 0)
    if (epoch < counter.firstEpoch) throw outOf('until the next epoch', epoch)
    if (used + (held.get(peerId) ?? 0) >= atLeastOne(rateLimit * deps.sharePerPeer))
      throw outOf('this peer', epoch)
    if (counter.used(epoch) + heldByAll >= atLeastOne(rateLimit * deps.share)) throw outOf('all peers', epoch)
  }

  return {
    hold(peerId) {
      const { rateLimit } = activeMember(deps.membership())
      requireLeft(epochNow(), rateLimit, peerId)
      held.set(peerId, (held.get(peerId) ?? 0) + 1)
      return () => {
        const left = (held.get(peerId) ?? 1) - 1
        if (left > 0) held.set(peerId, left)
        else held.delete(peerId)
      }
    },
    async attach(message, peerId) {
      const ledger = deps.membership()
      const { rateLimit, index } = activeMember(ledger)
      const epoch = epochNow()
      const messageId = takeId(epoch, rateLimit, peerId)
      const stamped = { ...message, timestamp: message.timestamp ?? BigInt(now()) * 1_000_000n }
      const bytes = epochBytes(epoch)
      const proof = await deps.prover.prove({
        secret: identity.secret,
        rateLimit,
        messageId,
        path: ledger.path(index),
        x: messageX(stamped),
        externalNullifier: externalNullifier(bytes, rlnIdentifier),
      })
      return { ...stamped, rateLimitProof: encodeRateLimitProof(proof, bytes, rlnIdentifier) }
    },
  }
}

function atLeastOne(share: number): number {
  return Math.max(1, Math.floor(share))
}

function outOf(reason: OutOfProofReason, epoch: bigint): OwnProofError {
  const detail = { code: 'OUT_OF_RLN_PROOF', reason, epoch: epoch.toString() } as const
  return new OwnProofError(`No RLN proof left (${reason}) in epoch ${epoch}`, detail)
}
