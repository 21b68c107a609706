import { setTimeout as sleep } from 'node:timers/promises'
import type { MessageKey } from '../store/keys.ts'
import type { SyncConfig } from './config.ts'
import { tooMuch } from './errors.ts'
import { contains, type KeyRange } from './payload.ts'
import type { Answer } from './reconciler.ts'

/** What a session did, in messages and bytes. */
export interface SessionCounts {
  /** Payloads taken in. */
  rounds: number
  bytesIn: number
  bytesOut: number
  sent: number
  /** Messages taken in, and those of them that were new and kept. */
  received: number
  kept: number
  /** Messages that could not be checked, or are refused for what is known of their sender. */
  refused: number
}

/** One comparison with one peer, from its first payload until the messages that it brought are kept. */
export interface Session {
  readonly peerId: string
  readonly counts: Readonly<SessionCounts>
  /** Aborted when the session has taken too long, failed or ended. */
  readonly signal: AbortSignal
  /** Notes what an answer tells the peer, and so may bring. */
  told(answer: Answer): void
  /** Whether the peer may send this message: it was told what this node has where it belongs. */
  asksFor(key: MessageKey): boolean
  /** Throws SyncError TOO_MUCH. */
  tookRound(bytes: number): void
  /** Whether another message may come in. */
  hasRoomFor(bytes: number): boolean
  tookMessage(bytes: number): void
  /** Whether another message may go out: about as much as a peer with the same limits takes. */
  mayGive(bytes: number): boolean
  /** What became of messages that were taken in. */
  judged(keys: readonly MessageKey[], result: { readonly kept: number; readonly refused: number }): void
  gave(bytes: number, messages: number): void
  /** The peer has sent all that it wanted to. */
  transferEnded(): void
  /** Resolves when nothing more is expected, or nothing has come for `silenceMs`. */
  settled(): Promise<void>
  /** Ends it; `cause` is why it fails. */
  end(cause?: Error): void
}

/** Share of the bytes of a session that its messages may be; the rest is for payloads. */
const GIVEN_SHARE = 0.75

type Limits = Pick<SyncConfig, 'maxRounds' | 'maxMessages' | 'maxBytes' | 'maxSessionMs' | 'silenceMs'>

export function newSession(peerId: string, limits: Limits, stopping: AbortSignal): Session {
  const counts = { rounds: 0, bytesIn: 0, bytesOut: 0, sent: 0, received: 0, kept: 0, refused: 0 }
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, stopping])
  const timer = setTimeout(() => over.abort(tooMuch('time')), limits.maxSessionMs)
  const told: KeyRange[] = []
  const wanted = new Set<string>()
  let isOpenEnded = false
  let hasEnded = false
  let wake: (() => void) | undefined

  signal.addEventListener('abort', () => wake?.(), { once: true })
  const expects = () => !hasEnded && (isOpenEnded || wanted.size > 0)

  return {
    peerId,
    counts,
    signal,
    told(answer) {
      told.push(...answer.told)
      for (const { hash } of answer.wanted) wanted.add(text(hash))
      // Where this node has nothing, the peer sends without naming it first.
      isOpenEnded ||= answer.ranges.some((range) => range.type === 'items' && range.items.length === 0)
    },
    asksFor: (key) => told.some((range) => contains(range, key)),
    tookRound(bytes) {
      counts.bytesIn += bytes
      if (++counts.rounds > limits.maxRounds) throw tooMuch('rounds')
      if (counts.bytesIn > limits.maxBytes) throw tooMuch('bytes')
    },
    hasRoomFor: (bytes) => counts.received < limits.maxMessages && counts.bytesIn + bytes <= limits.maxBytes,
    mayGive: (bytes) => counts.bytesOut + bytes <= limits.maxBytes * GIVEN_SHARE,
    tookMessage(bytes) {
      counts.received++
      counts.bytesIn += bytes
    },
    judged(keys, { kept, refused }) {
      for (const { hash } of keys) wanted.delete(text(hash))
      counts.kept += kept
      counts.refused += refused
      wake?.()
    },
    gave(bytes, messages) {
      counts.bytesOut += bytes
      counts.sent += messages
    },
    transferEnded() {
      hasEnded = true
      wake?.()
    },
    async settled() {
      while (expects() && !signal.aborted) {
        const silence = new AbortController()
        const woken = new Promise<'woken'>((resolve) => (wake = () => resolve('woken')))
        const quiet = sleep(limits.silenceMs, 'quiet' as const, { signal: silence.signal })
        const how = await Promise.race([woken, quiet])
        silence.abort()
        quiet.catch(() => undefined)
        if (how === 'quiet') return
      }
    },
    end(cause) {
      clearTimeout(timer)
      over.abort(cause)
    },
  }
}

const text = (hash: Uint8Array): string => Buffer.from(hash).toString('latin1')

/** Milliseconds after a session in which its messages may still come, too late. */
const AFTERMATH_MS = 60_000
/** Peers whose sessions are remembered to have ended. */
const MAX_ENDED = 1_000

/** The sessions that are under way, by peer: one that this node began, and one that the peer began. */
export interface SessionBook {
  add(session: Session): void
  remove(session: Session): void
  of(peerId: string): readonly Session[]
  /** Whether a session with the peer ended a moment ago. */
  justEnded(peerId: string): boolean
}

export function sessionBook(): SessionBook {
  const sessions = new Set<Session>()
  const ended = new Map<string, number>() // peer → time, oldest first
  return {
    add: (session) => void sessions.add(session),
    remove(session) {
      sessions.delete(session)
      ended.delete(session.peerId)
      ended.set(session.peerId, performance.now())
      if (ended.size > MAX_ENDED) ended.delete(ended.keys().next().value!)
    },
    of: (peerId) => [...sessions].filter((session) => session.peerId === peerId),
    justEnded: (peerId) => performance.now() - (ended.get(peerId) ?? -Infinity) < AFTERMATH_MS,
  }
}
