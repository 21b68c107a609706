import { isTeahouseError } from '@teahouse/protocol/errors'
import type { Conversations } from './conversations.ts'
import type { ChatEvent } from './events.ts'
import type { outgoing } from './outgoing.ts'
import { waitAfter } from './resending.ts'

const FIRST_RETRY_MS = 10_000
const MOST_RETRY_MS = 600_000
/** Each look for somebody's keys reads a whole bucket. */
const NO_DEVICES_RETRY_MS = 6 * 3_600_000
/** setTimeout takes 2^31 - 1 ms; nobody needs longer. */
const LONGEST_MS = 3_600_000

export interface PumpDeps {
  readonly conversations: Conversations
  readonly out: ReturnType<typeof outgoing>
  readonly emit: (event: ChatEvent) => void
  readonly now: () => number
}

/** Runs what conversations owe, one at a time: when something new is there, when a copy is due again, and after failures. */
export function pump({ conversations, out, emit, now }: PumpDeps) {
  /** Conversations with something to do, and from when on, in milliseconds since 1970. */
  const work = new Map<string, number>()
  const problems = new Map<string, unknown>()
  /** How often in a row each conversation has failed. */
  const failures = new Map<string, number>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let turn: Promise<void> = Promise.resolve()
  let stopped = true

  /** Somebody who asks again and again does not make the next try later. */
  async function runOne(account: string, isAsked = false): Promise<void> {
    work.delete(account)
    try {
      await out.run(account)
      problems.delete(account)
      failures.delete(account)
    } catch (error) {
      if (codeOf(problems.get(account)) !== codeOf(error)) emit({ kind: 'unsent', account, error })
      problems.set(account, error)
      const before = failures.get(account) ?? 0
      failures.set(account, isAsked ? Math.max(1, before) : before + 1)
    }
    const conversation = await conversations.get(account)
    const due = conversation ? out.nextDue(conversation) : Infinity
    if (due === Infinity) return
    const times = failures.get(account) ?? 0
    const most = codeOf(problems.get(account)) === 'NO_DEVICES' ? NO_DEVICES_RETRY_MS : MOST_RETRY_MS
    const wait = waitAfter(times, FIRST_RETRY_MS, most)
    work.set(account, times > 0 ? Math.max(due, now() + wait) : due)
  }

  function schedule(): void {
    clearTimeout(timer)
    if (stopped || work.size === 0) return
    const wait = Math.max(0, Math.min(LONGEST_MS, Math.min(...work.values()) - now()))
    timer = setTimeout(() => void runDue(), wait)
  }

  function runDue(): Promise<void> {
    return inTurn(async () => {
      for (const [account, due] of [...work]) if (due <= now() && !stopped) await runOne(account)
    }).finally(schedule)
  }

  function inTurn(task: () => Promise<void>): Promise<void> {
    const result = turn.then(task)
    turn = result.catch((error: unknown) => emit({ kind: 'unsent', error }))
    return turn
  }

  return {
    /** Goes on with what an earlier run left. */
    async start(): Promise<void> {
      stopped = false
      for (const conversation of await conversations.list()) {
        const due = out.nextDue(conversation)
        if (due < Infinity) work.set(conversation.account, due)
      }
      schedule()
    },
    /** There is something to do in a conversation, within so many milliseconds. */
    wake(account: string, withinMs = 0): void {
      work.set(account, Math.min(work.get(account) ?? Infinity, now() + withinMs))
      schedule()
    },
    /** Does now what is due in a conversation; what stopped it, if something did. */
    async run(account: string): Promise<unknown> {
      await inTurn(() => runOne(account, true))
      schedule()
      return problems.get(account)
    },
    /** Sends what waits for a better moment, acknowledgements above all, and then no more. */
    async stop(): Promise<void> {
      const waiting = [...work.keys()].filter((account) => !problems.has(account))
      const wasRunning = !stopped
      stopped = true
      clearTimeout(timer)
      await inTurn(async () => {
        for (const account of wasRunning ? waiting : []) await runOne(account)
      })
    },
  }
}

function codeOf(error: unknown): string | undefined {
  if (error === undefined) return undefined
  if (isTeahouseError(error)) return error.code
  return error instanceof Error ? error.message : 'UNKNOWN'
}
