import { SLOT_BYTES } from '@teahouse/protocol/rln'
import { describe, expect, it } from 'vitest'
import { memoryStore, type KeyValueStore } from '../storage/store.ts'
import { slotKeyOf } from './slot-key.ts'
import { slotStore } from './slot-store.ts'
import { Crash, crashingStore, fakeSlot } from './testing/fake-slot.ts'

const SECRET = 123_456_789n
const open = (storage: KeyValueStore, { secret = SECRET, scope = 'net/me' } = {}) =>
  slotStore({ storage, scope, key: () => slotKeyOf(secret) })
const any = () => true
const only = async (storage: KeyValueStore): Promise<string> => (await storage.keys(''))[0]!

describe('a slot store', () => {
  it('gives back what was put in, once, by epoch and message id', async () => {
    const store = open(memoryStore())
    const slots = [fakeSlot({ epoch: 10n }), fakeSlot({ messageId: 11 }), fakeSlot({ messageId: 2 })]
    for (const slot of slots) await store.put(slot)
    expect((await store.labels()).map(({ epoch, messageId }) => [epoch, messageId])).toEqual([
      [7n, 2],
      [7n, 11],
      [10n, 0],
    ])
    expect(await store.take(({ epoch }) => epoch === 10n)).toEqual(slots[0])
    expect(await store.take(any)).toEqual(slots[2])
    expect(await store.take(any)).toEqual(slots[1])
    expect(await store.take(any)).toBeUndefined()
    expect(await store.labels()).toEqual([])
  })

  it('gives each slot to one of many that ask at once, also of other stores', async () => {
    const storage = memoryStore()
    for (let messageId = 0; messageId < 10; messageId++) await open(storage).put(fakeSlot({ messageId }))
    const taken = await Promise.all(Array.from({ length: 30 }, () => open(storage).take(any)))
    const ids = taken.flatMap((slot) => (slot ? [slot.messageId] : []))
    expect(ids.length).toBeLessThanOrEqual(10)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length + (await open(storage).labels()).length).toBe(10)
  })

  it('deletes what is not wanted any more, and nothing else', async () => {
    const storage = memoryStore()
    const store = open(storage)
    for (const epoch of [5n, 6n, 7n]) await store.put(fakeSlot({ epoch }))
    await open(storage, { scope: 'net/other' }).put(fakeSlot({ epoch: 5n }))
    await store.discard(({ epoch }) => epoch < 7n)
    expect((await store.labels()).map(({ epoch }) => epoch)).toEqual([7n])
    expect(await storage.keys('')).toHaveLength(2)
  })

  it('keeps nothing readable: neither a point nor the secret, and no two alike', async () => {
    const storage = memoryStore()
    const slot = fakeSlot()
    await open(storage).put(slot)
    const first = (await storage.get(await only(storage)))!.value
    const sealed = Uint8Array.from(atob(first), (char) => char.charCodeAt(0))
    expect(sealed).toHaveLength(12 + SLOT_BYTES + 16)
    expect(Buffer.from(sealed).includes(Buffer.from(slot.slot.a0.subarray(0, 8)))).toBe(false)
    await open(storage).discard(any)
    await open(storage).put(slot)
    expect((await storage.get(await only(storage)))!.value).not.toBe(first)
  })

  it('has keys that can not be exported, and differ from member to member', async () => {
    const key = await slotKeyOf(SECRET)
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
    const storage = memoryStore()
    await open(storage, { secret: 1n }).put(fakeSlot())
    await expect(open(storage, { secret: 2n }).take(any)).rejects.toMatchObject({ code: 'DAMAGED' })
  })
})

describe('whatever write a process ends at', () => {
  const cases = [0, 1].flatMap((at) => (['before', 'after'] as const).map((when) => ({ at, when })))

  it.each(cases)('write $at of a take, $when: no slot comes out twice', async ({ at, when }) => {
    const storage = memoryStore()
    const slot = fakeSlot()
    await open(storage).put(slot)
    const taken: unknown[] = []
    const attempt = async (store: KeyValueStore) => {
      try {
        taken.push(await open(store).take(any))
      } catch (error) {
        expect(error).toBeInstanceOf(Crash)
      }
    }
    await attempt(crashingStore(storage, at, when)) // ends on its way
    await attempt(storage) // starts again
    await attempt(storage)
    expect(taken.filter((found) => found !== undefined).length).toBeLessThanOrEqual(1)
    // Nothing was lost either unless the slot was gone from the store.
    if (at === 0 && when === 'before') expect(taken).toContainEqual(slot)
  })

  it.each(cases)('write $at of a put, $when: there is a whole slot, or none', async ({ at, when }) => {
    const storage = memoryStore()
    const slot = fakeSlot()
    await open(crashingStore(storage, at, when))
      .put(slot)
      .catch(() => undefined)
    const found = await open(storage).take(any)
    if (found) expect(found).toEqual(slot)
  })
})

describe('when it must refuse', () => {
  it.each([
    {
      given: 'a bit that flipped',
      spoil: (text: string) => `${text.slice(0, 40)}${text[40] === 'A' ? 'B' : 'A'}${text.slice(41)}`,
    },
    { given: 'a cut end', spoil: (text: string) => text.slice(0, -8) },
    { given: 'no base64', spoil: () => '!' },
    { given: 'nothing', spoil: () => '' },
  ])('given $given, answers DAMAGED and drops the slot', async ({ spoil }) => {
    const storage = memoryStore()
    await open(storage).put(fakeSlot())
    const key = await only(storage)
    await storage.set(key, spoil((await storage.get(key))!.value))
    await expect(open(storage).take(any)).rejects.toMatchObject({ code: 'DAMAGED', detail: { key } })
    expect(await open(storage).take(any)).toBeUndefined()
    expect(await open(storage).labels()).toEqual([])
    expect(await storage.keys('')).toEqual([])
  })

  it.each([
    { given: 'another message id', rename: (key: string) => key.replace('/7/0/', '/7/1/') },
    { given: 'another epoch', rename: (key: string) => key.replace('/7/0/', '/8/0/') },
    { given: 'another root', rename: (key: string) => key.replace('/5/', '/6/') },
    { given: 'another run', rename: (key: string) => key.replace(/test$/, 'tent') },
  ])('given the name of $given, answers DAMAGED', async ({ rename }) => {
    const storage = memoryStore()
    await open(storage).put(fakeSlot())
    const key = await only(storage)
    await storage.set(rename(key), (await storage.get(key))!.value)
    await storage.delete(key)
    await expect(open(storage).take(any)).rejects.toMatchObject({ code: 'DAMAGED' })
  })

  it('given two slots of one place, answers OCCUPIED and keeps the first', async () => {
    const store = open(memoryStore())
    const [first, second] = [fakeSlot(), fakeSlot()]
    await store.put(first)
    await expect(store.put(second)).rejects.toMatchObject({ code: 'OCCUPIED' })
    expect(await store.take(any)).toEqual(first)
  })

  it('given a copy, answers COPIED: the original may have been used', async () => {
    const storage = memoryStore()
    await open(storage).put(fakeSlot())
    const copy: KeyValueStore = {
      ...storage,
      delete: async (key) => ({ ...(await storage.delete(key))!, native: false }),
    }
    await expect(open(copy).take(any)).rejects.toMatchObject({ code: 'COPIED' })
    expect(await open(storage).take(any)).toBeUndefined()
  })

  it('given names that are not of slots, passes them by', async () => {
    const storage = memoryStore()
    for (const name of ['x', '1', '1/2', '1/2/3/4/5', '1/999999/3', '-1/2/3']) {
      await storage.set(`net/me/slot/${name}`, 'v')
    }
    expect(await open(storage).labels()).toEqual([])
    expect(await open(storage).take(any)).toBeUndefined()
  })
})
