import { afterEach, describe, expect, it, vi } from 'vitest'
import { isSecureError } from './testing/expect.ts'
import { begin, hear, pair, person, say, textOf, type Person } from './testing/people.ts'
import { Crash, fragileStore } from './testing/stores.ts'

afterEach(() => vi.restoreAllMocks())

/** Where a message's encrypted body starts: format, nonce, header. */
const BODY_AT = 1 + 24 + 56

function undefinedIfCrashed(error: unknown): undefined {
  if (error instanceof Crash) return undefined
  throw error
}

describe('a crash at any write', () => {
  it.each([1, 2, 3, 4, 5, 6].flatMap((write) => [[write, 'before'] as const, [write, 'after'] as const]))(
    'of a sender, number %i, %s it happened: every message that left is read once',
    async (write, when) => {
      const bob = await person()
      const storage = fragileStore()
      let alice = await person({ storage })
      const left: Uint8Array[] = []
      storage.crashAt(write, when)
      for (const text of ['one', 'two', 'three', 'four']) {
        if (alice.sessions.state(bob.sessions.address) === 'none')
          await begin(alice, bob).catch(undefinedIfCrashed)
        const message = await say(alice, bob, text).catch((error: unknown) => {
          if (!isSecureError(error, 'NO_SESSION')) undefinedIfCrashed(error)
        })
        if (message) left.push(message)
        else alice = await alice.restart()
      }
      expect(left.length).toBeGreaterThanOrEqual(2)
      const texts: (string | undefined)[] = []
      for (const message of left) texts.push(await hear(bob, message))
      expect(new Set(texts).size).toBe(left.length)
      expect(texts).not.toContain(undefined)
    },
  )

  it.each([1, 2, 3, 4].flatMap((write) => [[write, 'before'] as const, [write, 'after'] as const]))(
    'of a receiver, number %i, %s it happened: nothing that was kept is lost, nothing is read twice',
    async (write, when) => {
      const alice = await person()
      const storage = fragileStore()
      let bob = await person({ storage })
      await begin(alice, bob)
      const kept: string[] = []
      const read = (message: Uint8Array) =>
        bob.sessions.open(message, async (opened) => void kept.push(textOf(opened)!))
      storage.crashAt(write, when)
      for (const text of ['one', 'two', 'three']) {
        const message = await say(alice, bob, text)
        if (await read(message).catch(undefinedIfCrashed)) continue
        bob = await bob.restart()
        await read(message).catch((error: unknown) => expect(error).toMatchObject({ code: 'REPLAYED' }))
      }
      expect([...new Set(kept)]).toEqual(['one', 'two', 'three'])
      await expect(read(await say(alice, bob, 'four'))).resolves.toBeDefined()
    },
  )

  it('of the application, before it kept a message, leaves the message to be opened again', async () => {
    const [alice, bob] = await pair()
    const message = await say(alice, bob, 'important')
    const fails = () => Promise.reject(new Crash('the disk is full'))
    await expect(bob.sessions.open(message, fails)).rejects.toBeInstanceOf(Crash)
    expect(await hear(await bob.restart(), message)).toBe('important')
  })
})

describe('a state that was rolled back without a trace', () => {
  async function rolledBack(): Promise<{ alice: Person; bob: Person; first: Uint8Array }> {
    const storage = fragileStore()
    const [alice, bob] = [await person({ storage }), await person()]
    await begin(alice, bob)
    await hear(bob, await say(alice, bob, 'hello'))
    await hear(alice, await say(bob, alice, 'hello to you'))
    const snapshot = await storage.snapshot()
    const first = await say(alice, bob, 'the first plaintext')
    await hear(bob, first)
    await storage.restore(snapshot)
    return { alice: await alice.restart(), bob, first }
  }
  const xor = (a: Uint8Array, b: Uint8Array) => Buffer.from(a.map((byte, at) => byte ^ b[at]!))
  const plain = (text: string) => new TextEncoder().encode(text)

  it.each(['working', 'stuck'])(
    'reuses a chain key, but no nonce and no keystream: random source %s',
    async (source) => {
      if (source === 'stuck') {
        vi.spyOn(crypto, 'getRandomValues').mockImplementation((array) => {
          if (array) new Uint8Array(array.buffer, array.byteOffset, array.byteLength).fill(4)
          return array
        })
      }
      const { alice, bob, first } = await rolledBack()
      const second = await say(alice, bob, 'another plaintext, '.slice(0, 19))
      expect(second.subarray(1, 25)).not.toEqual(first.subarray(1, 25))
      const keystreams = xor(first.subarray(BODY_AT, -16), second.subarray(BODY_AT, -16))
      const texts = xor(plain('the first plaintext'), plain('another plaintext, '))
      expect(keystreams.equals(texts)).toBe(false)
    },
  )

  it('does not fork for good: the repeated message is refused, and a new beginning heals', async () => {
    const { alice, bob } = await rolledBack()
    await expect(hear(bob, await say(alice, bob, 'again'))).rejects.toMatchObject({ code: 'REPLAYED' })
    await begin(alice, bob)
    expect(await hear(bob, await say(alice, bob, 'anew'))).toBe('anew')
    expect(await hear(alice, await say(bob, alice, 'welcome'))).toBe('welcome')
  })
})

describe('a copied state', () => {
  it('becomes another device, and the old one’s sessions are gone', async () => {
    const storage = fragileStore()
    const [alice, bob] = [await person({ storage }), await person()]
    await begin(alice, bob)
    await hear(bob, await say(alice, bob, 'hello'))
    storage.copied = true
    const copy = await alice.restart()
    expect(copy.sessions.origin).toBe('copied')
    expect(copy.sessions.address.account).toBe(alice.sessions.address.account)
    expect(copy.sessions.address.device).not.toBe(alice.sessions.address.device)
    await expect(say(copy, bob, 'as if nothing had happened')).rejects.toMatchObject({ code: 'NO_SESSION' })
  })
})

describe('two processes over one store', () => {
  it('never go on from the same state', async () => {
    const bob = await person()
    const one = await person()
    await begin(one, bob)
    const other = await one.restart()
    const messages = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        say(at % 2 ? one : other, bob, String(at)).catch(() => undefined),
      ),
    )
    const left = messages.filter((message) => message !== undefined)
    expect(left.length).toBeGreaterThan(4)
    const texts: (string | undefined)[] = []
    for (const message of left) texts.push(await hear(bob, message))
    expect(new Set(texts).size).toBe(left.length)
  })
})
