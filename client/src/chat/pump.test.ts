import { afterEach, describe, expect, it, vi } from 'vitest'
import { SendError } from '../messaging/errors.ts'
import type { HistoryOptions } from '../messaging/reader.ts'
import { person } from '../secure/testing/people.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import { memoryStore } from '../storage/store.ts'
import { bundles } from './bundles.ts'
import { conversations as openConversations } from './conversations.ts'
import { drafting } from './drafting.ts'
import { outgoing } from './outgoing.ts'
import { pump as createPump } from './pump.ts'
import { DEFAULT_LEVELS } from './topics.ts'

const HOUR_MS = 3_600_000
const ACCOUNT = 'cc'.repeat(32)
afterEach(() => void vi.useRealTimers())

/** A message for somebody, which no network takes. */
async function setUp({ isOffline = false } = {}) {
  const { sessions } = await person()
  vi.useFakeTimers()
  const now = () => Date.now()
  const store = sealedStore(memoryStore(), { key: new Uint8Array(32), scope: 'test' })
  const conversations = openConversations(store)
  const seen = { lookUps: 0 }
  const away = async () => {
    throw new SendError('away', { code: 'NOT_A_MEMBER' })
  }
  const found = { messages: [], paid: 0n, pages: 1, peerId: 'one', operatorId: 1 }
  const lookUp = async ({ except }: HistoryOptions) => {
    if (except) return found
    seen.lookUps++
    if (isOffline) throw new Error('offline')
    return found
  }
  const on = { sessions, levels: DEFAULT_LEVELS, send: away, resend: away, now }
  const keys = bundles({ ...on, store, history: lookUp })
  const out = outgoing({ ...on, conversations, bundles: keys, isBlocked: () => false })
  const pump = createPump({ conversations, out, emit: () => undefined, now })
  await drafting({ conversations, own: sessions.address, now }).add(
    ACCOUNT,
    { kind: 'text', text: 'x' },
    true,
  )
  await pump.start()
  return { pump, seen }
}

describe('what fails', () => {
  it('is tried less and less often, and at once when somebody asks', async () => {
    const { pump, seen } = await setUp({ isOffline: true })
    await vi.advanceTimersByTimeAsync(80_000)
    expect(seen.lookUps).toBe(4) // after 0, 10, 30 and 70 seconds
    await vi.advanceTimersByTimeAsync(HOUR_MS)
    expect(seen.lookUps).toBeLessThan(16)
    const before = seen.lookUps
    expect(await pump.run(ACCOUNT)).toMatchObject({ message: 'offline' })
    expect(seen.lookUps).toBe(before + 1)
    await pump.stop()
  })

  it('is tried no later because somebody asked again and again', async () => {
    const { pump, seen } = await setUp({ isOffline: true })
    await vi.advanceTimersByTimeAsync(1_000)
    for (let asked = 0; asked < 5; asked++) await pump.run(ACCOUNT)
    const before = seen.lookUps
    await vi.advanceTimersByTimeAsync(11_000)
    expect(seen.lookUps).toBe(before + 1)
    await pump.stop()
  })

  it('costs a few lookups a day if it is that somebody has no keys', async () => {
    const { pump, seen } = await setUp()
    await vi.advanceTimersByTimeAsync(24 * HOUR_MS)
    const first = seen.lookUps
    expect(first).toBeLessThan(20)
    await vi.advanceTimersByTimeAsync(48 * HOUR_MS)
    expect(seen.lookUps - first).toBeLessThan(10)
    expect(seen.lookUps - first).toBeGreaterThan(5)
    await pump.stop()
  })
})
