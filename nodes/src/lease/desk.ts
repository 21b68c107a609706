import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import {
  claimBytes,
  LEASE_STATUS as STATUS,
  type LeaseClaim,
  type LeaseQuestion,
  type SignedRange,
} from '@teahouse/protocol/lease'
import { epochAt } from '@teahouse/protocol/rln'
import { Refusal } from '../net/index.ts'
import { rateLimit } from '../rate-limit.ts'
import { sameClaim, type LeaseBook } from './book.ts'
import type { LeaseConfig } from './config.ts'
import { keyQuota, type Asker } from './quota.ts'

export interface LeaseDeskDeps {
  readonly book: LeaseBook
  /** Names the network in what is signed. */
  readonly identifier: Uint8Array
  readonly epochSeconds: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Requests since the start, by what became of them. */
export interface LeaseCounts {
  readonly granted: number
  readonly taken: number
  readonly refused: number
}

export interface LeaseDesk {
  /** What was claimed last under the key, the asker's own claim if it is granted. Throws Refusal, AlreadyTaken. */
  answer(question: LeaseQuestion | undefined, from: Asker): Promise<SignedRange | undefined>
  /** Forgets epochs before `epoch`. */
  prune(epoch: bigint): Promise<void>
  counts(): LeaseCounts
}

/** A claim that comes too late; `claim` is what stands instead. */
export class AlreadyTaken extends Refusal {
  readonly claim: LeaseClaim

  constructor(claim: LeaseClaim) {
    super(STATUS.taken, `TAKEN: the places before ${claim.end} are claimed already`)
    this.claim = claim
  }
}

/** Epochs for which leases are granted, from the one before the node's own: a client may be a little ahead, and asks for the next. */
const EPOCHS_BEHIND = 1n
const EPOCHS_AHEAD = 2n

/** SPKI header of an Ed25519 key (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

/** Grants ranges of places, each once. */
export function leaseDesk(config: LeaseConfig, deps: LeaseDeskDeps): LeaseDesk {
  const { book, identifier, epochSeconds, now } = deps
  const requests = rateLimit(config.requestsPerSecond, config.requestsAtOnce)
  const quota = keyQuota(config, book.count)
  const counts = { granted: 0, taken: 0, refused: 0 }
  let keptFrom = 0n

  function checkEpoch(epoch: bigint): void {
    const current = epochAt(now() / 1_000, epochSeconds)
    if (epoch >= current - EPOCHS_BEHIND && epoch <= current + EPOCHS_AHEAD) return
    throw new Refusal(STATUS.wrongEpoch, `WRONG_EPOCH: it is epoch ${current} here`)
  }

  async function claim(wanted: LeaseClaim, from: Asker): Promise<LeaseClaim> {
    if (!isSigned(identifier, wanted)) throw bad('the claim is not signed by its key')
    const free = (await book.find(wanted)) ? undefined : await quota.take(wanted.epoch, from)
    try {
      const stands = await book.enter(wanted)
      if (!stands) throw new Refusal(STATUS.wrongEpoch, 'WRONG_EPOCH: this epoch is forgotten')
      if (!sameClaim(stands, wanted)) throw new AlreadyTaken(stands)
      counts.granted++
      return stands
    } catch (error) {
      free?.()
      throw error
    }
  }

  async function answer(question: LeaseQuestion | undefined, from: Asker): Promise<SignedRange | undefined> {
    if (!requests.take(from.address)) throw tooMany('wait a second')
    if (!question) return undefined
    checkEpoch(question.epoch)
    const { key, epoch, claim: range } = question
    return range ? await claim({ key, epoch, ...range }, from) : await book.find(question)
  }

  return {
    async answer(question, from) {
      try {
        return await answer(question, from)
      } catch (error) {
        counts[error instanceof AlreadyTaken ? 'taken' : 'refused']++
        throw error
      }
    },
    async prune(epoch) {
      if (epoch <= keptFrom) return
      await book.prune(epoch)
      quota.prune(epoch)
      keptFrom = epoch
    },
    counts: () => ({ ...counts }),
  }
}

/** Ten times faster than the check in JavaScript that clients use; a strange key harms only its own list. */
function isSigned(identifier: Uint8Array, wanted: LeaseClaim): boolean {
  try {
    return verify(null, claimBytes(identifier, wanted), keyObject(wanted.key), wanted.signature)
  } catch {
    return false
  }
}

function keyObject(key: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' })
}

const bad = (what: string) => new Refusal(STATUS.badRequest, `BAD_REQUEST: ${what}`)
const tooMany = (what: string) => new Refusal(STATUS.tooManyRequests, `TOO_MANY_REQUESTS: ${what}`)
