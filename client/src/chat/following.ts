import type { DeliverOptions, Delivery, DeliveryNotice } from '../messaging/delivery.ts'
import type { ReceivedMessage } from '../messaging/received.ts'
import { waitAfter } from './resending.ts'
import type { Wanted } from './routing.ts'

export interface FollowingDeps {
  readonly deliver: (options: DeliverOptions) => Delivery
  readonly optionsFor: (topic: string) => Pick<DeliverOptions, 'prefer' | 'pay' | 'progress' | 'recheckMs'>
  /** Takes one message at a time; the next comes when it resolves. */
  readonly handle: (message: ReceivedMessage) => Promise<void>
  readonly onNotice: (notice: DeliveryNotice) => void
  /** Told why a topic is no longer followed; it will be again when `follow` names it after so many milliseconds. */
  readonly onFailed: (error: unknown, waitMs: number) => void
}

/** How long to leave a topic alone that failed: what is damaged on disk fails each time. */
const RETRY_MS = { first: 5_000, most: 600_000 }

interface Task {
  readonly delivery: Delivery
  readonly stop: AbortController
  readonly wanted: Wanted
  readonly done: Promise<void>
  readonly caughtUp: Promise<void>
}

/** Follows a set of topics that changes: with the day, and with the conversations there are. */
export function following({ deliver, optionsFor, handle, onNotice, onFailed }: FollowingDeps) {
  const tasks = new Map<string, Task>()
  /** Topics that failed: how often in a row, and until when each is left alone, by the monotonic clock. */
  const failures = new Map<string, { times: number; until: number }>()
  let turn: Promise<void> = Promise.resolve()

  /** One message at a time over all topics, in the order in which they come. */
  function inTurn(message: ReceivedMessage): Promise<void> {
    const handled = turn.then(() => handle(message))
    turn = handled.catch(() => undefined)
    return handled
  }

  function start(wanted: Wanted): Task {
    const stop = new AbortController()
    let reached = () => {}
    const caughtUp = new Promise<void>((resolve) => (reached = resolve))
    const { topic: contentTopic, since, until } = wanted
    const notice = (given: DeliveryNotice) => {
      if (given.kind === 'caught-up') {
        failures.delete(contentTopic)
        reached()
      }
      onNotice(given)
    }
    const more = { contentTopic, since, until, signal: stop.signal, onNotice: notice }
    const delivery = deliver({ ...optionsFor(contentTopic), ...more })
    async function run(): Promise<void> {
      try {
        for await (const message of delivery) await inTurn(message)
      } catch (error) {
        if (tasks.get(contentTopic)?.stop === stop) tasks.delete(contentTopic)
        if (!stop.signal.aborted) onFailed(error, failed(contentTopic))
      } finally {
        reached()
      }
    }
    return { delivery, stop, wanted, caughtUp, done: run() }
  }

  function failed(topic: string): number {
    const times = (failures.get(topic)?.times ?? 0) + 1
    const wait = waitAfter(times, RETRY_MS.first, RETRY_MS.most)
    failures.set(topic, { times, until: performance.now() + wait })
    return wait
  }

  return {
    /** From now on, follow these and no others. */
    follow(wanted: readonly Wanted[]): void {
      const names = new Set(wanted.map(({ topic }) => topic))
      for (const [topic, { stop }] of tasks) {
        if (names.has(topic)) continue
        stop.abort()
        tasks.delete(topic)
      }
      for (const topic of failures.keys()) if (!names.has(topic)) failures.delete(topic)
      for (const one of wanted) {
        if ((failures.get(one.topic)?.until ?? 0) > performance.now()) continue
        const running = tasks.get(one.topic)
        if (running && running.wanted.until === one.until && running.wanted.since <= one.since) continue
        running?.stop.abort()
        tasks.set(one.topic, start(one))
      }
    },
    /** Looks into the stores again: something is missing. */
    recheck: (): void => {
      for (const { delivery } of tasks.values()) delivery.recheck()
    },
    /** Resolves when all that stores had for the topics of this moment has been handled. */
    caughtUp: async (): Promise<void> =>
      void (await Promise.all([...tasks.values()].map((task) => task.caughtUp))),
    async stop(): Promise<void> {
      const running = [...tasks.values()]
      tasks.clear()
      for (const { stop } of running) stop.abort()
      await Promise.all(running.map(({ done }) => done))
    },
  }
}
