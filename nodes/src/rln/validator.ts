import { epochAt, madeBySecret, type DecodedProof, type RootStatus, type Share } from '@teahouse/protocol/rln'
import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import { checkForm, checkPairing, checkProof, ignore, Refusal, reject } from './checks.ts'
import { verdictCounter, type ValidationCounts } from './counters.ts'
import type { NullifierLog } from './nullifier-log.ts'
import type { RootWaiter } from './root-waiter.ts'
import type { RlnConfig } from './config.ts'
import type { Verdict, VerdictCode } from './verdict.ts'
import type { VerifierPool } from './verifier/index.ts'

/** What the validator asks about members. */
export interface Membership {
  /** False while the members are not known: before the first read of the chain, or after a ledger mismatch. */
  readonly ready: boolean
  /** In the time of blocks: while the chain stands still no member can leave it, so no root expires. */
  rootStatus(root: bigint): RootStatus
  /** Secrets that are known to everybody, or to this node; what they can still make is refused. */
  revealedSecrets(): Iterable<bigint>
}

/** Two verified shares in one slot: the member's secret can be computed from them. */
export interface DoubleSignal {
  readonly nullifier: bigint
  readonly first: Share
  readonly second: Share
}

export interface ValidatorDeps {
  readonly network: { readonly clusterId: number; readonly shards: number; readonly epochSeconds: number }
  readonly rlnIdentifier: Uint8Array
  readonly membership: Membership
  readonly roots: RootWaiter
  readonly nullifiers: NullifierLog
  readonly verifier: Pick<VerifierPool, 'verify'>
  /** Whether a message is in the archive: an accepted message that a crash kept out of it may come again. */
  readonly kept: (hash: Uint8Array) => Promise<boolean>
  readonly foundDoubleSignal: (found: DoubleSignal) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface Validator {
  /** `source` is the peer that sent the message; without it, the node itself. */
  validate(pubsubTopic: string, message: WakuMessage, source?: string): Promise<Verdict>
  /**
   * Form, shard and time of a message that has no proof yet, so that none is made for one that will be refused; undefined
   * if they are good. A missing timestamp is: who makes the proof sets it.
   */
  precheck(pubsubTopic: string, message: WakuMessage): Verdict | undefined
  counts(): ValidationCounts
}

interface Checked {
  readonly proof: DecodedProof
  readonly hash: Uint8Array
  readonly ephemeral: boolean
}

/**
 * Validates messages by RLN-v2, cheap checks first: form, shard, time, proof form, binding, epoch, root, revealed secrets, known nullifier,
 * pairing. Only shares that were verified enter the nullifier log, so nobody can fill it or frame a member.
 */
export function createValidator(config: RlnConfig, deps: ValidatorDeps): Validator {
  const { network, membership, nullifiers, now } = deps
  const counter = verdictCounter()
  const nowSeconds = () => Math.floor(now() / 1_000)

  function checkTime({ timestamp }: WakuMessage): void {
    if (timestamp === undefined || timestamp === 0n) throw reject('NO_TIMESTAMP')
    const driftMs = Number(timestamp / 1_000_000n) - now()
    if (Math.abs(driftMs) > config.maxDriftSeconds * 1_000) throw ignore('TIMESTAMP_OUT_OF_WINDOW')
  }

  function checkEpoch({ epoch }: DecodedProof): void {
    const distance = epoch - epochAt(nowSeconds(), network.epochSeconds)
    if (distance > BigInt(config.epochSlack) || -distance > BigInt(config.epochSlack))
      throw ignore('EPOCH_OUT_OF_WINDOW')
  }

  async function checkRoot({ root }: DecodedProof): Promise<void> {
    if (!membership.ready) throw ignore('MEMBERSHIP_UNKNOWN')
    const status = () => membership.rootStatus(root)
    const settled = status() === 'unknown' ? await deps.roots.waitUntil(() => status() !== 'unknown') : true
    if (!settled) throw ignore('UNKNOWN_ROOT')
    if (status() === 'expired') throw ignore('EXPIRED_ROOT')
  }

  function checkRevealed(proof: DecodedProof): void {
    for (const secret of membership.revealedSecrets()) {
      if (madeBySecret(secret, proof)) throw ignore('REVEALED_SECRET')
    }
  }

  /** A message that was accepted before: again, or only its lasting copy, or because a crash lost it. */
  async function checkKnown({ proof, hash, ephemeral }: Checked): Promise<void> {
    const known = nullifiers.get(proof.nullifier)
    if (!known || known.x !== proof.x) return
    const lastingCopy = known.ephemeral && !ephemeral
    const lost = !known.ephemeral && !ephemeral && !(await deps.kept(hash))
    if (!lastingCopy && !lost) throw ignore('DUPLICATE')
  }

  async function enter({ proof, hash, ephemeral }: Checked): Promise<VerdictCode> {
    const { nullifier, epoch, x, y } = proof
    const known = nullifiers.enter({ nullifier, epoch, x, y, hash, ephemeral })
    if (!known) return 'OK'
    if (known.x !== x) {
      deps.foundDoubleSignal({ nullifier, first: { x: known.x, y: known.y }, second: { x, y } })
      throw ignore('RATE_EXCEEDED')
    }
    if (ephemeral) throw ignore('DUPLICATE')
    if (known.ephemeral) {
      nullifiers.markLasting(nullifier)
      return 'OK_LASTING'
    }
    if (await deps.kept(hash)) throw ignore('DUPLICATE')
    return 'OK'
  }

  async function check(
    pubsubTopic: string,
    message: WakuMessage,
    source: string | undefined,
  ): Promise<VerdictCode> {
    checkForm(network, pubsubTopic, message)
    checkTime(message)
    const proof = checkProof(deps.rlnIdentifier, message)
    checkEpoch(proof)
    await checkRoot(proof)
    checkRevealed(proof)
    const checked = { proof, hash: messageHash(pubsubTopic, message), ephemeral: message.ephemeral === true }
    await checkKnown(checked)
    await checkPairing(deps.verifier, proof, source)
    checkRevealed(proof) // the secret may have come out during the pairing
    return await enter(checked)
  }

  return {
    async validate(pubsubTopic, message, source) {
      let verdict: Verdict
      try {
        verdict = { result: 'accept', code: await check(pubsubTopic, message, source) }
      } catch (err) {
        if (!(err instanceof Refusal)) throw err
        verdict = err.verdict
      }
      counter.add(verdict)
      return verdict
    },
    precheck(pubsubTopic, message) {
      try {
        checkForm(network, pubsubTopic, message)
        if (message.timestamp !== undefined) checkTime(message)
        return undefined
      } catch (err) {
        if (!(err instanceof Refusal)) throw err
        counter.add(err.verdict)
        return err.verdict
      }
    },
    counts: counter.counts,
  }
}
