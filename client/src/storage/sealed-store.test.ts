import { describe, expect, it } from 'vitest'
import { sealedStore } from './sealed-store.ts'
import { memoryStore, type KeyValueStore } from './store.ts'

const key = (fill: number) => new Uint8Array(32).fill(fill)

function stores() {
  const below = memoryStore()
  return { below, store: sealedStore(below, { key: key(1), scope: 'chat/alice' }) }
}

async function everything(below: KeyValueStore): Promise<string> {
  const names = await below.keys('')
  const values = await Promise.all(names.map(async (name) => (await below.get(name))?.value))
  return [...names, ...values].join('\n')
}

describe('what it does', () => {
  it('keeps, changes, lists and deletes values', async () => {
    const { store, below } = stores()
    await store.set('contacts/bob', 'Bob\n茶')
    await store.set('contacts/carol', 'x'.repeat(100_000))
    await store.set('other', '1')
    expect(await store.get('contacts/bob')).toEqual({ value: 'Bob\n茶', native: true })
    expect(await store.get('contacts/dave')).toBeUndefined()
    expect(await store.keys('contacts/')).toEqual(['contacts/bob', 'contacts/carol'])
    expect(await store.keys('')).toEqual(['other'])
    expect(await store.update('other', (old) => `${old?.value}2`)).toBe('12')
    expect((await store.delete('other'))?.value).toBe('12')
    expect(await store.get('other')).toBeUndefined()
    const again = sealedStore(below, { key: key(1), scope: 'chat/alice' })
    expect((await again.get('contacts/bob'))?.value).toBe('Bob\n茶')
  })

  it('shows neither names, nor values, nor that two values are equal', async () => {
    const { store, below } = stores()
    await store.set('contacts/bob', 'the tea is ready')
    await store.set('contacts/carol', 'the tea is ready')
    const shown = await everything(below)
    expect(shown).not.toMatch(/bob|carol|contacts|alice|chat|tea/)
    const values = await Promise.all(
      (await below.keys('')).map(async (name) => (await below.get(name))?.value),
    )
    expect(new Set(values).size).toBe(2)
  })

  it('wipes its own scope and no other', async () => {
    const { store, below } = stores()
    const other = sealedStore(below, { key: key(1), scope: 'chat/bob' })
    await store.set('a/b', '1')
    await other.set('a/b', '2')
    await below.set('outbox/1', '3')
    await store.wipe()
    expect(await store.get('a/b')).toBeUndefined()
    expect((await other.get('a/b'))?.value).toBe('2')
    expect((await below.get('outbox/1'))?.value).toBe('3')
  })
})

describe('when it must refuse', () => {
  it('another key', async () => {
    const { store, below } = stores()
    await store.set('a', '1')
    const locked = sealedStore(below, { key: key(2), scope: 'chat/alice' })
    expect(await locked.get('a')).toBeUndefined() // under that key, there is not even a name
  })

  it('a value that was changed, or put under another name', async () => {
    const { store, below } = stores()
    await store.set('a', '1')
    await store.set('b', '2')
    const [first, second] = await below.keys('')
    const { value } = (await below.get(first!))!
    await below.set(second!, value)
    const [a, b] = await Promise.allSettled([store.get('a'), store.get('b')])
    expect([a, b].filter(({ status }) => status === 'rejected')).toHaveLength(1)
    await below.set(first!, `${value.slice(0, -4)}AAA=`)
    await expect(store.keys('')).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  it('a prefix that is no folder', async () => {
    await expect(stores().store.keys('cont')).rejects.toMatchObject({ code: 'NO_FOLDER' })
  })
})
