import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { afterEach, describe, expect, it } from 'vitest'
import { memoryStore, StorageError } from '../storage/store.ts'
import type { Chat } from './open-chat.ts'
import { bus, clock, identity } from './testing/bus.ts'

const open: Chat[] = []
afterEach(async () => {
  for (const chat of open.splice(0)) await chat.stop()
})

async function until<T>(probe: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 400; tries++) {
    const found = await probe()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error('Waited in vain')
}

/** Alice has Bob's card, and he has hers if they have `met`. */
async function setUp({ met = true } = {}) {
  const time = clock()
  const net = bus(time.now)
  async function person(who = identity(), storage = memoryStore()) {
    const { chat } = await net.device(who, storage)
    open.push(chat)
    await chat.start()
    await chat.publish()
    return { chat, who, storage }
  }
  const [alice, bob] = [await person(), await person()]
  await alice.chat.contacts.add(bob.chat.card, { name: 'Bob' })
  if (met) await bob.chat.contacts.add(alice.chat.card, { name: 'Alice' })
  return { ...net, time, person, alice, bob }
}

const photo = (source: Uint8Array, name = 'tea.jpg') => ({ name, mediaType: 'image/jpeg', source })

/** Files that a chat shows from somebody. */
async function filesOf(chat: Chat, of: string) {
  const entries = await chat.messages(of)
  return entries.flatMap((entry) => (entry.kind === 'message' && entry.body.kind === 'file' ? [entry] : []))
}
const fileFrom = (chat: Chat, of: string) => until(async () => (await filesOf(chat, of))[0])

async function all(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const read: Uint8Array[] = []
  for await (const part of parts) read.push(part)
  return Uint8Array.from(read.flatMap((part) => [...part]))
}

/** Bytes that are new in each test. */
let seed = 0
function fresh(length: number): Uint8Array {
  seed += 1
  return Uint8Array.from({ length }, (_, at) => (at * 131 + (at >> 9) + seed) & 255)
}

describe('a file in a conversation', () => {
  it('comes with name, size and type, and is fetched when somebody asks for it', async () => {
    const { alice, bob, blobs } = await setUp()
    const bytes = fresh(100_000)
    const sent = await alice.chat.sendFile('Bob', photo(bytes, '../up/tea\u202e.jpg'))
    const { id, body } = await fileFrom(bob.chat, 'Alice')
    expect(id).toBe(sent.id)
    expect(body).toEqual(sent.file)
    expect(body).toMatchObject({ name: 'tea.jpg', size: 100_000, mediaType: 'image/jpeg' })
    const asked = blobs.nodes.map(({ answers }) => answers)
    expect((await bob.chat.files.find(id.slice(0, 6))).message.id).toBe(id)
    expect(blobs.nodes.map(({ answers }) => answers)).toEqual(asked)
    expect(await all(bob.chat.files.read(id))).toEqual(bytes)
  })

  it('that was cut off goes on, and is stored and told once', async () => {
    const { alice, bob, blobs, person } = await setUp()
    const bytes = fresh(20 * 65_492)
    for (const node of blobs.nodes) node.failAfter = 17
    await expect(alice.chat.sendFile('Bob', photo(bytes))).rejects.toMatchObject({
      detail: { code: 'TOO_FEW_NODES' },
    })
    expect(await filesOf(alice.chat, 'Bob')).toEqual([])
    await alice.chat.stop()
    for (const node of blobs.nodes) node.failAfter = Infinity
    const again = await person(alice.who, alice.storage)
    const { id } = await again.chat.sendFile('Bob', photo(bytes))
    expect(blobs.nodes.map(({ puts }) => puts)).toEqual([21, 21])
    expect((await fileFrom(bob.chat, 'Alice')).id).toBe(id)
  })

  it('is told once though the process ended before it knew, and twice when it is sent again', async () => {
    const storage = memoryStore()
    let dies = false
    const mortal = {
      ...storage,
      async delete(key: string) {
        if (dies) throw new StorageError('killed', { code: 'CORRUPT', key })
        return storage.delete(key)
      },
    }
    const { bob, person } = await setUp()
    const { chat } = await person(identity(), mortal)
    await chat.contacts.add(bob.chat.card, { name: 'Bob' })
    const bytes = fresh(10)
    dies = true
    await expect(chat.sendFile('Bob', photo(bytes))).rejects.toThrow('killed')
    dies = false
    const { id } = await chat.sendFile('Bob', photo(bytes))
    expect((await filesOf(chat, 'Bob')).map((entry) => entry.id)).toEqual([id])
    const second = await chat.sendFile('Bob', photo(bytes))
    expect((await filesOf(chat, 'Bob')).map((entry) => entry.id)).toEqual([id, second.id])
    expect(second.stored.chunks).toBe(1)
  })

  it('sent to two people shares no chunk', async () => {
    const { alice, blobs, person } = await setUp()
    const carol = await person()
    await alice.chat.contacts.add(carol.chat.card, { name: 'Carol' })
    await alice.chat.sendFile('Bob', photo(new Uint8Array(10)))
    await alice.chat.sendFile('Carol', photo(new Uint8Array(10)))
    expect(blobs.nodes.map(({ kept }) => kept.size)).toEqual([2, 2])
  })

  it('disappears with its message, and with it the key on the device that sent it', async () => {
    const { alice, bob, time, person, blobs } = await setUp()
    const bytes = fresh(10)
    await alice.chat.disappear('Bob', 60)
    const { file } = await alice.chat.sendFile('Bob', photo(bytes))
    const name = JSON.stringify([bob.chat.account, bytesToHex(sha256(bytes))])
    const putAgain = async () => (await blobs.open(alice.storage).put(bytes, { days: 30, name })).reference
    expect(await putAgain()).toBe(file.reference)
    time.pass(61_000)
    expect(await filesOf(alice.chat, 'Bob')).toEqual([])
    await alice.chat.stop()
    await person(alice.who, alice.storage)
    await until(async () => ((await putAgain()) === file.reference ? undefined : true))
  })

  it('leaves no key behind when the chat is wiped', async () => {
    const { alice } = await setUp()
    await alice.chat.sendFile('Bob', photo(fresh(10)))
    await alice.chat.wipe()
    expect(await alice.storage.keys('sealed/')).toEqual([])
  })
})

describe('what must not happen', () => {
  it('a stranger’s file is fetched, or can be before the request is accepted', async () => {
    const { alice, bob, blobs } = await setUp({ met: false })
    const bytes = fresh(10)
    await alice.chat.sendFile('Bob', photo(bytes))
    await until(async () => (await bob.chat.requests())[0])
    const asked = blobs.nodes.map(({ answers }) => answers)
    const { id } = await fileFrom(bob.chat, alice.chat.account)
    await expect(all(bob.chat.files.read(id))).rejects.toMatchObject({ detail: { code: 'IS_REQUEST' } })
    expect(blobs.nodes.map(({ answers }) => answers)).toEqual(asked)
    await bob.chat.accept(alice.chat.account, 'Alice')
    expect(await all(bob.chat.files.read(id))).toEqual(bytes)
  })

  it('something is stored for whom nothing can be sent to', async () => {
    const { alice, blobs } = await setUp()
    await alice.chat.block('Bob')
    const refused = [
      alice.chat.sendFile('Bob', photo(new Uint8Array(1))),
      alice.chat.sendFile('Nobody', photo(new Uint8Array(1))),
    ]
    expect((await Promise.allSettled(refused)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(blobs.nodes.map(({ puts }) => puts)).toEqual([0, 0])
  })

  it.each([
    ['no message', 'ffffffffffffffffffffffffffffffff', 'UNKNOWN_MESSAGE'],
    ['nothing', ' ', 'UNKNOWN_MESSAGE'],
  ])('%s is taken for a file', async (_, id, code) => {
    const { alice } = await setUp()
    await expect(alice.chat.files.find(id)).rejects.toMatchObject({ detail: { code } })
  })

  it('a text is taken for a file', async () => {
    const { alice } = await setUp()
    const { id } = await alice.chat.send('Bob', 'tea')
    await expect(alice.chat.files.find(id)).rejects.toMatchObject({ detail: { code: 'NOT_A_FILE' } })
  })
})
