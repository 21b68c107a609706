import { createHash } from 'node:crypto'
import {
  decodeQuotaProof,
  madeBySecret,
  ProofError,
  type CompressedRlnProof,
  type RootStatus,
} from '@teahouse/protocol/rln'
import { QuotaProof } from '@teahouse/protocol/wire'
import { VerifierPoolError, type VerifierPool } from '../../rln/verifier/index.ts'
import type { QuotaBook } from './book.ts'
import { QuotaError } from './errors.ts'
import { isDay, type QuotaMeter } from './meter.ts'

export interface QuotaDeskDeps {
  readonly operatorId: number
  /** Proofs of one membership that are taken a day. */
  readonly proofsADay: number
  readonly services: readonly string[]
  /** How a root of this home's trees stands; undefined while the members are not known. */
  readonly homeStatus: (root: bigint) => RootStatus | undefined
  readonly revealedSecrets: () => Iterable<bigint>
  readonly verifier: Pick<VerifierPool, 'verify'>
  readonly book: QuotaBook
  readonly meter: Pick<QuotaMeter, 'bind' | 'left'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Units that are left of a quota, by service. */
export type QuotaLeft = readonly { readonly service: string; readonly units: number }[]

/** Takes proofs for quotas in. */
export interface QuotaDesk {
  /**
   * Checks that a member of this home made the proof for one of the last days' quotas, enters its nullifier, and lets the requests of
   * `peerId` use what is left of it. The very same bytes again are not verified again: their root may be long replaced. Throws QuotaError.
   */
  take(fields: QuotaProof, peerId: string): Promise<QuotaLeft>
}

/** Cheap checks first: day, number, form, root, revealed secrets; the pairing last. What was not verified enters nothing. */
export function quotaDesk(deps: QuotaDeskDeps): QuotaDesk {
  const { operatorId, proofsADay, book, meter, now } = deps
  let pruned = 0

  function read(fields: QuotaProof): CompressedRlnProof {
    const { day, messageId } = fields
    if (!isDay(day, now())) throw new QuotaError(`It is not day ${day}`, { code: 'WRONG_DAY', day })
    if (messageId >= proofsADay) {
      const detail = { code: 'OVER_LIMIT', messageId, limit: proofsADay } as const
      throw new QuotaError(`Of one membership ${proofsADay} proofs are taken a day`, detail)
    }
    try {
      return decodeQuotaProof(fields, operatorId)
    } catch (cause) {
      if (!(cause instanceof ProofError)) throw cause
      throw new QuotaError(cause.message, { code: 'MALFORMED' }, { cause })
    }
  }

  function checkRoot({ root }: CompressedRlnProof): void {
    const status = deps.homeStatus(root)
    if (!status) throw new QuotaError('The members of this home are not known', { code: 'MEMBERS_UNKNOWN' })
    if (status === 'current' || status === 'recent') return
    throw new QuotaError('No tree of this home has this root', { code: 'UNKNOWN_ROOT', status })
  }

  function checkRevealed(proof: CompressedRlnProof): void {
    for (const secret of deps.revealedSecrets()) {
      if (madeBySecret(secret, proof))
        throw new QuotaError('The secret behind this proof is known', { code: 'REVEALED_SECRET' })
    }
  }

  async function checkPairing(proof: CompressedRlnProof, peerId: string): Promise<void> {
    const holds = await deps.verifier.verify(proof, peerId).catch((cause: unknown) => {
      if (!(cause instanceof VerifierPoolError)) throw cause
      throw new QuotaError('No time for this proof', { code: 'OVERLOADED' }, { cause })
    })
    if (!holds) throw new QuotaError('The proof does not hold', { code: 'INVALID_PROOF' })
  }

  function pruneBefore(day: number): void {
    if (day <= pruned) return
    book.prune(day - 1)
    pruned = day
  }

  return {
    async take(fields, peerId) {
      const proof = read(fields)
      const { nullifier } = proof
      const digest = createHash('sha256').update(QuotaProof.encode(fields)).digest()
      const known = book.digest(nullifier)
      if (!known || Buffer.compare(known, digest) !== 0) {
        checkRoot(proof)
        checkRevealed(proof)
        await checkPairing(proof, peerId)
        checkRevealed(proof) // the secret may have come out during the pairing
        pruneBefore(fields.day)
        book.enter({ nullifier, day: fields.day }, digest)
      }
      meter.bind(peerId, { nullifier, day: fields.day })
      return deps.services
        .map((service) => ({ service, units: meter.left(peerId, service) }))
        .filter(({ units }) => units > 0)
    },
  }
}
