import { describe, expect, it } from 'vitest'
import { sealedStore } from '../storage/sealed-store.ts'
import { memoryStore } from '../storage/store.ts'
import { openContacts } from './contacts.ts'
import { loadPinyin } from './search.ts'

const account = (n: number) => ((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0').repeat(8)

function newStore() {
  return sealedStore(memoryStore(), { key: new Uint8Array(32).fill(3), scope: 'test' })
}
const open = (store = newStore()) => openContacts(store, () => 5, loadPinyin)

describe('what it does', () => {
  it('keeps contacts, and changes them', async () => {
    const store = newStore()
    const contacts = await open(store)
    await contacts.put(account(1), { name: ' 张伟 ' })
    await contacts.put(account(1), { muted: true })
    const again = await open(store)
    expect(again.list()).toEqual([
      { account: account(1), name: '张伟', verified: false, blocked: false, muted: true, addedAt: 5 },
    ])
    await again.remove(account(1))
    expect((await open(store)).list()).toEqual([])
  })

  it('finds by name, by the beginning of one, and by account', async () => {
    const contacts = await open()
    await contacts.put(account(1), { name: 'Bob' })
    await contacts.put(account(2), { name: 'Bobby' })
    expect(contacts.find('bob').account).toBe(account(1))
    expect(contacts.find('BOBB').account).toBe(account(2))
    expect(contacts.find(account(2)).name).toBe('Bobby')
  })

  it.each(['张', '张伟', 'zhangwei', 'zhang w', 'zw', 'ZHANG'])('finds 张伟 by %s', async (text) => {
    const contacts = await open()
    await contacts.put(account(1), { name: '张伟' })
    await contacts.put(account(2), { name: 'Alice' })
    expect((await contacts.search(text)).map(({ name }) => name)).toEqual(['张伟'])
  })

  it('searches 10,000 contacts at once', async () => {
    const contacts = await open()
    const surnames = [...'王李张刘陈杨黄赵吴周']
    const given = [...'伟芳娜敏静秀英丽强磊']
    const kept = { verified: false, blocked: false, muted: false, addedAt: 1 }
    const people = Array.from({ length: 10_000 }, (_, n) => ({
      ...{ account: account(n), ...kept },
      name: `${surnames[n % 10]}${given[Math.floor(n / 10) % 10]}${n}`,
    }))
    await contacts.addAll(people)
    await contacts.search('first: the dictionary')
    const before = performance.now()
    expect((await contacts.search('zhangmin')).length).toBe(50)
    expect(performance.now() - before).toBeLessThan(500) // below what a person notices, also on a busy machine
  })
})

describe('when it must refuse', () => {
  it('a name that another has, an empty one, and one that could move a cursor', async () => {
    const contacts = await open()
    await contacts.put(account(1), { name: 'Bob' })
    await expect(contacts.put(account(2), { name: 'BOB' })).rejects.toMatchObject({ code: 'NAME_TAKEN' })
    await expect(contacts.put(account(2), { name: ' ' })).rejects.toMatchObject({ code: 'BAD_NAME' })
    for (const name of ['\u001b[2J', 'a\u202eb', '\u3164', 'x'.repeat(65)])
      await expect(contacts.put(account(2), { name })).rejects.toMatchObject({ code: 'BAD_NAME' })
  })

  it('a name that only looks like that of another', async () => {
    const contacts = await open()
    await contacts.put(account(1), { name: 'Bob' })
    for (const name of ['Bo\u200db', 'Bob\ufe0f', 'Bo\u3164b', 'ＢＯＢ'])
      await expect(contacts.put(account(2), { name })).rejects.toMatchObject({ code: 'NAME_TAKEN' })
    expect(contacts.find('B\u200dob').account).toBe(account(1))
  })

  it('to guess whom one means', async () => {
    const contacts = await open()
    await contacts.put(account(1), { name: 'Bob' })
    await contacts.put(account(2), { name: 'Bonny' })
    expect(() => contacts.find('bo')).toThrow(expect.objectContaining({ code: 'AMBIGUOUS_NAME' }))
    expect(() => contacts.find('x')).toThrow(expect.objectContaining({ code: 'UNKNOWN_CONTACT' }))
  })
})
