import { parsePubsubTopic } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import { inBackground } from '../background.ts'
import type { Service } from '../net/index.ts'
import { ArchiveError } from '../store/index.ts'
import type { Tally } from '../tally.ts'
import type { PromiseBook } from './promises.ts'
import type { RootsConfig } from './config.ts'
import { sealHour, type SealDeps } from './seal-hour.ts'

const HOUR_SECONDS = 3_600
/** Hours of before a clean stop that are signed late at most. */
const MAX_LATE_HOURS = 24n

export interface ScheduleDeps extends Omit<SealDeps, 'signal' | 'operator' | 'liability' | 'promises'> {
  readonly promises?: Pick<PromiseBook, 'of' | 'prune'> | undefined
  readonly operator: number
  /** The pubsub topics of the shards that the node keeps. */
  readonly topics: readonly string[]
  /** Milliseconds since 1970, by the node's own clock. */
  readonly now: () => number
  /** Unix seconds of the newest block: a clock that runs ahead ends no hour, one that was set back begins none. */
  readonly chainTime: () => number
  /** Told of each root that is recorded, and of each failure. */
  readonly counts?: Tally<RootEvent> | undefined
  readonly log: Logger
}

/** The schedule, and which hours are still to come. */
export interface RootSchedule extends Service {
  /** Whether the root of this hour will be recorded, and nothing is read for it yet. */
  isOpen(hour: bigint): boolean
}

export type RootEvent = 'recorded' | 'failed'

/**
 * Records the root of each hour of each shard when its time has come. An hour that began before this start is left out, unless the book says that
 * nothing can have been recorded which it has not; it is never recorded twice.
 */
export function scheduleRoots(config: RootsConfig, deps: ScheduleDeps): RootSchedule {
  const { book, topics, now, chainTime, log } = deps
  const { graceSeconds, liability } = config
  const abort = new AbortController()
  let startedAt = 0
  let next: bigint | undefined
  /** The newest hour that was begun to be sealed. */
  let begun = -1n
  let timer: ReturnType<typeof setInterval> | undefined

  const ownSeconds = () => Math.floor(now() / 1_000)

  /** The newest hour whose time has come: after its end, and after the start, what is under way has had time to arrive. */
  function newestDue(): bigint {
    const time = Math.min(ownSeconds(), chainTime())
    if (time < startedAt + graceSeconds) return -1n
    return BigInt(Math.floor((time - graceSeconds) / HOUR_SECONDS) - 1)
  }

  async function sealDue(): Promise<void> {
    const due = newestDue()
    if (next === undefined || next > due) return
    if (due - next >= MAX_LATE_HOURS) next = due - MAX_LATE_HOURS + 1n
    for (; next <= due; next++) {
      begun = next
      for (const pubsubTopic of topics) {
        const { shard } = parsePubsubTopic(pubsubTopic)
        const seal = { ...deps, liability, signal: abort.signal }
        const { count, root } = await sealHour({ pubsubTopic, shard, hour: next }, seal)
        deps.counts?.add('recorded')
        log.debug({ shard, hour: Number(next), count, root }, 'Recorded the root of an hour')
      }
    }
  }

  async function pruneOld(): Promise<void> {
    const before = Math.floor(Math.min(ownSeconds(), chainTime()) / HOUR_SECONDS) - 24 * config.proofDays
    while (!abort.signal.aborted && (await book.prune(BigInt(before))));
    deps.promises?.prune(BigInt(before))
  }

  const work = inBackground(async () => {
    try {
      await sealDue()
      await pruneOld()
    } catch (err) {
      if (abort.signal.aborted || (err instanceof ArchiveError && err.code === 'CLOSED')) return
      deps.counts?.add('failed')
      log.error({ err }, 'Could not record the root of an hour; trying again')
    }
  })

  return {
    isOpen: (hour) => next !== undefined && hour >= next && hour > begun && !abort.signal.aborted,
    async start() {
      startedAt = Math.max(ownSeconds(), chainTime())
      next = await book.open(BigInt(Math.floor(startedAt / HOUR_SECONDS) + 1))
      timer = setInterval(() => work.run(undefined), config.everyMs).unref()
      work.run(undefined)
    },
    async stop() {
      abort.abort()
      clearInterval(timer)
      await work.idle()
    },
  }
}
