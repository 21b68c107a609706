import {
  decodeLeaseAnswer,
  encodeLeaseRequest,
  isSigned,
  LEASE_STATUS as STATUS,
  type LeaseAnswer,
  type LeaseQuestion,
} from '@teahouse/protocol/lease'
import type { NodeFailure } from '../errors.ts'
import { sleep } from '../../sleep.ts'

/** Sends the bytes of a request to the node of an operator and gives those of its answer. */
export type AskOperator = (operator: number, request: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>

export interface RoundDeps {
  readonly ask: AskOperator
  readonly identifier: Uint8Array
  /** Milliseconds since 1970 by this device. */
  readonly deviceNow: () => number
  readonly waits: RoundWaits
}

/** In milliseconds. */
export interface RoundWaits {
  /** For an answer, where another came at once. */
  readonly answerMs: number
  /** For an answer on a line on which all are slow. */
  readonly slowMs: number
  /** For those that are not needed, after those that are. */
  readonly othersMs: number
}

/** What is so many times as slow as the first answer does not come. */
const TIMES_THE_FIRST = 5

/** What one round of questions brought. */
export interface Round {
  /** Operators that granted the claim. */
  readonly granted: ReadonlySet<number>
  /** The end of what was claimed last by anybody, as signatures prove it; this round's own claim is not among it. */
  readonly mark: number
  /** The node's clocks minus this device's, milliseconds. */
  readonly offsets: readonly number[]
  readonly failures: readonly (NodeFailure & { readonly operator: number; readonly status?: number })[]
}

/**
 * Asks all operators at once. Waits for the `voters`, and a little longer for the others: what they know counts, too, but
 * they can't hold anything up. What a node says was claimed counts only under the owner's own signature.
 */
export async function askAll(
  deps: RoundDeps,
  question: LeaseQuestion | undefined,
  { operators, voters }: { readonly operators: readonly number[]; readonly voters: readonly number[] },
): Promise<Round> {
  const abort = new AbortController()
  const late = patience(deps.waits)
  const round = {
    granted: new Set<number>(),
    mark: 0,
    offsets: [] as number[],
    failures: [] as Round['failures'][number][],
  }
  let open = true

  async function askOne(operator: number): Promise<void> {
    const began = deps.deviceNow()
    const signal = AbortSignal.any([abort.signal, late.signal])
    try {
      const bytes = await deps.ask(operator, encodeLeaseRequest(question), signal)
      late.answered()
      const answer = decodeLeaseAnswer(bytes)
      if (open) note(operator, answer, (began + deps.deviceNow()) / 2)
    } catch (error) {
      if (open) fail(operator, error instanceof Error ? error.message : String(error))
    }
  }

  function fail(operator: number, reason: string, status?: number): void {
    round.failures.push({ operator, peerId: `operator ${operator}`, reason, ...(status && { status }) })
  }

  function note(operator: number, answer: LeaseAnswer, at: number): void {
    const { status, description, time, taken } = answer
    round.offsets.push(time - at)
    if (status !== STATUS.ok && status !== STATUS.taken) return fail(operator, description, status)
    const { claim, ...list } = question ?? {}
    const isOwn = taken !== undefined && claim !== undefined && sameBytes(taken.nonce, claim.nonce)
    const isProven = taken && !isOwn && isList(list) && isSigned(deps.identifier, { ...list, ...taken })
    if (isProven) round.mark = Math.max(round.mark, taken.end)
    if (!claim) return
    if (status === STATUS.ok && isOwn) round.granted.add(operator)
    else if (!(isProven && taken.end > claim.first))
      fail(operator, 'it refused, and showed nobody who was first')
  }

  const asked = operators.map((operator) => ({ operator, answered: askOne(operator) }))
  const needed = asked.filter(({ operator }) => voters.includes(operator))
  await Promise.all(needed.map(({ answered }) => answered))
  const all = Promise.all(asked.map(({ answered }) => answered))
  await Promise.race([all, sleep(deps.waits.othersMs, abort.signal)])
  open = false
  abort.abort()
  late.stop()
  return round
}

/** How long answers are waited for: the first one tells whether the line is slow or a node is silent. */
function patience({ answerMs, slowMs }: RoundWaits) {
  const controller = new AbortController()
  const began = performance.now()
  const giveUp = (): void => controller.abort(new DOMException('No answer in time', 'TimeoutError'))
  let timer = setTimeout(giveUp, slowMs)
  let isAnswered = false
  return {
    signal: controller.signal,
    answered(): void {
      if (isAnswered) return
      isAnswered = true
      const took = performance.now() - began
      const left = Math.min(slowMs, Math.max(answerMs, TIMES_THE_FIRST * took)) - took
      clearTimeout(timer)
      timer = setTimeout(giveUp, left)
    },
    stop: (): void => clearTimeout(timer),
  }
}

function isList(
  list: Partial<Pick<LeaseQuestion, 'key' | 'epoch'>>,
): list is Pick<LeaseQuestion, 'key' | 'epoch'> {
  return list.key !== undefined && list.epoch !== undefined
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
