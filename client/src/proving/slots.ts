import {
  epochAt,
  epochBytes,
  externalNullifier,
  type Member,
  type MembershipLedger,
} from '@teahouse/protocol/rln'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Account } from '../account/account.ts'
import type { RecentView, RlnParams } from '../membership/view.ts'
import type { Membership } from '../membership/membership.ts'
import { MessageIdError, type MessageIds } from '../membership/message-ids.ts'
import { SendError } from '../messaging/errors.ts'
import type { Proving } from '../messaging/proving.ts'
import { SlotError } from './errors.ts'
import type { SlotLabel, SlotStore, StoredSlot } from './slot-store.ts'

export interface PrepareOptions {
  /** How many slots are to be ready in this epoch, those that are there included. */
  readonly slots?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Told how many slots are ready, and the part of the next one that is done. */
  readonly onProgress?: ((progress: { readonly ready: number; readonly done: number }) => void) | undefined
}

/** The right to send one message in an epoch, with a slot if one was ready. */
export interface Permit {
  readonly epoch: bigint
  readonly messageId: number
  readonly slot?: StoredSlot['slot']
}

export interface SlotsDeps {
  readonly account: Account
  readonly store: SlotStore
  readonly ids: Pick<MessageIds, 'reserve' | 'ahead'>
  readonly ledgerView: RecentView
  readonly membership: Membership
  readonly proving: Proving
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** What is sent with: the member, the ledger it is in, and the epoch. */
export interface PermitContext {
  readonly member: Pick<Member, 'index' | 'rateLimit'>
  readonly ledger: Pick<MembershipLedger, 'isValidRoot'>
  readonly epochNow: () => bigint
}

export type Slots = ReturnType<typeof createSlots>

/** In the last part of an epoch, ids of the next one are leased. */
const AHEAD_PART = 1 / 4

/** A root is not proved under when it ends within this many seconds: the message has to arrive, too. */
const ROOT_MARGIN_SECONDS = 15

/** Prepares slots in idle time, and hands them out: one slot, one message id, one message. */
export function createSlots(deps: SlotsDeps) {
  const { account, store, ids, ledgerView, membership, proving, now } = deps
  /** Slots of an earlier run may be a copy's: they stay where they are until their epoch is over. */
  const run = bytesToHex(crypto.getRandomValues(new Uint8Array(8)))
  /** Ids that were taken, and whose slot could not be made: none ever came out of the prover, so they are as good as new. */
  let unmade: readonly Permit[] = []
  let last: Promise<unknown> = Promise.resolve()

  function mayUse(label: SlotLabel, { ledger, epochNow }: PermitContext): boolean {
    const isOurs = label.run === run && label.epoch === epochNow()
    return isOurs && ledger.isValidRoot(label.root, now() / 1000 + ROOT_MARGIN_SECONDS)
  }

  /** A slot that can be used; unusable ones that come out on the way are gone, and their ids with them. */
  async function takeSlot(wanted: (label: SlotLabel) => boolean): Promise<StoredSlot | undefined> {
    for (;;) {
      try {
        return await store.take(wanted)
      } catch (error) {
        if (!(error instanceof SlotError)) throw error
      }
    }
  }

  /**
   * A message id that nothing was sent with: one without a slot, one of a slot that comes out and can never be finished now,
   * or a fresh one. @throws MessageIdError, LeaseError, StorageError.
   */
  async function takeId(
    { epochNow, member }: Omit<PermitContext, 'ledger'>,
    mayGo: (label: SlotLabel) => boolean,
  ): Promise<Permit> {
    const isNow = ({ epoch, messageId }: Permit) => epoch === epochNow() && messageId < member.rateLimit
    const found = unmade.find(isNow)
    unmade = unmade.filter((other) => other !== found && other.epoch >= epochNow())
    if (found) return found
    const left = await takeSlot((label) => label.run === run && isNow(label) && mayGo(label))
    if (left) return { epoch: left.epoch, messageId: left.messageId }
    return await ids.reserve(epochNow, member.rateLimit)
  }

  async function prepareOne(params: RlnParams, options: PrepareOptions, ready: number): Promise<boolean> {
    const ledger = await ledgerView.update()
    const member = membership.activeIn(ledger)
    if (!member) throw new SendError('This account has no active membership', { code: 'NOT_A_MEMBER' })
    const epochNow = () => epochAt(now() / 1000, params.epochSeconds)
    const context = { member, ledger, epochNow }
    const path = ledger.path(member.index)
    await proving.open()
    const { epoch, messageId } = await takeId(context, (label) => !mayUse(label, context))
    const input = {
      secret: account.rln.secret,
      rateLimit: member.rateLimit,
      messageId,
      path,
      externalNullifier: externalNullifier(epochBytes(epoch), params.identifier),
    }
    const onProgress = (done: number) => options.onProgress?.({ ready, done })
    const slot = await proving
      .prepare(input, { signal: options.signal, onProgress })
      .catch((error: unknown) => {
        unmade = [...unmade, { epoch, messageId }]
        throw error
      })
    if (epoch !== epochNow()) return false
    await store.put({ epoch, messageId, root: slot.root, run, slot })
    return true
  }

  async function fill(options: PrepareOptions): Promise<{ ready: number }> {
    const { slots = 1, signal } = options
    const params = await ledgerView.params()
    for (;;) {
      signal?.throwIfAborted()
      const ready = await readyNow(params, ledgerView.recent)
      if (ready >= slots) {
        await leaseAhead(params, slots)
        return { ready }
      }
      try {
        await prepareOne(params, options, ready)
      } catch (error) {
        const isFull = error instanceof MessageIdError && error.code === 'RATE_LIMITED'
        if (isFull) return { ready }
        throw error
      }
    }
  }

  /** So that nobody waits for a lease when the next epoch begins. Failing does no harm: it is asked for again then. */
  async function leaseAhead({ epochSeconds }: RlnParams, count: number): Promise<void> {
    const seconds = now() / 1000
    const next = epochAt(seconds, epochSeconds) + 1n
    if (Number(next) * epochSeconds - seconds > epochSeconds * AHEAD_PART) return
    const member = membership.activeIn(await ledgerView.recent())
    if (member) await ids.ahead(next, count, member.rateLimit).catch(() => undefined)
  }

  /** How many slots could be sent with now. Slots of past epochs are deleted. */
  async function readyNow(params: RlnParams, look: RecentView['recent']): Promise<number> {
    const epochNow = () => epochAt(now() / 1000, params.epochSeconds)
    await store.discard(({ epoch }) => epoch < epochNow())
    const labels = await store.labels()
    if (labels.length === 0) return 0
    const ledger = await look()
    const member = membership.activeIn(ledger)
    if (!member) return 0
    return labels.filter((label) => mayUse(label, { ledger, member, epochNow })).length
  }

  return {
    /**
     * Makes slots until so many are ready in this epoch, or its messages are used up. Each takes about 0.5 s of a
     * core, away from this thread. One call at a time works, others wait for it. Near the end of an epoch, ids of the next
     * one are leased.
     * @throws SendError NOT_A_MEMBER, MessageIdError, LeaseError, ProofError (ABORTED among them), MembershipError, StorageError.
     */
    prepare(options: PrepareOptions = {}): Promise<{ ready: number }> {
      const result = last.then(() => fill(options))
      last = result.catch(() => undefined)
      return result
    },
    /** How many slots could be sent with now. */
    ready: async (): Promise<number> => readyNow(await ledgerView.params(), ledgerView.update),
    /**
     * The right to send a message: with a slot if there is one; if not, under what `refresh` gives, which comes along.
     * @throws MessageIdError, LeaseError, StorageError; without a slot what `refresh` and opening the prover throw.
     */
    async permit<C extends PermitContext>(
      context: C,
      refresh?: () => Promise<C>,
    ): Promise<Permit & { readonly refreshed?: C }> {
      const { member } = context
      const found = await takeSlot((label) => mayUse(label, context) && label.messageId < member.rateLimit)
      if (found) return { epoch: found.epoch, messageId: found.messageId, slot: found.slot }
      const [refreshed] = await Promise.all([refresh?.(), proving.open()])
      const permit = await takeId(refreshed ?? context, () => true)
      return refreshed ? { ...permit, refreshed } : permit
    },
  }
}
