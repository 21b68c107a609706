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
import { bundlesTopic, conversationTopic, dayOf, DEFAULT_LEVELS, inboxTopic } from './topics.ts'
import { clock } from './testing/bus.ts'

const [LOW, HIGH] = ['01'.repeat(32), '02'.repeat(32)]
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

/** What Alice's device sends to Bob, who has as many devices as he likes, and publishes when he likes. */
async function setUp() {
  const time = clock()
  const alice = await person({ now: time.now })
  const phone = await person({ now: time.now })
  const { account } = phone.sessions.address
  const store = sealedStore(memoryStore(), { key: new Uint8Array(32), scope: 'test' })
  const conversations = openConversations(store)
  const drafts = drafting({ conversations, own: alice.sessions.address, now: time.now })
  const published: ReceivedMessage[] = []
  const sent: { contentTopic: string; payload: Uint8Array }[] = []
  const seen = { lookUps: 0, down: false, resent: [] as string[] }
  const levels = DEFAULT_LEVELS
  const send = async (contentTopic: string, payload: Uint8Array) => {
    const messageHash = `0x${bytesToHex(payload.subarray(-32))}` as const
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
  const keys = bundles({ sessions: alice.sessions, store, levels, history, send, now: time.now })
  const out = outgoing({
    ...{ conversations, sessions: alice.sessions, bundles: keys, send, resend, levels, now: time.now },
  })

  async function publish({ sessions }: Person): Promise<void> {
    const payload = sealBundle(bytes(account), await sessions.bundle())
    const contentTopic = bundlesTopic(bytes(account), levels)
    published.push({ messageHash: '0x', contentTopic, payload, timestamp: BigInt(time.now()) * 1_000_000n })
  }
  /** Takes what a device of Bob says, as if it had been opened. */
  const hears = (from: Person, content: Partial<Content>) =>
    conversations.change(account, (old) => {
      const given = { id: '00'.repeat(16), sequence: 0, first: 0, sentAt: time.now(), expiresAfter: 0, acks: [] }
      const arrival = { content: { ...given, ...content }, now: time.now(), own: alice.sessions.address.device }
      return receive(old, { ...arrival, device: from.sessions.address.device }).conversation!
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
  return { ...{ time, alice, phone, account, conversations, drafts, sent, seen, out }, publish, hears, readBy, say }
}

describe('a device', () => {
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
