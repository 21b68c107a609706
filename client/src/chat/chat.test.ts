import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ReceivedMessage } from '../messaging/received.ts'
import { memoryStore } from '../storage/store.ts'
import type { ChatOptions } from './engine.ts'
import type { Chat } from './open-chat.ts'
import { bus, clock, identity } from './testing/bus.ts'

const DAY_MS = 86_400_000
const open: Chat[] = []
afterEach(async () => {
  for (const chat of open.splice(0)) await chat.stop()
})

/** Asks until it holds. */
async function until(what: string, probe: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await probe()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`Waited in vain until ${what}`)
}

/** Alice and Bob, online; Alice has Bob's card. */
async function setUp() {
  const time = clock()
  const net = bus(time.now)
  async function person(name: string, who = identity(), storage = memoryStore(), options: ChatOptions = {}) {
    const { chat } = await net.device(who, storage, { name, ...options })
    open.push(chat)
    await chat.start()
    await chat.publish()
    return { chat, who, storage }
  }
  const [alice, bob] = [await person('Alice'), await person('Bob')]
  await alice.chat.contacts.add(bob.chat.card, { name: 'Bob' })
  /** The same device after its process ended without a word. */
  const restart = async ({ who, storage }: typeof bob, options?: ChatOptions) =>
    person('again', who, storage, options)
  /** Both are contacts of each other, and know it. */
  async function meet(): Promise<void> {
    await alice.chat.send('Bob', 'hello')
    await until('Bob is asked', async () => (await bob.chat.requests()).length === 1)
    await bob.chat.accept(alice.chat.account, 'Alice')
    await until('Alice knows', async () => (await states(alice.chat, 'Bob')).join() === 'delivered')
  }
  return { ...net, time, person, restart, alice, bob, meet }
}

async function texts(chat: Chat, contact: string): Promise<string[]> {
  const entries = await chat.messages(contact)
  return entries.map((entry) => {
    if (entry.kind === 'missing') return `missing ${entry.count}`
    return entry.body.kind === 'text' ? entry.body.text : entry.body.kind
  })
}

async function states(chat: Chat, contact: string): Promise<(string | undefined)[]> {
  const entries = await chat.messages(contact)
  return entries.flatMap((entry) => (entry.kind === 'message' && entry.mine ? [entry.state] : []))
}

const has = (chat: Chat, contact: string, ...wanted: string[]) =>
  until(`there is ${wanted.join()}`, async () => (await texts(chat, contact)).join() === wanted.join())

describe('two people', () => {
  it('meet through a request, and talk both ways; then their topics say nothing of either', async () => {
    const { alice, bob, meet, messages } = await setUp()
    await meet()
    expect(alice.chat.contacts.safetyNumber('Bob')).toBe(bob.chat.contacts.safetyNumber('Alice'))
    await bob.chat.send('Alice', 'hello to you')
    await has(alice.chat, 'Bob', 'hello', 'hello to you')
    await until('Bob knows', async () => (await states(bob.chat, 'Alice')).join() === 'delivered')
    const before = messages.length
    await alice.chat.send('Bob', 'how are you?')
    await has(bob.chat, 'Alice', 'hello', 'hello to you', 'how are you?')
    expect(messages[before]!.contentTopic).toMatch(/^\/c/)
    for (const { payload } of messages) expect([1_024, 4_096, 16_384]).toContain(payload.length)
  })

  it('go on when each was away, over days, and nothing comes twice', async () => {
    const { alice, bob, meet, time, restart } = await setUp()
    await meet()
    await bob.chat.stop()
    await alice.chat.send('Bob', 'today')
    time.pass(DAY_MS)
    await alice.chat.send('Bob', 'tomorrow')
    time.pass(DAY_MS)
    const back = await restart(bob)
    await has(back.chat, 'Alice', 'hello', 'today', 'tomorrow')
    await back.chat.stop()
    await has((await restart(bob)).chat, 'Alice', 'hello', 'today', 'tomorrow')
  })

  it('keep what can’t be sent, and send it when it can', async () => {
    const { alice, bob, meet, state, time, restart } = await setUp()
    await meet()
    state.down = true
    expect(await alice.chat.send('Bob', 'kept')).toMatchObject({
      state: 'waiting',
      problem: { code: 'NOT_SENT' },
    })
    state.down = false
    await alice.chat.stop()
    time.pass(60_000)
    await restart(alice)
    await has(bob.chat, 'Alice', 'hello', 'kept')
  })

  it('leave nothing behind when they stop while keys are on their way', async () => {
    const net = bus(clock().now)
    const way = Promise.withResolvers<void>()
    net.state.slow = way.promise
    const { chat } = await net.device(identity())
    await chat.start()
    await until('upkeep publishes them', async () => net.state.sends > 0)
    const publishing = chat.publish()
    await chat.stop()
    const timers = vi.spyOn(globalThis, 'setTimeout')
    way.resolve()
    await publishing
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(timers).not.toHaveBeenCalled() // one of a minute would keep the process for that long
    timers.mockRestore()
  })

  it('send what nobody can read if they want to, and show nothing of it', async () => {
    const { alice, bob, meet, messages, restart } = await setUp()
    await meet()
    await alice.chat.stop()
    const before = messages.length
    const covered = await restart(alice, { coverAnHour: 3_600_000 })
    await until('there is cover', async () => messages.length > before + 20)
    await covered.chat.send('Bob', 'among them')
    await has(bob.chat, 'Alice', 'hello', 'among them')
    await covered.chat.stop()
    const sent = messages.slice(before)
    expect(new Set(sent.map(({ contentTopic }) => contentTopic)).size).toBeGreaterThan(15)
    expect(await texts(covered.chat, 'Bob')).toEqual(['hello', 'among them'])
  })

  it('send again what nobody acknowledged, which then comes once', async () => {
    const { alice, bob, meet, state, time, restart } = await setUp()
    await meet()
    state.lost = () => true
    expect(await alice.chat.send('Bob', 'lost')).toMatchObject({ state: 'sent' })
    state.lost = () => false
    await alice.chat.send('Bob', 'after')
    await has(bob.chat, 'Alice', 'hello', 'missing 1', 'after')
    await alice.chat.stop()
    time.pass(11 * 60_000)
    const again = await restart(alice)
    await has(bob.chat, 'Alice', 'hello', 'lost', 'after')
    await until('all has arrived', async () =>
      (await states(again.chat, 'Bob')).every((state) => state === 'delivered'),
    )
  })

  it('read what one node withholds from another, and learn of it', async () => {
    const { alice, bob, meet, state, time, restart } = await setUp()
    await meet()
    await bob.chat.stop()
    await alice.chat.send('Bob', 'withheld')
    state.withheld = ({ payload }: ReceivedMessage) => payload.length === 1_024
    time.pass(60_000)
    const back = await restart(bob)
    await has(back.chat, 'Alice', 'hello', 'withheld')
  })

  it('have several devices, which all get everything', async () => {
    const { alice, bob, meet, person } = await setUp()
    const phone = await person('Bob', bob.who)
    await meet()
    await has(phone.chat, alice.chat.account, 'hello')
    await until('the devices know each other', async () => {
      await bob.chat.send('Alice', 'from my desk')
      return (await texts(phone.chat, alice.chat.account)).includes('from my desk')
    })
  })

  it('let messages disappear', async () => {
    const { alice, bob, meet, time, restart } = await setUp()
    await meet()
    await alice.chat.disappear('Bob', 60)
    await alice.chat.send('Bob', 'burn this')
    await has(bob.chat, 'Alice', 'hello', 'timer', 'burn this')
    await bob.chat.markRead('Alice')
    time.pass(61_000)
    expect(await texts(bob.chat, 'Alice')).toEqual(['hello'])
    await bob.chat.stop()
    const again = await restart(bob)
    await until('it is gone from the disk', async () => (await texts(again.chat, 'Alice')).length === 1)
  })
})

describe('a bot', () => {
  it('gets each message in order, and again what it was killed over', async () => {
    const { alice, bob, meet, restart } = await setUp()
    await meet()
    for (const text of ['one', 'two']) await alice.chat.send('Bob', text)
    for await (const { body } of bob.chat.incoming()) {
      if (body.kind === 'text' && body.text === 'one') break // killed while it works on it
    }
    await bob.chat.stop()
    const again = await restart(bob)
    const heard: string[] = []
    for await (const { body } of again.chat.incoming()) {
      if (body.kind === 'text') heard.push(body.text)
      if (heard.length === 2) break
    }
    expect(heard).toEqual(['one', 'two'])
  })
})

describe('what must not happen', () => {
  it('a stranger learns that it was heard, or is counted, or is listened to', async () => {
    const { alice, bob, messages } = await setUp()
    await alice.chat.send('Bob', 'hello')
    await until('Bob is asked', async () => (await bob.chat.requests()).length === 1)
    const before = messages.length
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(messages.length - before).toBe(0) // nor new prekeys: they would tell that it was opened
    expect(await states(alice.chat, 'Bob')).toEqual(['sent'])
    const [request] = await bob.chat.requests()
    expect(request).toMatchObject({ unread: 0, senderName: 'Alice', contact: undefined })
    expect(await bob.chat.conversations()).toEqual([])
  })

  it.each([{ who: 'a contact' }, { who: 'a stranger' }])(
    '$who makes others read their stores again and again',
    async ({ who }) => {
      const { alice, bob, meet, state } = await setUp()
      if (who === 'a contact') await meet()
      else await alice.chat.send('Bob', 'hello')
      const seen = async () => (await bob.chat.messages(alice.chat.account)).length
      async function leaveOut(): Promise<void> {
        const before = await seen()
        state.lost = () => true
        await alice.chat.send('Bob', 'lost')
        state.lost = () => false
        await alice.chat.send('Bob', 'after')
        await until('Bob misses one', async () => (await seen()) === before + 2)
        await new Promise((resolve) => setTimeout(resolve, 60))
      }
      await until('Bob has the first', async () => (await seen()) === 1)
      if (who === 'a contact') await leaveOut() // once is looked for at once
      await new Promise((resolve) => setTimeout(resolve, 60))
      const before = state.looks
      for (let n = 0; n < 3; n++) await leaveOut()
      expect(state.looks).toBe(before)
    },
  )

  it('somebody who is blocked gets through, or learns of it', async () => {
    const { alice, bob, meet } = await setUp()
    await meet()
    await bob.chat.block('Alice')
    await alice.chat.send('Bob', 'are you there?')
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await texts(bob.chat, 'Alice')).toEqual(['hello'])
    expect(await states(alice.chat, 'Bob')).toEqual(['delivered', 'sent'])
    await expect(bob.chat.send('Alice', 'x')).rejects.toMatchObject({ code: 'BLOCKED' })
  })

  it('a word, a name or a key lies open on the disk, or anything is left after wiping', async () => {
    const { alice, bob, meet } = await setUp()
    await meet()
    const everything = async () => {
      const keys = await alice.storage.keys('')
      return [
        ...keys,
        ...(await Promise.all(keys.map(async (key) => (await alice.storage.get(key))!.value))),
      ].join()
    }
    expect(await everything()).not.toMatch(new RegExp(`hello|Bob|${bob.chat.account}|${alice.chat.account}`))
    await alice.chat.wipe()
    expect(await alice.storage.keys('')).toEqual([])
  })

  it.each([
    { given: 'a text over the largest class', send: 'x'.repeat(65_536), code: 'TOO_LARGE' },
    { given: 'a contact that is none', to: 'Zoe', send: 'x', code: 'UNKNOWN_CONTACT' },
  ])('$given goes anywhere', async ({ to = 'Bob', send, code }) => {
    const { alice } = await setUp()
    await expect(alice.chat.send(to, send)).rejects.toMatchObject({ code })
    expect(await texts(alice.chat, 'Bob')).toEqual([])
  })

  it('a name goes out that others would refuse, and the message with it', async () => {
    const { device } = bus(clock().now)
    const named = device(identity(), memoryStore(), { name: 'Al\u202eice' })
    await expect(named).rejects.toMatchObject({ code: 'BAD_NAME' })
  })

  it('a stranger takes the name of a contact, or one that looks like it', async () => {
    const { alice, bob, person, meet } = await setUp()
    await meet()
    const mallory = await person('Ali\u200dce')
    await mallory.chat.contacts.add(bob.chat.card, { name: 'Bob' })
    await mallory.chat.send('Bob', 'it is me')
    await until('Bob is asked', async () => (await bob.chat.requests()).length === 1)
    await expect(bob.chat.accept(mallory.chat.account)).rejects.toMatchObject({ code: 'NAME_TAKEN' })
    expect(bob.chat.contacts.find('Alice').account).toBe(alice.chat.account)
  })

  it('contacts change under a process that has them in memory', async () => {
    const { alice, bob, state, device, meet } = await setUp()
    await meet()
    state.held = true // by Bob's first process
    const { chat: other } = await device(bob.who, bob.storage)
    open.push(other)
    for (const change of [
      () => other.block('Alice'),
      () => other.contacts.add(alice.chat.account, { name: 'Zoe' }),
      () => other.contacts.change('Alice', { muted: true }),
      () => other.accept(alice.chat.account, 'Zoe'),
    ])
      await expect(change()).rejects.toMatchObject({ code: 'LOCKED' })
    expect(other.contacts.list()).toEqual(bob.chat.contacts.list())
    expect(await texts(other, 'Alice')).toEqual(['hello']) // reading is free

    state.held = false
    expect(await other.block('Alice')).toMatchObject({ blocked: true })
  })

  it('a person without published keys swallows what is sent', async () => {
    const { alice, person, time, bob } = await setUp()
    const who = identity()
    await alice.chat.contacts.add(Buffer.from(who.publicKey).toString('hex'), { name: 'Dave' })
    expect(await alice.chat.send('Dave', 'hello')).toMatchObject({
      state: 'waiting',
      problem: { code: 'NO_DEVICES' },
    })
    const dave = await person('Dave', who)
    time.pass(60_000)
    await alice.chat.send('Dave', 'and again')
    await has(dave.chat, alice.chat.account, 'hello', 'and again')
    expect(await bob.chat.requests()).toEqual([])
  })
})
