import type { Claim } from '@teahouse/protocol/rln'
import { CLAIM_BYTES } from '@teahouse/protocol/rln'
import { pino } from 'pino'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { VerifierConfig } from './config.ts'
import { VerifierPoolError } from './errors.ts'
import { createVerifierPool, type VerifierPool } from './pool.ts'
import type { Thread } from './thread-handle.ts'

const LOG = pino({ level: 'silent' })
/** Where a packed claim has the lowest byte of y, by which these tests tell claims apart. */
const Y_AT = 128
const BAD = 200
const DEADLY = 201

/** A claim that passes the form checks; a y of BAD does not hold, one of DEADLY ends the thread. */
function claim(y: number): Claim {
  const proof = new Uint8Array(128)
  return { proof, y: BigInt(y), root: 1n, nullifier: 2n, x: 3n, externalNullifier: 4n }
}

/** Threads that a test lets go on one task at a time, and what they were given. */
function bench(config: Partial<VerifierConfig> = {}) {
  const batches: number[][] = []
  const gates: (() => void)[] = []
  let free = false
  let started = 0
  let stopped = 0
  const start = (): Thread => {
    started++
    return {
      async run(claims) {
        const ys = Array.from(
          { length: claims.length / CLAIM_BYTES },
          (_, at) => claims[at * CLAIM_BYTES + Y_AT]!,
        )
        batches.push(ys)
        if (!free) await new Promise<void>((resolve) => gates.push(resolve))
        if (ys.includes(DEADLY)) throw new VerifierPoolError('ended', { code: 'THREAD_LOST' })
        return ys.map((y) => y !== BAD)
      },
      async stop() {
        stopped++
      },
    }
  }
  const settings = VerifierConfig.parse({ threads: 1, lingerMs: 0, ...config })
  pool = createVerifierPool(settings, { verificationKey: undefined, log: LOG, start })
  return {
    pool,
    batches,
    get started() {
      return started
    },
    get stopped() {
      return stopped
    },
    /** Lets the task under way end. */
    step: () => gates.shift()?.(),
    release() {
      free = true
      for (const open of gates.splice(0)) open()
    },
  }
}

let pool: VerifierPool
afterEach(() => pool.stop())

const flushed = () => new Promise((resolve) => setTimeout(resolve, 5))
/** Verifies until the source is trusted. */
async function earnTrust(source: string): Promise<void> {
  await Promise.all(Array.from({ length: 8 }, () => pool.verify(claim(1), source)))
}

describe('the verifier pool', () => {
  it('answers each proof for itself', async () => {
    bench().release()
    expect(await Promise.all([1, BAD, 2].map((y) => pool.verify(claim(y), 'a')))).toEqual([true, false, true])
  })

  it('refuses a claim out of form without asking a thread', async () => {
    const { batches } = bench()
    expect(await pool.verify({ ...claim(1), x: 0n }, 'a')).toBe(false)
    expect(await pool.verify({ ...claim(1), proof: new Uint8Array(127) }, 'a')).toBe(false)
    expect(batches).toEqual([])
  })

  it('joins what came while it was busy', async () => {
    const { batches, release } = bench()
    const all = [pool.verify(claim(1))]
    await flushed()
    for (let y = 2; y <= 40; y++) all.push(pool.verify(claim(y)))
    release()
    expect(await Promise.all(all)).toEqual(Array(40).fill(true))
    expect(batches.map((batch) => batch.length)).toEqual([1, 39])
  })

  it('lets no batch grow over its limit', async () => {
    const { batches, release } = bench({ maxBatch: 16 })
    const all = Array.from({ length: 40 }, (_, y) => pool.verify(claim(y)))
    release()
    await Promise.all(all)
    expect(Math.max(...batches.map((batch) => batch.length))).toBe(16)
  })

  it('sends a lone proof off after a few milliseconds', async () => {
    bench({ lingerMs: 3 }).release()
    await pool.verify(claim(1))
    const began = performance.now()
    await pool.verify(claim(1))
    expect(performance.now() - began).toBeLessThan(500)
  })

  it('spreads what waits over its threads', async () => {
    const made = bench({ threads: 2 })
    const all = Array.from({ length: 20 }, (_, y) => pool.verify(claim(y)))
    await flushed()
    expect(made.started).toBe(2)
    made.release()
    await Promise.all(all)
  })

  it('keeps the proofs of strangers out of the batches of those it trusts', async () => {
    const { batches, release } = bench()
    release()
    await earnTrust('alice')
    batches.length = 0
    const all = [1, 2, 3].flatMap(() => [pool.verify(claim(10), 'alice'), pool.verify(claim(BAD), 'mallory')])
    await Promise.all(all)
    for (const batch of batches) expect(new Set(batch).size, String(batch)).toBe(1)
  })

  it('serves peers in turns', async () => {
    const { batches, release } = bench({ maxUntrustedBatch: 2 })
    const first = pool.verify(claim(0), 'flooder')
    await flushed()
    const all = Array.from({ length: 50 }, () => pool.verify(claim(7), 'flooder'))
    all.push(pool.verify(claim(9), 'late'))
    release()
    await Promise.all([first, ...all])
    expect(batches[1]).toEqual([7, 9])
  })

  it('starts no thread before the first proof, and ends them', async () => {
    const made = bench()
    expect(made.started).toBe(0)
    made.release()
    await pool.verify(claim(1))
    await pool.stop()
    expect([made.started, made.stopped]).toEqual([1, 1])
  })
})

describe('when it must refuse', () => {
  it('what is over the share of a peer: OVERLOADED', async () => {
    const { release } = bench({ maxWaitingPerPeer: 3 })
    const first = pool.verify(claim(0), 'flooder')
    await flushed() // the first is under way
    const results = Promise.allSettled([1, 2, 3, 4].map((y) => pool.verify(claim(y), 'flooder')))
    const other = pool.verify(claim(5), 'other')
    release()
    expect((await results).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
    ])
    expect((await results)[3]).toMatchObject({ reason: { code: 'OVERLOADED' } })
    expect(await Promise.all([first, other])).toEqual([true, true])
  })

  it('what the whole queue has no room for, from the peer with most in it: OVERLOADED', async () => {
    const { release } = bench({ maxWaiting: 4 })
    const first = pool.verify(claim(0), 'flooder')
    await flushed()
    const flood = Promise.allSettled([1, 2, 3, 4].map((y) => pool.verify(claim(y), 'flooder')))
    const other = pool.verify(claim(5), 'other')
    release()
    expect(await other).toBe(true)
    expect((await flood)[3]).toMatchObject({ reason: { code: 'OVERLOADED' } })
    await first
  })

  it('what can not be verified soon within its share of a core, from the peer with most of it: OVERLOADED', async () => {
    const { release } = bench()
    pool.setCores(0.01)
    const first = pool.verify(claim(0), 'flooder')
    await flushed()
    const flood = Promise.allSettled(Array.from({ length: 20 }, () => pool.verify(claim(1), 'flooder')))
    const other = pool.verify(claim(2), 'other')
    pool.setCores(undefined)
    release()
    expect(await Promise.all([first, other])).toEqual([true, true])
    const refused = (await flood).filter(({ status }) => status === 'rejected')
    expect(refused.length).toBeGreaterThanOrEqual(15)
    expect(refused[0]).toMatchObject({ reason: { code: 'OVERLOADED' } })
  })

  it('what waits of a peer that was turned away: DROPPED', async () => {
    const { release } = bench()
    const first = pool.verify(claim(0), 'mallory')
    await flushed()
    const second = expect(pool.verify(claim(1), 'mallory')).rejects.toMatchObject({ code: 'DROPPED' })
    const other = pool.verify(claim(2), 'alice')
    pool.drop('mallory')
    release()
    await second
    expect(await Promise.all([first, other])).toEqual([true, true])
  })

  it('what waits when it stops, and what comes after: STOPPED', async () => {
    const { release } = bench()
    const under = pool.verify(claim(0))
    await flushed()
    const waiting = expect(pool.verify(claim(1))).rejects.toMatchObject({ code: 'STOPPED' })
    await pool.stop()
    await waiting
    await expect(pool.verify(claim(2))).rejects.toMatchObject({ code: 'STOPPED' })
    release()
    await under
  })
})

describe('when a thread dies', () => {
  it('starts another, tries the jobs again one by one, and gives up the deadly one', async () => {
    const made = bench()
    made.release()
    const jobs = [1, DEADLY, BAD, 2].map((y) => pool.verify(claim(y), 'a'))
    const results = await Promise.allSettled(jobs)
    expect(
      results.map((result) => ('value' in result ? result.value : (result.reason as VerifierPoolError).code)),
    ).toEqual([true, 'THREAD_LOST', false, true])
    expect(made.batches[0]).toHaveLength(4)
    expect(made.batches.slice(1).every((batch) => batch.length === 1)).toBe(true)
    expect(made.started).toBeGreaterThan(1)
  })

  it('goes on with what comes later', async () => {
    bench().release()
    await expect(pool.verify(claim(DEADLY))).rejects.toMatchObject({ code: 'THREAD_LOST' })
    await vi.waitFor(async () => expect(await pool.verify(claim(1))).toBe(true), 5_000)
  })
})
