import { randomBytes } from '@noble/hashes/utils.js'
import { LATER } from '../secure/format.ts'
import { SIZE_CLASSES } from './padding.ts'
import { conversationTopic, dayOf, type TopicLevels } from './topics.ts'

export interface CoverDeps {
  readonly levels: TopicLevels
  readonly send: (contentTopic: string, payload: Uint8Array) => Promise<unknown>
  /** Messages that may still be sent in this epoch, and of how many. */
  readonly remaining: () => Promise<{ readonly left: number; readonly limit: number }>
  /** Calls back after so many milliseconds, while the chat runs. */
  readonly later: (ms: number, act: () => Promise<void>) => void
  readonly now: () => number
  /** Uniform in [0, 1), and not to be foreseen. */
  readonly random?: () => number
}

const HOUR_MS = 3_600_000
/** By size class: what conversations mostly send are texts and acknowledgements. */
const SHARES = [0.9, 0.08, 0.02]
/** A message on the wire beside its payload: proof, topics, time, and what frames them. */
const BESIDE_BYTES = 450
/** What stops one message stops the next: no membership, no message ids, no network. */
const WAIT_AFTER_FAILURE_MS = 600_000

/**
 * Sends messages that nobody can read, so that fewer of those that can be read stand out: random bytes of a size class, in a bucket of the day that is drawn
 * anew for each, at times that have nothing to do with what a person writes. Each costs a message id, like any message, and none is sent from the
 * last half of an epoch's.
 *
 * The times are those of a Poisson process: how long the last wait was says nothing of the next.
 */
export function cover(anHour: number, deps: CoverDeps) {
  const { levels, send, remaining, later, now, random = secureRandom } = deps
  const wait = () => Math.min(24 * HOUR_MS, (-Math.log(1 - random()) * HOUR_MS) / anHour)

  async function one(): Promise<void> {
    let next = wait()
    try {
      const { left, limit } = await remaining()
      const topic = conversationTopic(randomBytes(32), dayOf(now()), levels)
      if (left > limit / 2) await send(topic, payloadOf(sizeFor(random())))
    } catch {
      next = Math.max(next, WAIT_AFTER_FAILURE_MS)
    }
    later(next, one)
  }

  return { start: () => later(wait(), one) }
}

export interface CoverCost {
  /** Of the message ids of a day's epochs. */
  readonly messagesADay: number
  /** Sent. */
  readonly bytesADay: number
}

/** What so many messages an hour cost on average at most, if the chat runs all day. */
export function coverCost(anHour: number): CoverCost {
  const messagesADay = 24 * anHour
  const payload = SHARES.reduce((sum, share, at) => sum + share * SIZE_CLASSES[at]!, 0)
  return { messagesADay, bytesADay: Math.round(messagesADay * (payload + BESIDE_BYTES)) }
}

function sizeFor(drawn: number): number {
  let sum = 0
  const at = SHARES.findIndex((share) => drawn < (sum += share))
  return SIZE_CLASSES[Math.max(0, at)]!
}

/** Like a sealed message that goes on in a session: what follows its first byte can't be told from random bytes. */
function payloadOf(size: number): Uint8Array {
  const payload = randomBytes(size)
  payload.set(LATER)
  return payload
}

function secureRandom(): number {
  const [number = 0] = crypto.getRandomValues(new Uint32Array(1))
  return number / 2 ** 32
}
