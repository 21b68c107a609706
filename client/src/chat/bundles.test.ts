import { describe, expect, it } from 'vitest'
import type { ReceivedMessage } from '../messaging/received.ts'
import { begin, hear, person, say, type Person } from '../secure/testing/people.ts'
import { readBundle } from '../secure/bundle.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import { memoryStore } from '../storage/store.ts'
import { openBundle } from './bundle-seal.ts'
import { bundles } from './bundles.ts'
import { clock } from './testing/bus.ts'
import { DEFAULT_LEVELS } from './topics.ts'

const HOUR_MS = 3_600_000

/** A device that has published its keys. */
async function setUp() {
  const time = clock()
  const bob = await person({ now: time.now, oneTimeKeys: 4 })
  const store = sealedStore(memoryStore(), { key: new Uint8Array(32), scope: 'test' })
  const account = Uint8Array.from(Buffer.from(bob.sessions.address.account, 'hex'))
  const sent: Uint8Array[] = []
  /** What each node shows of the bucket. */
  const shown = new Map<string, Uint8Array[]>([['one', []]])
  const keys = bundles({
    ...{ sessions: bob.sessions, store, levels: DEFAULT_LEVELS, now: time.now },
    async send(_, payload) {
      sent.push(openBundle(account, payload)!)
      shown.set('two', [payload])
    },
    resend: async () => undefined,
    async history({ except }) {
      const [peerId, payloads] = [...shown].find(([name]) => name !== except) ?? []
      if (!peerId) throw new Error('no other node')
      const messages = (payloads ?? []).map((payload) => ({ payload }) as ReceivedMessage)
      return { messages, paid: 0n, pages: 1, peerId, operatorId: 1 }
    },
  })
  /** Somebody begins a session with what was published last, and it is opened. */
  async function isWrittenTo(): Promise<Person> {
    const stranger = await person({ now: time.now })
    await begin(stranger, bob)
    expect(await hear(bob, await say(stranger, bob, 'hello'))).toBe('hello')
    keys.used()
    return stranger
  }
  expect(await keys.publish()).toBe(true)
  return { time, keys, sent, shown, account: bob.sessions.address.account, isWrittenTo }
}

describe('a bundle', () => {
  it('that has changed is published once, at a time that says nothing of when a key was used', async () => {
    const { time, keys, sent, isWrittenTo } = await setUp()
    time.pass(12 * HOUR_MS)
    await isWrittenTo()
    for (let hours = 12; hours < 24; hours++) {
      expect(await keys.publish()).toBe(false)
      time.pass(HOUR_MS)
    }
    time.pass(12 * HOUR_MS)
    const before = time.now()
    expect(await keys.publish()).toBe(true)
    const { oneTimeKeys, madeAt } = await readBundle(sent[1]!)
    expect(oneTimeKeys).toBe(4)
    expect(madeAt).toBeGreaterThan(before) // not when the key was used
    await isWrittenTo()
    expect(await keys.publish()).toBe(false)
  })

  it('that has not changed is published after a week', async () => {
    const { time, keys } = await setUp()
    time.pass(36 * HOUR_MS)
    expect(await keys.publish()).toBe(false)
    time.pass(7 * 24 * HOUR_MS)
    expect(await keys.publish()).toBe(true)
  })

  it('of which few one-time keys are left is published within the hour', async () => {
    const { time, keys, isWrittenTo } = await setUp()
    await isWrittenTo()
    time.pass(HOUR_MS)
    expect(await keys.publish()).toBe(false)
    await isWrittenTo()
    expect(await keys.publish()).toBe(true)
    await isWrittenTo()
    await isWrittenTo()
    expect(await keys.publish()).toBe(false) // nor more than once an hour
    time.pass(HOUR_MS)
    expect(await keys.publish()).toBe(true)
  })

  it('is looked for at a second node when the first shows none, and once when there is no second', async () => {
    const { keys, shown, account } = await setUp()
    expect(await keys.fetch(account)).toMatchObject([{ address: { account } }])
    shown.delete('two')
    expect(await keys.fetch(account)).toEqual([])
  })
})
