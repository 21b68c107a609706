import { describe, expect, it } from 'vitest'
import { readBundle } from '../secure/bundle.ts'
import { begin, NOW, person, type Person } from '../secure/testing/people.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import { memoryStore } from '../storage/store.ts'
import { openContacts } from './contacts.ts'
import { encodeContent, newContentId, type Content } from './content.ts'
import { conversations as openConversations } from './conversations.ts'
import type { ChatEvent } from './events.ts'
import { inbound } from './inbound.ts'
import { pad, sizeClass } from './padding.ts'
import { MAX_REQUEST_MESSAGES } from './receiving.ts'

/** Bob's device, and what others seal for it. */
async function setUp() {
  const bob = await person({ now: () => NOW, oneTimeKeys: 4 })
  const store = sealedStore(memoryStore(), { key: new Uint8Array(32), scope: 'test' })
  const conversations = openConversations(store)
  const contacts = await openContacts(store, () => NOW)
  const events: ChatEvent[] = []
  const handle = inbound({
    isListed: () => false,
    ...{ sessions: bob.sessions, conversations, contacts, now: () => NOW },
    emit: (event) => void events.push(event),
    onTaken: () => undefined,
    onPrekeyGone: () => undefined,
  })
  async function sealed(from: Person, over: Partial<Content> = {}): Promise<Uint8Array> {
    const { state } = from.sessions
    if (state(bob.sessions.address) === 'none') await begin(from, bob)
    const body = { kind: 'text', text: 'hello' } as const
    const given = { id: newContentId(), sequence: 1, first: 1, sentAt: NOW, expiresAfter: 0, acks: [], body }
    const bytes = encodeContent({ ...given, ...over })
    const padded = (overhead: number) => pad(bytes, sizeClass(bytes.length, overhead) - overhead)
    return from.sessions.seal(bob.sessions.address, padded)
  }
  /** What a device of somebody has used up at Bob's. */
  async function usedBy({ sessions }: Person) {
    const { oneTimeKeys } = await readBundle(await bob.sessions.bundle())
    return { keys: 4 - oneTimeKeys, session: bob.sessions.state(sessions.address) }
  }
  return { bob, conversations, contacts, events, handle, sealed, usedBy }
}

const accountOf = ({ sessions }: Person): string => sessions.address.account

describe('what must not happen', () => {
  it('a stranger fills this device with sessions: what is not taken leaves nothing, and can come again', async () => {
    const { bob, contacts, conversations, events, handle, sealed, usedBy } = await setUp()
    const stranger = await person()
    for (let n = 1; n <= MAX_REQUEST_MESSAGES; n++) await handle(await sealed(stranger, { sequence: n }))
    const more = await person({ identity: stranger.identity })
    const payloads = [
      await sealed(more),
      await sealed(more, { body: { kind: 'reset' } }),
      await sealed(more, { sequence: 0, first: 0, body: undefined }),
    ]
    for (const payload of payloads) await handle(payload)
    expect(await usedBy(more)).toEqual({ keys: 1, session: 'none' })
    expect(bob.sessions.devices(accountOf(more))).toHaveLength(1)
    expect(events.map(({ kind }) => kind)).toEqual(['request'])

    const account = accountOf(more)
    await contacts.put(account, { name: 'Stranger' })
    await conversations.change(account, (old) => ({ ...old, kind: 'open' }))
    await handle(payloads[0]!)
    expect(await usedBy(more)).toEqual({ keys: 2, session: 'confirmed' })
    expect((await conversations.get(account))!.tail).toHaveLength(MAX_REQUEST_MESSAGES + 1)
  })

  it('what is no content begins a session, or is passed over without a word', async () => {
    const { bob, events, handle, usedBy } = await setUp()
    const stranger = await person()
    await begin(stranger, bob)
    const noContent = (overhead: number) => pad(new Uint8Array(9), 4_096 - overhead)
    await handle(await stranger.sessions.seal(bob.sessions.address, noContent))
    expect(await usedBy(stranger)).toEqual({ keys: 0, session: 'none' })
    expect(events).toMatchObject([{ kind: 'unreadable' }])
  })

  it('somebody who is blocked uses up a prekey or a step, and so learns that a message was opened', async () => {
    const { contacts, events, handle, sealed, usedBy, conversations } = await setUp()
    const alice = await person()
    await contacts.put(accountOf(alice), { name: 'Alice', blocked: true })
    const payload = await sealed(alice)
    await handle(payload)
    expect(await usedBy(alice)).toEqual({ keys: 0, session: 'none' })
    expect(await conversations.get(accountOf(alice))).toBeUndefined()
    expect(events).toEqual([])
    await contacts.put(accountOf(alice), { blocked: false })
    await handle(payload)
    expect(await usedBy(alice)).toEqual({ keys: 1, session: 'confirmed' })
  })
})
