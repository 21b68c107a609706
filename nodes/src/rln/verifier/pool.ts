import { type Claim, CLAIM_BYTES, packClaim } from '@teahouse/protocol/rln'
import type { Logger } from 'pino'
import type { VerifierConfig } from './config.ts'
import { duty as newDuty } from './duty.ts'
import { VerifierPoolError, type VerifierPoolFailure } from './errors.ts'
import { fairQueue } from './fair-queue.ts'
import { type Lane, lanes as timeLanes } from './lanes.ts'
import { startThread, type Thread } from './thread-handle.ts'
import { trust as trustBook } from './trust.ts'

/** Verifies proofs on threads of its own, many at a time. */
export interface VerifierPool {
  /**
   * Whether the proof holds. `source` is the peer that sent it: peers take turns, and those whose proofs fail are kept
   * apart. Rejects with VerifierPoolError if the proof was not verified.
   */
  verify(claim: Claim, source?: string): Promise<boolean>
  /** Lets all of a peer that wait go with DROPPED: it has been turned away, and nothing of it is worth the time. */
  drop(source: string): void
  /** Cores that verifying may take on average from now on, undefined for all of its threads; what can't be done in time is OVERLOADED. */
  setCores(cores: number | undefined): void
  /** Seconds of cores that verifying took since the start. */
  readonly usedSeconds: number
  /** Proofs that wait for their turn. */
  readonly waiting: number
  /** Lets all that wait go with STOPPED, and ends the threads. */
  stop(): Promise<void>
}

export interface VerifierPoolDeps {
  readonly verificationKey: unknown
  readonly log: Logger
  /** Starts a thread; a test may have threads of its own kind. */
  readonly start?: (() => Thread) | undefined
}

interface Job {
  readonly claim: Uint8Array
  readonly source: string
  readonly settle: PromiseWithResolvers<boolean>
  /** True if a thread died with it: then it is tried once more, alone. */
  retried: boolean
}

interface Batch {
  readonly jobs: readonly Job[]
  readonly lane: Lane
}

/** The source of what the node itself wants verified. */
const OWN = ''
/** Milliseconds before a thread is started after one died, times the deaths in a row. */
const RESTART_MS = 100
const MAX_RESTART_MS = 5_000

/**
 * Builds the pool; its threads start with the first proof. A thread takes what waits when it becomes idle: a lone proof
 * goes at once or after `lingerMs`, and the more wait the more share an equation.
 */
export function createVerifierPool(config: VerifierConfig, deps: VerifierPoolDeps): VerifierPool {
  const { verificationKey, log } = deps
  const { threads, maxBatch, maxUntrustedBatch, lingerMs, batchTimeoutMs: timeoutMs } = config
  const start = deps.start ?? (() => startThread({ verificationKey, timeoutMs }))
  const duty = newDuty()
  const waiting = fairQueue<Job>({
    maxPerSource: config.maxWaitingPerPeer,
    get maxTotal() {
      return Math.min(config.maxWaiting, duty.worthWaiting)
    },
  })
  const trust = trustBook()
  const lanes = timeLanes()
  const retries: Job[] = []
  const idle: Thread[] = []
  const running = new Set<Thread>()
  let busy = 0
  let deaths = 0
  let nextStartAt = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined

  const isTrusted = (source: string) => source === OWN || trust.isTrusted(source)
  const isOther = (source: string) => !isTrusted(source)

  /** Jobs for one thread: a retried one alone, else those of one lane. */
  function nextBatch(): Batch | undefined {
    const retry = retries.shift()
    if (retry) return { jobs: [retry], lane: 'other' }
    const lane = lanes.next(waiting.has(isTrusted), waiting.has(isOther))
    if (!lane) return undefined
    const free = 1 + idle.length + Math.max(0, threads - running.size)
    const share = Math.ceil(waiting.size / free)
    const jobs =
      lane === 'other'
        ? waiting.take(maxUntrustedBatch, isOther)
        : waiting.take(Math.min(maxBatch, share), isTrusted)
    return { jobs, lane }
  }

  function idleThread(): Thread | undefined {
    const thread = idle.pop()
    if (thread) return thread
    if (running.size >= threads || performance.now() < nextStartAt) return undefined
    const started = start()
    running.add(started)
    return started
  }

  function dispatch(): void {
    clearTimeout(timer)
    timer = undefined
    while (!stopped && waiting.size + retries.length > 0) {
      if (!duty.isDue(dispatch)) return
      const thread = idleThread()
      if (!thread) break
      const batch = nextBatch()
      if (batch) void run(thread, batch)
      else idle.push(thread)
    }
    // Nobody is at work who would come back for what waits: a thread has to be started, later.
    if (!stopped && busy === 0 && waiting.size + retries.length > 0) schedule(nextStartAt - performance.now())
  }

  function schedule(delayMs: number): void {
    timer ??= setTimeout(dispatch, Math.max(0, Math.ceil(delayMs)))
  }

  async function run(thread: Thread, { jobs, lane }: Batch): Promise<void> {
    busy++
    const startedAt = performance.now()
    try {
      const verdicts = await thread.run(joined(jobs))
      lanes.spent(lane, performance.now() - startedAt)
      if (thread.lastCpuMs !== undefined) duty.spent(thread.lastCpuMs, jobs.length)
      deaths = 0
      idle.push(thread)
      jobs.forEach((job, at) => {
        const held = verdicts[at] === true
        trust.note(job.source, held)
        job.settle.resolve(held)
      })
    } catch (err) {
      await bury(thread, err)
      for (const job of jobs) retry(job)
    } finally {
      busy--
      dispatch()
    }
  }

  async function bury(thread: Thread, err: unknown): Promise<void> {
    running.delete(thread)
    deaths++
    nextStartAt = performance.now() + Math.min(RESTART_MS * deaths, MAX_RESTART_MS)
    if (!stopped) log.error({ err, deaths }, 'Lost a verifier thread')
    await thread.stop().catch(() => undefined)
  }

  function retry(job: Job): void {
    if (stopped) return refuse(job, 'STOPPED')
    if (job.retried) return refuse(job, 'THREAD_LOST')
    job.retried = true
    retries.push(job)
  }

  return {
    async verify(claim, source = OWN) {
      if (stopped) throw failure('STOPPED')
      const packed = packClaim(claim)
      if (!packed) return false
      const job: Job = { claim: packed, source, settle: Promise.withResolvers<boolean>(), retried: false }
      const dropped = waiting.add(source, job)
      if (dropped) refuse(dropped, 'OVERLOADED')
      if (waiting.size >= maxBatch) dispatch()
      else if (idle.length > 0 || running.size < threads) schedule(lingerMs)
      return await job.settle.promise
    },
    setCores: duty.setCores,
    get usedSeconds() {
      return duty.usedSeconds
    },
    get waiting() {
      return waiting.size + retries.length
    },
    drop(source) {
      for (const job of waiting.drop(source)) refuse(job, 'DROPPED')
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      for (const job of [...waiting.drain(), ...retries.splice(0)]) refuse(job, 'STOPPED')
      await Promise.all([...running].map((thread) => thread.stop()))
    },
  }
}

function joined(jobs: readonly Job[]): Uint8Array {
  const claims = new Uint8Array(jobs.length * CLAIM_BYTES)
  jobs.forEach(({ claim }, at) => claims.set(claim, at * CLAIM_BYTES))
  return claims
}

const MESSAGES = {
  OVERLOADED: 'Too many proofs are waiting',
  DROPPED: 'Its sender was turned away',
  STOPPED: 'The verifier is stopped',
  THREAD_LOST: 'The threads that verified the proof died',
}

function failure(code: VerifierPoolFailure['code']): VerifierPoolError {
  return new VerifierPoolError(MESSAGES[code], { code })
}

function refuse(job: Job, code: VerifierPoolFailure['code']): void {
  job.settle.reject(failure(code))
}
