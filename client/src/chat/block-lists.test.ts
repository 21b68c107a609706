import { ed25519 } from '@noble/curves/ed25519.js'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { memoryStore } from '../storage/store.ts'
import { MAX_MARKS, markOf, readBlockList, signBlockList } from './block-list.ts'
import type { Chat } from './open-chat.ts'
import { bus, clock, identity } from './testing/bus.ts'

const MALLORY = 'ab'.repeat(32)
const list = (accounts = [MALLORY], who = identity(), madeAt = 1_000) =>
  signBlockList(who, { name: 'Tea club', accounts, madeAt })

describe('a block list', () => {
  it('says who made it and when, and whom it names only to who knows them', async () => {
    const who = identity()
    const bytes = await list([MALLORY, MALLORY, 'cd'.repeat(32)], who)
    const publisher = bytesToHex(who.publicKey)
    const read = readBlockList(bytes)
    expect(read).toMatchObject({ publisher, name: 'Tea club', madeAt: 1_000 })
    expect(read.marks).toHaveLength(2)
    expect(read.marks).toContain(markOf(publisher, MALLORY))
    expect(bytesToHex(bytes)).not.toContain(MALLORY.slice(0, 32))
    expect(markOf('00'.repeat(32), MALLORY)).not.toBe(markOf(publisher, MALLORY))
  })

  it('has 3,000 accounts at most, in one message', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => at.toString(16).padStart(64, '0'))
    expect((await list(many(MAX_MARKS))).length).toBeLessThan(50_000)
    await expect(list(many(MAX_MARKS + 1))).rejects.toMatchObject({ detail: { code: 'TOO_LARGE' } })
  })

  it('is refused whenever one byte is another, cut off, or longer', async () => {
    const bytes = await list()
    const bad = expect.objectContaining({ code: 'BAD_LIST' }) as Error
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes, (byte, i) => (i === at ? byte ^ 1 : byte))
      expect(() => readBlockList(changed)).toThrow(bad)
    }
    expect(() => readBlockList(bytes.slice(0, -1))).toThrow(bad)
    expect(() => readBlockList(concatBytes(bytes, Uint8Array.of(0)))).toThrow(bad)
  })

  it('is refused under a key that anything verifies under', () => {
    const small = ed25519.Point.ZERO.toBytes()
    const body = concatBytes(
      Uint8Array.of(1),
      small,
      new Uint8Array(6),
      Uint8Array.of(1),
      utf8ToBytes('x'),
      new Uint8Array(2),
    )
    const signature = concatBytes(small, new Uint8Array(32))
    expect(() => readBlockList(concatBytes(body, signature))).toThrow('signature')
  })

  it('of any bytes is a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          readBlockList(bytes)
        } catch (error) {
          expect(isTeahouseError(error)).toBe(true)
        }
      }),
    )
  })
})

const open: Chat[] = []
afterEach(async () => {
  for (const chat of open.splice(0)) await chat.stop()
})

async function until(probe: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await probe()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('Waited in vain')
}

async function setUp() {
  const net = bus(clock().now)
  async function person(who = identity(), storage = memoryStore()) {
    const { chat } = await net.device(who, storage)
    open.push(chat)
    await chat.start()
    await chat.publish()
    return { chat, who, storage }
  }
  const [alice, bob, mallory] = [await person(), await person(), await person()]
  await bob.chat.contacts.add(mallory.chat.card, { name: 'Mallory' })
  await bob.chat.block('Mallory')
  await bob.chat.blockLists.publish('Bob’s list')
  await alice.chat.contacts.add(bob.chat.card, { name: 'Bob' })
  await mallory.chat.contacts.add(alice.chat.card, { name: 'Alice' })
  return { ...net, person, alice, bob, mallory }
}

describe('a list that is followed', () => {
  it('drops strangers it names, unread, until it is followed no more', async () => {
    const { alice, mallory, person } = await setUp()
    const followed = await alice.chat.blockLists.follow('Bob')
    expect(followed).toMatchObject({ name: 'Bob’s list', accounts: 1 })
    await mallory.chat.send('Alice', 'buy')
    const carol = await person()
    await carol.chat.contacts.add(alice.chat.card, { name: 'Alice' })
    await carol.chat.send('Alice', 'hello')
    await until(async () => (await alice.chat.requests()).length > 0)
    expect((await alice.chat.requests()).map(({ account }) => account)).toEqual([carol.chat.account])
    await alice.chat.stop()
    const again = await person(alice.who, alice.storage)
    expect(again.chat.blockLists.list()).toHaveLength(1)
    await again.chat.blockLists.unfollow('Bob')
    expect(again.chat.blockLists.list()).toEqual([])
    await mallory.chat.send('Alice', 'buy more')
    await until(async () => (await again.chat.requests()).length === 2)
  })

  it('never comes between contacts, and hides a request that is there while it is followed', async () => {
    const { alice, bob, mallory } = await setUp()
    await mallory.chat.send('Alice', 'buy')
    await until(async () => (await alice.chat.requests()).length === 1)
    await alice.chat.blockLists.follow(await bob.chat.blockLists.make('Bob’s list'))
    expect(await alice.chat.requests()).toEqual([])
    await alice.chat.accept(mallory.chat.account, 'Mallory')
    await mallory.chat.send('Alice', 'thanks')
    await until(async () => (await alice.chat.messages('Mallory')).length === 2)
  })

  it('is not replaced by an older one, one of somebody else, or one of a time to come', async () => {
    const { alice, bob } = await setUp()
    const old = await bob.chat.blockLists.make('old')
    await new Promise((resolve) => setTimeout(resolve, 2))
    await alice.chat.blockLists.follow(await bob.chat.blockLists.make('new'))
    expect(await alice.chat.blockLists.follow(old)).toMatchObject({ name: 'new' })
    const ahead = await signBlockList(bob.who, { name: 'ahead', accounts: [], madeAt: Date.UTC(2036, 0) })
    await expect(alice.chat.blockLists.follow(ahead)).rejects.toMatchObject({ detail: { code: 'BAD_LIST' } })
    await expect(alice.chat.blockLists.follow(alice.chat.account)).rejects.toMatchObject({
      detail: { code: 'NO_LIST' },
    })
    expect(alice.chat.blockLists.list()).toHaveLength(1)
  })

  it('is one of sixteen at most', async () => {
    const { alice } = await setUp()
    for (let i = 0; i < 16; i++) await alice.chat.blockLists.follow(await list())
    await expect(alice.chat.blockLists.follow(await list())).rejects.toMatchObject({
      detail: { code: 'TOO_LARGE' },
    })
  })
})

it('A contact that is blocked no more gets what waited', async () => {
  const { alice, bob } = await setUp()
  await bob.chat.contacts.add(alice.chat.card, { name: 'Alice' })
  const waits = bob.chat.send('Alice', 'waits')
  await waits
  await bob.chat.block('Alice')
  await bob.chat.contacts.change('Alice', { blocked: false })
  await until(async () => (await alice.chat.messages('Bob')).length === 1)
})
