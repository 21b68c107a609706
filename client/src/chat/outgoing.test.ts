import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { SendError } from '../messaging/errors.ts'
import type { ReceivedMessage } from '../messaging/received.ts'
import { person, type Person } from '../secure/testing/people.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import { memoryStore } from '../storage/store.ts'
import { sealBundle } from './bundle-seal.ts'
import { bundles } from './bundles.ts'
import { decodeContent, type Content } from './content.ts'
import { conversations as openConversations } from './conversations.ts'
import { drafting } from './drafting.ts'
import { outgoing } from './outgoing.ts'
import { unpad } from './padding.ts'
import { receive } from './receiving.ts'
import { MAX_DEVICES } from './record.ts'
import { topicsOf } from './routing.ts'
import { bundlesTopic, conversationTopic, dayOf, DEFAULT_LEVELS, inboxTopic } from './topics.ts'
import { clock } from './testing/bus.ts'

const DAY_MS = 86_400_000
const [LOW, HIGH] = ['01'.repeat(32), '02'.repeat(32)]
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

/** What Alice's device sends to Bob, who has as many devices as he likes, and publishes when he likes. */
async function setUp() {
  const time = clock()
  const alice = await person({ now: time.now })
  const phone = await person({ now: time.now, oneTimeKeys: 1 })
  const { account } = phone.sessions.address
  const store = sealedStore(memoryStore(), { key: new Uint8Array(32), scope: 'test' })
  const conversations = openConversations(store)
  const drafts = drafting({ conversations, own: alice.sessions.address, now: time.now })
  const published: ReceivedMessage[] = []
  const sent: { contentTopic: string; payload: Uint8Array }[] = []
  const seen = { lookUps: 0, made: 0, down: false, blocked: false, resent: [] as string[] }
  const levels = DEFAULT_LEVELS
  const send = async (contentTopic: string, payload: Uint8Array) => {
    const messageHash = `0x${bytesToHex(payload.subarray(-32))}` as const
    seen.made++
    if (seen.down) throw new SendError('away', { code: 'NOT_SENT', messageHash, paid: 0n })
    sent.push({ contentTopic, payload })
  }
  const resend = async (messageHash: `0x${string}`) => {
    if (seen.down) throw new SendError('away', { code: 'NOT_SENT', messageHash, paid: 0n })
    seen.resent.push(messageHash)
  }
  const history = async () => {
    seen.lookUps++
    return { messages: published, paid: 0n, pages: 1, peerId: 'one', operatorId: 1 }
  }
  const keys = bundles({ sessions: alice.sessions, store, levels, history, send, resend, now: time.now })
  const out = outgoing({
    ...{ conversations, sessions: alice.sessions, bundles: keys, send, resend, levels, now: time.now },
    isBlocked: () => seen.blocked,
  })

  async function publish({ sessions }: Person): Promise<void> {
    const payload = sealBundle(bytes(account), await sessions.bundle())
    const contentTopic = bundlesTopic(bytes(account), levels)
    published.push({ messageHash: '0x', contentTopic, payload, timestamp: BigInt(time.now()) * 1_000_000n })
  }
  /** Takes what a device of Bob says, as if it had been opened. */
  const hears = (from: Person, content: Partial<Content>) =>
    conversations.change(account, (old) => {
      const given = {
        id: '00'.repeat(16),
        sequence: 0,
        first: 0,
        sentAt: time.now(),
        expiresAfter: 0,
        acks: [],
      }
      const arrival = {
        content: { ...given, ...content },
        now: time.now(),
        own: alice.sessions.address.device,
      }
      return receive(old, { ...arrival, device: from.sessions.address.device }).conversation
    })
  /** What a device of Bob can read of all that was sent, and where that went. */
  async function readBy({ sessions }: Person) {
    const read: (Content & { topic: string; began: boolean })[] = []
    for (const { contentTopic: topic, payload } of sent) {
      const opened = await sessions.open(payload).catch(() => undefined)
      if (opened) read.push({ ...decodeContent(unpad(opened.plaintext)), topic, began: opened.began })
    }
    return read
  }
  const say = async (text: string) => {
    await drafts.add(account, { kind: 'text', text }, true)
    await out.run(account)
  }
  await publish(phone)
  return {
    ...{ time, alice, phone, account, conversations, drafts, sent, seen, keys, out },
    publish,
    hears,
    readBy,
    say,
  }
}

describe('what no node takes', () => {
  it('is an acknowledgement that goes again byte for byte, and costs one message id', async () => {
    const { phone, account, say, hears, sent, seen, out, conversations } = await setUp()
    await say('hello')
    await hears(phone, { sequence: 1, first: 1 })
    seen.down = true
    for (let tries = 0; tries < 3; tries++)
      await expect(out.run(account)).rejects.toMatchObject({ code: 'NOT_SENT' })
    expect(seen.made).toBe(2)
    seen.down = false
    await hears(phone, { sequence: 2, first: 1 })
    await out.run(account)
    expect([sent.length, seen.made, seen.resent.length]).toEqual([1, 2, 1])
    expect((await conversations.get(account))!.ackDue).toHaveLength(1) // what came meanwhile
    await out.run(account)
    expect([sent.length, seen.made, seen.resent.length]).toEqual([2, 3, 1])
    expect((await conversations.get(account))!.ackDue).toEqual([])
  })

  it('is a first message, whose answer is listened for once it has gone after all', async () => {
    const { account, say, seen, out, conversations } = await setUp()
    seen.down = true
    await expect(say('hello')).rejects.toMatchObject({ code: 'NOT_SENT' })
    seen.down = false
    await out.run(account)
    const conversation = (await conversations.get(account))!
    expect(seen).toMatchObject({ made: 1, resent: [expect.any(String)] })
    expect(topicsOf(conversation, conversation.spokeAt, DEFAULT_LEVELS)).not.toEqual([])
  })

  it('is a bundle that goes again byte for byte, and costs one message id', async () => {
    const { seen, keys, sent } = await setUp()
    seen.down = true
    for (let tries = 0; tries < 3; tries++)
      await expect(keys.publish()).rejects.toMatchObject({ code: 'NOT_SENT' })
    seen.down = false
    expect(await keys.publish()).toBe(true)
    expect([sent.length, seen.made, seen.resent.length]).toEqual([0, 1, 1])
    expect(await keys.publish()).toBe(false)
  })
})

describe('what is not acknowledged', () => {
  it('is sealed in a new session if the device has published keys since, and could not read it', async () => {
    const { phone, account, time, publish, say, sent, out, readBy } = await setUp()
    const [other, bundle] = [await person({ now: time.now }), await phone.sessions.bundle()]
    await say('hello')
    await other.sessions.start(account, bundle) // with the same one-time prekey, and it comes first
    await phone.sessions.open(await other.sessions.seal(phone.sessions.address, new Uint8Array(9)))
    time.pass(11 * 60_000)
    await out.run(account)
    time.pass(3 * DAY_MS)
    await phone.sessions.replenish()
    expect(await readBy(phone)).toEqual([])
    await publish(phone)
    await out.run(account)
    expect(sent).toHaveLength(3)
    expect(await readBy(phone)).toMatchObject([{ body: { text: 'hello' }, began: true }])
    time.pass(2 * DAY_MS)
    await out.run(account)
    expect((await readBy(phone)).map(({ began }) => began)).toEqual([false]) // once for each new bundle
  })

  it('neither begins sessions nor reads buckets again and again while the other side is away', async () => {
    const { phone, account, time, say, sent, seen, out, readBy } = await setUp()
    await say('hello')
    for (let hours = 0; hours < 240; hours++) {
      time.pass(3_600_000)
      await out.run(account)
    }
    expect(sent.length).toBeGreaterThan(8)
    expect(seen.lookUps).toBeGreaterThan(2)
    expect(seen.lookUps).toBeLessThan(8)
    expect((await readBy(phone)).filter(({ began }) => began)).toHaveLength(1)
  })
})

describe('somebody who is blocked', () => {
  it('gets neither what waits nor an acknowledgement, until it is blocked no more', async () => {
    const { phone, account, time, say, hears, sent, seen, out } = await setUp()
    await say('hello')
    time.pass(3_600_000) // it is due again
    const heard = await hears(phone, { sequence: 1, first: 1 })
    seen.blocked = true
    await out.run(account)
    expect([sent.length, out.nextDue(heard)]).toEqual([1, Infinity])
    seen.blocked = false
    expect(out.nextDue(heard)).toBe(0)
    await out.run(account)
    expect(sent).toHaveLength(2)
  })
})

describe('a device', () => {
  it('is one of eight at most, the newest that have published', async () => {
    const { phone, account, time, alice, publish, say, sent, conversations } = await setUp()
    const newest: string[] = []
    for (let n = 0; n < 10; n++) {
      const next = await person({ now: time.now, identity: phone.identity, oneTimeKeys: 1 })
      if (n === 5)
        await alice.sessions.start(account, await next.sessions.bundle()) // known, not published
      else await publish(next)
      if (n !== 5) newest.push(next.sessions.address.device)
    }
    await say('hello')
    expect(sent).toHaveLength(MAX_DEVICES)
    expect(Object.keys((await conversations.get(account))!.devices).sort()).toEqual(newest.slice(1).sort())
  })

  it('that can’t be written to is owed no acknowledgement, so that nothing is tried for ever', async () => {
    const { account, hears, out } = await setUp()
    const unknown = await person()
    const heard = await hears(unknown, { sequence: 1, first: 1 })
    expect(out.nextDue(heard)).toBe(0)
    await out.run(account)
    expect(out.nextDue(await hears(unknown, {}))).toBe(Infinity)
  })

  it('gets what waits as soon as it has written, and then nothing of it once more', async () => {
    const { phone, time, alice, account, hears, conversations, say, readBy, out } = await setUp()
    await say('hello')
    const laptop = await person({ now: time.now, identity: phone.identity })
    await alice.sessions.start(account, await laptop.sessions.bundle()) // as its message would
    await hears(laptop, { sequence: 1, first: 1 })
    await out.run(account)
    await out.run(account)
    const wanted = [{ body: { kind: 'text', text: 'hello' }, sequence: 1, first: 1 }]
    expect(await readBy(laptop)).toMatchObject(wanted)
    expect(await readBy(phone)).toMatchObject(wanted)
    expect(Object.keys((await conversations.get(account))!.devices)).toHaveLength(2)
  })

  it('is told the pair’s secret again when another of its account has brought a lower one', async () => {
    const { account, phone, time, hears, conversations, say, readBy } = await setUp()
    const laptop = await person({ now: time.now, identity: phone.identity })
    await conversations.change(account, (old) => ({ ...old, kind: 'open', secrets: [HIGH] }))
    await hears(phone, { topicSecret: bytes(HIGH) })
    await say('one')
    await hears(laptop, { topicSecret: bytes(LOW) })
    await say('two')
    const read = await readBy(phone)
    expect(read.map(({ topic }) => topic)).toEqual([
      conversationTopic(bytes(HIGH), dayOf(time.now())),
      inboxTopic(bytes(account)),
    ])
    expect(read[1]!.topicSecret).toEqual(bytes(LOW))
  })
})
