import { epochAt, madeBySecret } from '@teahouse/protocol/rln'
import type { WakuMessage } from '@teahouse/protocol/wire'
import { checkForm, checkPairing, checkProof, ignore, Refusal, reject } from './checks.ts'
import type { RlnConfig } from './config.ts'
import type { NullifierLog } from './nullifier-log.ts'
import type { Membership, ValidatorDeps } from './validator.ts'
import type { Verdict } from './verdict.ts'

export interface PastValidatorDeps extends Pick<
  ValidatorDeps,
  'network' | 'rlnIdentifier' | 'verifier' | 'now'
> {
  readonly membership: Pick<Membership, 'ready' | 'revealedSecrets'> & {
    /** Whether a message of this time (unix seconds) could carry this root; undefined if that is not known. */
    wasValidRoot(root: bigint, seconds: number): boolean | undefined
  }
  readonly nullifiers: Pick<NullifierLog, 'get'>
}

/** Judges a message of the past, as another archive has it; `source` is the peer that sent it. */
export type ValidatePast = (pubsubTopic: string, message: WakuMessage, source?: string) => Promise<Verdict>

/**
 * Checks what can still be checked of a message that other nodes accepted: form, shard, time (not in the future), proof, binding, an
 * epoch that fits its time, a root that was valid at that time, revealed secrets, pairing. The rate limit is checked only against what the
 * nullifier log still has. Nothing is entered there: nobody is slashed for what comes late.
 */
export function pastValidator(config: RlnConfig, deps: PastValidatorDeps): ValidatePast {
  const { network, rlnIdentifier, membership, nullifiers, verifier, now } = deps

  function checkTime({ timestamp }: WakuMessage): number {
    if (timestamp === undefined || timestamp <= 0n) throw reject('NO_TIMESTAMP')
    if (timestamp > BigInt(now() + config.maxDriftSeconds * 1_000) * 1_000_000n)
      throw reject('TIMESTAMP_OUT_OF_WINDOW')
    return Number(timestamp / 1_000_000_000n)
  }

  /** The epoch was within the slack of the clock of a node to which the timestamp was within its drift. */
  function checkEpoch(epoch: bigint, seconds: number): void {
    const { maxDriftSeconds: drift, epochSlack } = config
    const first = epochAt(Math.max(0, seconds - drift), network.epochSeconds) - BigInt(epochSlack)
    const last = epochAt(seconds + drift, network.epochSeconds) + BigInt(epochSlack)
    if (epoch < first || epoch > last) throw reject('EPOCH_OUT_OF_WINDOW')
  }

  function checkRoot(root: bigint, seconds: number): void {
    if (!membership.ready) throw ignore('MEMBERSHIP_UNKNOWN')
    const wasValid = membership.wasValidRoot(root, seconds)
    if (wasValid === undefined) throw ignore('UNKNOWN_ROOT')
    if (!wasValid) throw ignore('EXPIRED_ROOT')
  }

  async function check(pubsubTopic: string, message: WakuMessage, source: string | undefined): Promise<void> {
    checkForm(network, pubsubTopic, message)
    const seconds = checkTime(message)
    const proof = checkProof(rlnIdentifier, message)
    checkEpoch(proof.epoch, seconds)
    checkRoot(proof.root, seconds)
    for (const secret of membership.revealedSecrets()) {
      if (madeBySecret(secret, proof)) throw ignore('REVEALED_SECRET')
    }
    const known = nullifiers.get(proof.nullifier)
    if (known && known.x !== proof.x) throw ignore('RATE_EXCEEDED')
    await checkPairing(verifier, proof, source)
  }

  return async (pubsubTopic, message, source) => {
    try {
      await check(pubsubTopic, message, source)
      return { result: 'accept', code: 'OK' }
    } catch (err) {
      if (!(err instanceof Refusal)) throw err
      return err.verdict
    }
  }
}
