import { TeahouseError } from '@teahouse/protocol/errors'
import type { Leases } from './leases/leases.ts'

export class MessageIdError extends TeahouseError<{
  readonly code: 'RATE_LIMITED'
  readonly limit: number
  readonly epoch: bigint
}> {}

/** Messages that may still be sent in an epoch, by all copies of the account together. */
export interface Remaining {
  readonly epoch: bigint
  readonly limit: number
  readonly left: number
  /** When the next epoch begins, unix seconds by the nodes' clocks. */
  readonly until: number
}

export type MessageIds = ReturnType<typeof messageIds>

/** A lease is at most this part of the limit: what a process does not use is lost when it ends. */
const LARGEST_PART = 10
const largest = (limit: number): number => Math.ceil(limit / LARGEST_PART)
/** An answer that corrects the clock may move the epoch, and so may its end. */
const ATTEMPTS = 4

/**
 * The RLN message ids of one secret, for this process. Two proofs with one id in one epoch reveal the secret, and cost its
 * owner the deposit: so each id comes from a lease that no other process can have, and is handed out once.
 */
export function messageIds(leases: Leases) {
  /** By epoch: ids that are leased and not handed out, and how many were leased. */
  const pools = new Map<bigint, { ids: number[]; leased: number }>()
  let last: Promise<unknown> = Promise.resolve()

  function poolOf(epoch: bigint) {
    const pool = pools.get(epoch) ?? { ids: [], leased: 0 }
    pools.set(epoch, pool)
    return pool
  }

  async function fill(epoch: bigint, size: number, limit: number): Promise<void> {
    const pool = poolOf(epoch)
    const ids = await leases.lease(epoch, size, limit)
    if (ids.length === 0) {
      const message = `All ${limit} messages of this epoch are used`
      throw new MessageIdError(message, { code: 'RATE_LIMITED', limit, epoch })
    }
    pool.ids.push(...ids)
    pool.leased += ids.length
  }

  async function take(epochNow: () => bigint, limit: number): Promise<{ epoch: bigint; messageId: number }> {
    for (let attempt = 1; ; attempt++) {
      const epoch = epochNow()
      for (const old of pools.keys()) if (old < epoch) pools.delete(old)
      const pool = poolOf(epoch)
      pool.ids = pool.ids.filter((id) => id < limit)
      const messageId = pool.ids.shift()
      if (messageId !== undefined) return { epoch, messageId }
      // One at first, then as many as before: a process that sends once leaves no gap, one that sends a lot asks seldom.
      const size = Math.max(1, Math.min(pool.leased, largest(limit)))
      try {
        await fill(epoch, size, limit)
      } catch (error) {
        if (epochNow() === epoch || attempt >= ATTEMPTS) throw error
      }
    }
  }

  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = last.then(task)
    last = result.catch(() => undefined)
    return result
  }

  const left = (epoch: bigint, limit: number): number =>
    leases.known(epoch, limit) + (pools.get(epoch)?.ids.length ?? 0)

  return {
    /**
     * Takes the next id of the epoch that `epochNow` tells, which is asked again once a lease is there: an answer may have
     * corrected the clock. Calls take turns.
     * @throws MessageIdError RATE_LIMITED; LeaseError; StorageError; CallError.
     */
    reserve: (epochNow: () => bigint, limit: number) => inTurn(() => take(epochNow, limit)),
    /**
     * Leases `count` ids of an epoch to come, a tenth of the limit at most, so that nobody waits when it begins. Throws as
     * `reserve`.
     */
    ahead: (epoch: bigint, count: number, limit: number) =>
      inTurn(async () => {
        const missing = Math.min(count, largest(limit)) - poolOf(epoch).ids.length
        if (missing > 0) await fill(epoch, missing, limit)
      }),
    /** Ids left in an epoch, as far as this process knows without asking. */
    left,
    /** Ids left in the epoch, after asking the nodes, which may correct the clock. Throws LeaseError, CallError. */
    async remaining(epochNow: () => bigint, limit: number): Promise<{ epoch: bigint; left: number }> {
      for (let attempt = 1; ; attempt++) {
        const epoch = epochNow()
        await leases.look(epoch)
        if (epochNow() === epoch || attempt >= ATTEMPTS) return { epoch, left: left(epoch, limit) }
      }
    },
  }
}
