import {
  LEASE_NONCE_BYTES,
  signClaim,
  type LeaseClaim,
  type LeaseQuestion,
  type LeaseRange,
} from '@teahouse/protocol/lease'
import { epochAt } from '@teahouse/protocol/rln'
import { ed25519 } from '@noble/curves/ed25519.js'
import type { KeyValueStore } from '../../storage/store.ts'
import type { NodeFailure } from '../errors.ts'
import type { RlnParams } from '../view.ts'
import type { Clock } from './clock.ts'
import { LeaseError } from './errors.ts'
import { keepersOf, type IdList, type Keepers } from './keepers.ts'
import { leaseKeys, type LeaseKeys } from './keys.ts'
import { durableMarks } from './marks.ts'
import type { OperatorReader } from './operators.ts'
import { askAll, type AskOperator, type Round, type RoundWaits } from './round.ts'
import { sleep } from '../../sleep.ts'

export interface LeasesDeps {
  readonly secret: bigint
  readonly params: () => Promise<Pick<RlnParams, 'epochSeconds' | 'identifier'>>
  readonly operators: Pick<OperatorReader, 'read'>
  readonly ask: AskOperator
  readonly clock: Clock
  /** This device's own clock, milliseconds since 1970. */
  readonly deviceNow: () => number
  readonly storage: KeyValueStore
  /** Under which name the storage keeps what was leased. */
  readonly storageKey: string
  readonly waits?: Partial<RoundWaits> | undefined
}

/** Message ids that are this process's alone; none if all are gone. */
interface Leased {
  readonly ids: readonly number[]
}

interface Failures {
  readonly failures: readonly NodeFailure[]
}

interface Wanted {
  readonly size: number
  /** Ids are below it. */
  readonly limit: number
}

export type Leases = ReturnType<typeof createLeases>

const WAITS: RoundWaits = { answerMs: 5_000, slowMs: 20_000, othersMs: 1_500 }
/** Rounds until a list is given up: another copy of the account may be as fast. */
const ROUNDS = 6
/** What fails within so many milliseconds is tried once more. */
const QUICK_MS = 1_500
/** For so many milliseconds an operator that gave no answer is asked for what can't be had without it last. */
const AVOID_MS = 30_000

interface EpochState {
  readonly keepers: Keepers
  /** By list: up to where it is taken, by anybody, as far as nodes have proven it. */
  readonly marks: Map<number, number>
  /** By list: a claim that may have been granted, though no answer told so. */
  readonly unanswered: Map<number, LeaseClaim>
}

/** Leases message ids for this process: each id is granted to one process only, by nodes that remember. ADR 32. */
export function createLeases(deps: LeasesDeps) {
  const { operators, clock, storage } = deps
  const waits = { ...WAITS, ...deps.waits }
  const durable = durableMarks(storage, deps.storageKey)
  const states = new Map<bigint, EpochState>()
  /** Calls that come before the first one's state is there share it. */
  const opening = new Map<bigint, Promise<EpochState>>()
  const silentUntil = new Map<number, number>()
  let keys: LeaseKeys | undefined

  const isSilent = (operator: number) => (silentUntil.get(operator) ?? 0) > deps.deviceNow()

  async function stateOf(epoch: bigint): Promise<EpochState> {
    const known = states.get(epoch) ?? opening.get(epoch)
    if (known) return await known
    const state = openState(epoch).finally(() => opening.delete(epoch))
    opening.set(epoch, state)
    return await state
  }

  async function openState(epoch: bigint): Promise<EpochState> {
    const { epochSeconds, identifier } = await deps.params()
    keys ??= leaseKeys(deps.secret, identifier)
    const context = { keys, history: await operators.read() }
    const keepers = await keepersOf(epoch, epochSeconds, context).catch(async (error: unknown) => {
      // Perhaps it is this clock that is ahead: those who keep the ids by the chain's time know.
      const chainEpoch = epochAt(context.history.head, epochSeconds)
      const { operators: others } = await keepersOf(chainEpoch, epochSeconds, context)
      compare(await ask(undefined, others, others), others)
      throw error
    })
    const state = { keepers, marks: new Map<number, number>(), unanswered: new Map<number, LeaseClaim>() }
    for (const old of states.keys()) if (old + 2n < epoch) states.delete(old)
    states.set(epoch, state)
    return state
  }

  async function ask(
    question: LeaseQuestion | undefined,
    all: readonly number[],
    voters: readonly number[],
  ): Promise<Round> {
    const { identifier } = await deps.params()
    const { deviceNow } = deps
    const isWorthWaiting = all.some((operator) => !voters.includes(operator) && !isSilent(operator))
    const othersMs = isWorthWaiting ? waits.othersMs : 0
    const round = await askAll(
      { ask: deps.ask, identifier, deviceNow, waits: { ...waits, othersMs } },
      question,
      { operators: all, voters },
    )
    for (const { operator, status } of round.failures)
      if (status === undefined) silentUntil.set(operator, deviceNow() + AVOID_MS)
    return round
  }

  /** A minority's clocks say nothing. */
  function compare({ offsets }: Round, of: readonly number[]): void {
    if (2 * offsets.length > of.length) clock.compare(offsets)
  }

  async function sign(epoch: bigint, list: IdList, { first, end }: LeaseRange): Promise<LeaseClaim> {
    const { identifier } = await deps.params()
    const seed = keys!.seed(epoch, list.number)
    const nonce = crypto.getRandomValues(new Uint8Array(LEASE_NONCE_BYTES))
    const claim = signClaim(identifier, { epoch, first, end, nonce }, seed)
    seed.fill(0)
    return claim
  }

  /** One list's next places: message ids, none if the list is used up, or why it could not be had. */
  async function extend(state: EpochState, list: IdList, want: Wanted): Promise<Leased | Failures> {
    const { keepers, marks, unanswered } = state
    const { epoch, operators: all } = keepers
    const places = placesOf(list, want.limit)
    for (let round = 1; round <= ROUNDS; round++) {
      const own = await durable.read(epoch)
      const first = Math.max(marks.get(list.number) ?? 0, own.of(list.number))
      if (first >= places) return { ids: [] }
      const end = Math.min(first + want.size, places)
      // The same claim again if its answer was lost: a node knows it by its nonce.
      const before = unanswered.get(list.number)
      const claim = before?.first === first ? before : await sign(epoch, list, { first, end })
      unanswered.set(list.number, claim)
      const { key, epoch: _, ...range } = claim
      const answer = await ask({ key, epoch, claim: range }, all, list.voters)
      compare(answer, all)
      if (answer.mark > first) {
        raise(marks, list, answer.mark)
        await sleep(Math.random() * 40 * round)
        continue
      }
      if (!list.voters.every((voter) => answer.granted.has(voter))) return { failures: answer.failures }
      raise(marks, list, claim.end)
      // Two processes of this device, and nodes that grant a range twice: the first to write it down has it.
      if (!(await durable.raise(epoch, list.number, claim))) {
        await sleep(Math.random() * 40 * round)
        continue
      }
      return { ids: Array.from({ length: claim.end - first }, (_place, at) => list.idAt(first + at)) }
    }
    return { failures: [{ peerId: 'all', reason: 'another copy of this account is always faster' }] }
  }

  /** The list of which most is to be expected: whose voters all answered lately. */
  function best(lists: readonly IdList[]): IdList {
    const silent = ({ voters }: IdList) => voters.filter(isSilent).length
    return lists.reduce((found, list) => (silent(list) < silent(found) ? list : found))
  }

  /** Tries each list once. */
  async function tryAll(state: EpochState, want: Wanted): Promise<Leased | Failures> {
    const failures: NodeFailure[] = []
    let left = state.keepers.lists
    while (left.length > 0) {
      const list = best(left)
      const found = await extend(state, list, want)
      if ('ids' in found && found.ids.length > 0) return found
      if ('failures' in found) failures.push(...found.failures)
      left = left.filter((other) => other !== list)
    }
    return failures.length > 0 ? { failures } : { ids: [] }
  }

  return {
    /**
     * Leases up to `size` message ids below `limit` of an epoch: the current one or the next.
     * @throws LeaseError, CallError, StorageError.
     */
    async lease(epoch: bigint, size: number, limit: number): Promise<readonly number[]> {
      const state = await stateOf(epoch)
      const began = deps.deviceNow()
      const first = await tryAll(state, { size, limit })
      // A connection that had silently ended is made anew; who let us wait does so again.
      const again = 'failures' in first && deps.deviceNow() - began < QUICK_MS
      const found = again ? await tryAll(state, { size, limit }) : first
      if ('ids' in found) return found.ids
      throw noLease(state.keepers, found.failures)
    },
    /** How many ids below `limit` nobody has leased, as far as this process knows: what it has leased itself are others. */
    known(epoch: bigint, limit: number): number {
      const state = states.get(epoch)
      if (!state) return limit
      return state.keepers.lists.reduce(
        (sum, list) => sum + Math.max(0, placesOf(list, limit) - (state.marks.get(list.number) ?? 0)),
        0,
      )
    },
    /** Asks the nodes what was leased, by any copy of the account, and compares clocks. Throws LeaseError, CallError. */
    async look(epoch: bigint): Promise<void> {
      const state = await stateOf(epoch)
      const { operators: all, lists } = state.keepers
      const rounds = await Promise.all(
        lists.map(async (list) => {
          const seed = keys!.seed(epoch, list.number)
          const key = ed25519.getPublicKey(seed)
          seed.fill(0)
          const round = await ask({ key, epoch }, all, list.voters)
          raise(state.marks, list, round.mark)
          return round
        }),
      )
      const [round] = [...rounds].sort((a, b) => b.offsets.length - a.offsets.length)
      compare(round!, all)
      if (round!.offsets.length === 0) throw noLease(state.keepers, round!.failures)
    },
  }
}

function raise(marks: Map<number, number>, { number }: IdList, to: number): void {
  marks.set(number, Math.max(marks.get(number) ?? 0, to))
}

/** Places of a list whose ids are below `limit`. */
function placesOf({ idAt }: IdList, limit: number): number {
  const step = idAt(1) - idAt(0)
  return Math.max(0, Math.ceil((limit - idAt(0)) / step))
}

function noLease({ epoch, operators }: Keepers, failures: readonly NodeFailure[]): LeaseError {
  const reasons = [...new Map(failures.map(({ peerId, reason }) => [peerId, reason]))]
  const why = reasons.map(([who, reason]) => `${who}: ${reason}`).join('; ')
  const text = `The nodes that keep this account's message ids (operators ${operators.join(', ')}) did not grant one (${why}). Nothing was sent; try again later`
  return new LeaseError(text, { code: 'NO_LEASE', epoch, operators, failures })
}
