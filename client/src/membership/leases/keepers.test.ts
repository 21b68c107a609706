import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keepersOf, type Keepers } from './keepers.ts'
import { leaseKeys } from './keys.ts'

const EPOCH_SECONDS = 60
const EPOCH = 100n
const DECIDED = 98 * EPOCH_SECONDS
/** Before this time nobody asks. */
const SETTLED = DECIDED + EPOCH_SECONDS
const identifier = new Uint8Array(32).fill(1)
const keys = leaseKeys(7n, identifier)

/** Operators by the time from which they serve, and until when. */
type Times = Record<number, readonly [from: number, until?: number]>

function keepers(times: Times, { head = SETTLED + 30, secret = keys, epoch = EPOCH } = {}): Promise<Keepers> {
  const all = Object.entries(times).map(([id, [from, until = Infinity]]) => ({ id: Number(id), from, until }))
  const history = {
    head,
    at: async (seconds: number) =>
      all.filter(({ from, until }) => from <= seconds && seconds < until).map(({ id }) => id),
    everAnnounced: all
      .filter(({ from }) => from <= head)
      .sort((a, b) => a.from - b.from)
      .map(({ id }) => id),
  }
  return keepersOf(epoch, EPOCH_SECONDS, { keys: secret, history })
}
const always = (...ids: number[]): Times => Object.fromEntries(ids.map((id) => [id, [0] as const]))

describe('who keeps the message ids of an account', () => {
  it('are three operators that only the secret tells', async () => {
    const ten = always(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    const { operators } = await keepers(ten)
    expect(new Set(operators).size).toBe(3)
    const others = await Promise.all(
      [8n, 9n, 10n, 11n].map((secret) => keepers(ten, { secret: leaseKeys(secret, identifier) })),
    )
    expect(new Set(others.map((other) => other.operators.join())).size).toBeGreaterThan(1)
  })

  it('stay the same in every epoch, and change by one when one leaves or a better one comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 4 }), async (ids) => {
        const [gone, ...rest] = ids
        const before = (await keepers(always(...ids))).operators
        expect((await keepers(always(...ids), { epoch: EPOCH - 1n })).operators).toEqual(before)
        const after = (await keepers(always(...rest))).operators
        expect(after.filter((id) => !before.includes(id)).length).toBe(before.includes(gone!) ? 1 : 0)
      }),
    )
  })

  it('share the ids so that each has two of them, and no other pair', async () => {
    const { lists, operators } = await keepers(always(1, 2, 3))
    const ids = lists.flatMap(({ idAt }) => [0, 1, 2, 3].map(idAt))
    expect([...ids].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, id) => id))
    expect(new Set(lists.map(({ voters }) => [...voters].sort().join())).size).toBe(3)
    for (const { voters } of lists) expect(operators).toEqual(expect.arrayContaining([...voters]))
    expect(lists.every(({ voters }) => voters.length === 2)).toBe(true)
  })

  it('are the same to two copies, whatever operators do after the epoch was decided on', async () => {
    const time = fc.integer({ min: 0, max: SETTLED + 60 })
    const times = fc.dictionary(
      fc.integer({ min: 1, max: 20 }).map(String),
      fc.tuple(time, time).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
      { maxKeys: 8 },
    )
    const head = fc.integer({ min: SETTLED, max: SETTLED + 60 })
    await fc.assert(
      fc.asyncProperty(times, head, head, async (all, one, other) => {
        const settled = Object.values(all).filter(([from, until]) => from <= DECIDED && DECIDED < until)
        if (settled.length === 0) return
        expect((await keepers(all, { head: one })).operators).toEqual(
          (await keepers(all, { head: other })).operators,
        )
      }),
    )
  })

  it('are all of them, together, where there are fewer than three', async () => {
    for (const ids of [[4], [4, 9]]) {
      const { lists } = await keepers(always(...ids))
      expect(lists.map(({ voters, idAt }) => [voters, idAt(5)])).toEqual([[ids, 5]])
    }
  })

  it('are the first that announced themselves, together, in the first epochs: the first of all is asked by everybody', async () => {
    const young: Times = { 7: [SETTLED + 1], 3: [SETTLED + 5], 5: [SETTLED + 9], 1: [SETTLED + 12] }
    const seen = await Promise.all([2, 6, 10, 50].map((age) => keepers(young, { head: SETTLED + age })))
    expect(seen.map(({ operators }) => operators)).toEqual([[7], [7, 3], [7, 3, 5], [7, 3, 5]])
    expect(seen.every(({ lists }) => lists.length === 1 && lists[0]!.voters.includes(7))).toBe(true)
  })
})

describe('when it must refuse', () => {
  it('while the chain has not come an epoch beyond the time that decides', async () => {
    await expect(keepers(always(1, 2, 3), { head: SETTLED - 1 })).rejects.toMatchObject({
      code: 'CHAIN_BEHIND',
      detail: { head: SETTLED - 1, needed: SETTLED },
    })
    expect((await keepers(always(1, 2, 3), { head: SETTLED })).operators).toHaveLength(3)
  })

  it('a network without operators', async () => {
    await expect(keepers({})).rejects.toMatchObject({ code: 'NO_OPERATORS' })
  })
})

describe('the keys of leases', () => {
  it('differ by secret, network, epoch and list', () => {
    const seeds = [
      keys.seed(1n, 1),
      keys.seed(2n, 1),
      keys.seed(1n, 2),
      leaseKeys(8n, identifier).seed(1n, 1),
      leaseKeys(7n, new Uint8Array(32)).seed(1n, 1),
    ]
    expect(new Set(seeds.map(String)).size).toBe(5)
    expect(leaseKeys(7n, identifier).seed(1n, 1)).toEqual(seeds[0])
  })
})
