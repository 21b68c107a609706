import { describe, expect, it } from 'vitest'
import { readBundle } from './bundle.ts'
import { NOW, begin, hear, person, say } from './testing/people.ts'

const DAY = 86_400_000

/** A clock to be set. */
function clock() {
  let time = NOW
  return { now: () => time, pass: (days: number) => void (time += days * DAY) }
}

describe('one-time prekeys', () => {
  it('are made anew when they were used, and the bundle says so', async () => {
    const bob = await person({ oneTimeKeys: 3 })
    const before = await bob.sessions.bundle()
    expect(await bob.sessions.replenish()).toBeUndefined()
    const alice = await person()
    await begin(alice, bob)
    await hear(bob, await say(alice, bob, 'hello'))
    expect((await readBundle(await bob.sessions.bundle())).oneTimeKeys).toBe(2)
    const after = await bob.sessions.replenish()
    expect(after).toEqual(await bob.sessions.bundle())
    const [old, renewed] = [await readBundle(before), await readBundle(after!)]
    expect(renewed.oneTimeKeys).toBe(3)
    expect(renewed.madeAt).toBeGreaterThan(old.madeAt)
    expect(await (await bob.restart()).sessions.bundle()).toEqual(after)
  })

  it('give way to the last resort when all were used', async () => {
    const bob = await person({ oneTimeKeys: 1 })
    for (const offered of [1, 0, 0]) {
      const someone = await person()
      expect((await readBundle(await bob.sessions.bundle())).oneTimeKeys).toBe(offered)
      await begin(someone, bob)
      expect(await hear(bob, await say(someone, bob, 'hello'))).toBe('hello')
      expect(await hear(someone, await say(bob, someone, 'yes'))).toBe('yes')
    }
  })

  it('that two people took at the same time serve both, for two days; then a key is gone for good', async () => {
    const time = clock()
    const bob = await person({ oneTimeKeys: 1, now: time.now })
    const people = [await person(), await person(), await person()]
    for (const someone of people) await begin(someone, bob)
    expect(await hear(bob, await say(people[0]!, bob, 'one'))).toBe('one')
    await bob.sessions.replenish()
    time.pass(1)
    expect(await hear(bob, await say(people[1]!, bob, 'two'))).toBe('two')
    time.pass(1.1)
    await bob.sessions.replenish()
    const late = await say(people[2]!, bob, 'three')
    const claimed = people[2]!.sessions.address
    for (const again of [bob, await bob.restart()])
      await expect(hear(again, late)).rejects.toMatchObject({ detail: { code: 'PREKEY_GONE', claimed } })
    // The other side begins instead, and what was said is said again.
    await begin(bob, people[2]!)
    expect(await hear(people[2]!, await say(bob, people[2]!, 'say it again'))).toBe('say it again')
    expect(await hear(bob, await say(people[2]!, bob, 'three'))).toBe('three')
  })
})

describe('signed prekeys', () => {
  it('change every two weeks, and serve messages that waited for a month', async () => {
    const time = clock()
    const bob = await person({ now: time.now })
    const first = await bob.sessions.bundle()
    const [early, late] = [await person({ now: time.now }), await person({ now: time.now })]
    time.pass(13)
    expect(await bob.sessions.replenish()).toBeUndefined()
    await begin(early, bob)
    const waiting = await say(early, bob, 'waited for 30 days')
    time.pass(2)
    expect(await bob.sessions.replenish()).not.toEqual(first)
    time.pass(28)
    await bob.sessions.replenish()
    expect(await hear(bob, waiting)).toBe('waited for 30 days')
    await late.sessions.start(bob.sessions.address.account, first)
    time.pass(30)
    await bob.sessions.replenish()
    expect(await hear(bob, await say(late, bob, 'with a bundle of two months ago'))).toBeUndefined()
  })
})

describe('a beginning that was never read', () => {
  it('does not keep a device from a session that works', async () => {
    const time = clock()
    const [alice, bob] = [await person({ now: time.now }), await person({ now: time.now })]
    const old = await bob.sessions.bundle()
    time.pass(80)
    await bob.sessions.replenish()
    await begin(bob, alice)
    await hear(alice, await say(bob, alice, 'hello'))
    await alice.sessions.start(bob.sessions.address.account, old)
    expect(await hear(bob, await say(alice, bob, 'lost'))).toBeUndefined()
    time.pass(8)
    expect(await hear(bob, await say(alice, bob, 'found'))).toBe('found')
  })
})
