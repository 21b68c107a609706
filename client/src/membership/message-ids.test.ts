import { describe, expect, it } from 'vitest'
import { LeaseError } from './leases/errors.ts'
import { messageIds } from './message-ids.ts'

const LIMIT = 30

/** Leases in rising order; `sizes` are those that were asked for. */
function counting({ before = (): void => undefined } = {}) {
  const next = new Map<bigint, number>()
  const sizes: number[] = []
  return {
    sizes,
    async lease(epoch: bigint, size: number, limit: number) {
      before()
      sizes.push(size)
      const first = next.get(epoch) ?? 0
      const end = Math.min(first + size, limit)
      next.set(epoch, end)
      return Array.from({ length: end - first }, (_, at) => first + at)
    },
    known: (epoch: bigint, limit: number) => limit - (next.get(epoch) ?? 0),
    look: async () => undefined,
  }
}
const at = (epoch: bigint) => () => epoch

describe('message ids', () => {
  it('come from leases, each once, and end with the epoch', async () => {
    const ids = messageIds(counting())
    const taken = await Promise.all(Array.from({ length: LIMIT }, () => ids.reserve(at(7n), LIMIT)))
    expect(taken.map(({ messageId }) => messageId)).toEqual(Array.from({ length: LIMIT }, (_, id) => id))
    await expect(ids.reserve(at(7n), LIMIT)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    expect(await ids.reserve(at(8n), LIMIT)).toEqual({ epoch: 8n, messageId: 0 })
  })

  it('are leased singly at first, then in growing ranges, at most a tenth of the limit', async () => {
    const leases = counting()
    const ids = messageIds(leases)
    for (let count = 0; count < 12; count++) await ids.reserve(at(7n), LIMIT)
    expect(leases.sizes).toEqual([1, 1, 2, 3, 3, 3])
  })

  it('may be leased ahead of their epoch, and are still there when it begins', async () => {
    const leases = counting()
    const ids = messageIds(leases)
    await ids.reserve(at(7n), LIMIT)
    await ids.ahead(8n, 3, LIMIT)
    await ids.ahead(8n, 3, LIMIT)
    await ids.reserve(at(7n), LIMIT)
    for (let id = 0; id < 3; id++) expect((await ids.reserve(at(8n), LIMIT)).messageId).toBe(id)
    expect(leases.sizes).toEqual([1, 3, 1])
  })

  it('are leased ahead up to a tenth of the limit, however many are asked for: the rest is for other devices', async () => {
    const leases = counting()
    const ids = messageIds(leases)
    for (const count of [2, 600, 600]) await ids.ahead(8n, count, LIMIT)
    expect(leases.sizes).toEqual([2, 1])
    await ids.ahead(9n, 5, 4)
    expect(leases.sizes).toEqual([2, 1, 1])
  })

  it('tell how many are left, those that are leased and not used included', async () => {
    const ids = messageIds(counting())
    expect(ids.left(7n, LIMIT)).toBe(LIMIT)
    for (let used = 1; used <= 7; used++) {
      await ids.reserve(at(7n), LIMIT)
      expect(ids.left(7n, LIMIT)).toBe(LIMIT - used)
    }
    expect(await ids.remaining(at(7n), LIMIT)).toEqual({ epoch: 7n, left: LIMIT - 7 })
  })

  it('are of the epoch that it is once the lease is there', async () => {
    let epoch = 7n
    const ids = messageIds(counting({ before: () => void (epoch = 8n) }))
    expect(await ids.reserve(() => epoch, LIMIT)).toEqual({ epoch: 8n, messageId: 0 })
  })

  it('are asked for again when the nodes have corrected the clock', async () => {
    let epoch = 7n
    const before = () => {
      if (epoch === 8n) return
      epoch = 8n
      throw new LeaseError('not now', { code: 'NO_LEASE', epoch: 7n, operators: [], failures: [] })
    }
    expect(await messageIds(counting({ before })).reserve(() => epoch, LIMIT)).toMatchObject({ epoch: 8n })
  })
})

describe('when it must refuse', () => {
  it('what the leases refuse, and goes on when they grant again', async () => {
    const failure = new LeaseError('no', { code: 'NO_LEASE', epoch: 7n, operators: [], failures: [] })
    let refuse = true
    const before = () => {
      if (refuse) throw failure
    }
    const ids = messageIds(counting({ before }))
    await expect(ids.reserve(at(7n), LIMIT)).rejects.toBe(failure)
    refuse = false
    expect(await ids.reserve(at(7n), LIMIT)).toMatchObject({ messageId: 0 })
  })

  it('an id that the membership does not have', async () => {
    const ids = messageIds(counting())
    await ids.ahead(7n, 5, LIMIT)
    expect((await ids.reserve(at(7n), LIMIT)).messageId).toBe(0)
    await expect(ids.reserve(at(7n), 1)).rejects.toMatchObject({ code: 'RATE_LIMITED' })
  })
})
