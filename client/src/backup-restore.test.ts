import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { receiptId, messageReceiptId } from '@teahouse/protocol/receipts'
import { bytesToHex, type Address, type Hex } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAccount } from './account/account.ts'
import { restoreBackup, writeBackup, type BackupSection } from './account/backup/backup.ts'
import { backupSections } from './backup.ts'
import { createChain } from './chain/chain.ts'
import { contactCard } from './chat/card.ts'
import { bus, clock } from './chat/testing/bus.ts'
import { writeMessageReceipt } from './courts/message-receipts.ts'
import { receiptStore } from './courts/receipt-store.ts'
import { keptOffers } from './deals/keeping.ts'
import { OFFERS, PLACE } from './deals/testing/deals.ts'
import { envelopeBook, type MadeEnvelope } from './envelopes/book.ts'
import { ownAddresses } from './money/addresses.ts'
import { openPurse } from './money/purse.ts'
import { tokenChain } from './money/testing/token-chain.ts'
import { fileStore } from './node/file-store.ts'
import { placesOf, type Place } from './places.ts'
import { scopesOf } from './scopes.ts'
import { sealedStore } from './storage/sealed-store.ts'
import type { KeyValueStore } from './storage/store.ts'

const SHOP: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const WORD: Hex = `0x${'ab'.repeat(32)}`
const SIGNATURE: Hex = `0x${'ab'.repeat(65)}`
const account = createAccount()
/** As the blocks of `tokenChain` have it. */
const time = clock(0x6500_0000 * 1_000)

let chain: Awaited<ReturnType<typeof tokenChain>>
let talk: ReturnType<typeof bus>
let place: Place
let scopes: ReturnType<typeof scopesOf>
const folders: string[] = []

type Device = Awaited<ReturnType<typeof device>>

/** A device of the account, over files. */
async function device() {
  const dir = await mkdtemp(join(tmpdir(), 'teahouse-backup-'))
  folders.push(dir)
  const storage = await fileStore(dir)
  await placesOf(storage, account).remember(place)
  const sealed = (scope: string) => sealedStore(storage, { key: account.storageKey, scope })
  const purse = openPurse({
    chain: createChain(chain.network, account.eth),
    ...{ account, storage, scopes, now: time.now, tokens: undefined, readArtifact: undefined },
  })
  return {
    ...{ storage, purse, pay: purse.money.pay },
    addresses: ownAddresses(account, sealed(`money/${scopes.money}`)),
    offers: keptOffers(storage, scopes.deals),
    receipts: receiptStore(sealed(`receipts/${scopes.receipts}`)),
    messageReceipts: sealed(`message-receipts/${scopes.evidence}`),
    envelopes: envelopeBook(sealed(`envelopes/${scopes.envelopes}`)),
    chat: async () => {
      const where = { scope: scopes.chat, storageKey: account.storageKey }
      return (await talk.device(account.chat, storage, {}, where)).chat
    },
  }
}

const sectionsOf = ({ storage }: Device): BackupSection[] => backupSections(storage, account, time.now)
const backup = (from: Device) => writeBackup({ account, sections: sectionsOf(from) }, time.now)
const restore = (bytes: Uint8Array, to: Device) => restoreBackup(bytes, { account, sections: sectionsOf(to) })

async function everythingIn(storage: KeyValueStore): Promise<Map<string, string>> {
  const keys = await storage.keys('')
  return new Map(await Promise.all(keys.map(async (key) => [key, (await storage.get(key))!.value] as const)))
}

beforeEach(async () => {
  chain = await tokenChain()
  chain.give(account.address, 100_000_000n)
  talk = bus(time.now)
  const { chainId, contracts } = chain.network
  place = { chainId, genesis: 'ab12', contracts }
  scopes = scopesOf({ ...place, account: account.address })
})
afterEach(async () => {
  await chain.stop()
  for (const dir of folders.splice(0)) await rm(dir, { recursive: true, force: true })
})

const ENVELOPE: MadeEnvelope = {
  id: WORD,
  content: {
    ...{ kind: 'open', chainId: 31_337, envelopes: SHOP, creator: account.address, amount: 6n, shares: 2 },
    ...{ expiry: 1_800_000_000, salt: WORD, note: '恭喜', split: 'random', secret: new Uint8Array(32) },
  },
  handedOut: [],
  ...{ state: 'making', order: '{}', reported: false },
}
const KEPT = {
  ...{ chainId: 31_337, court: SHOP, signature: SIGNATURE },
  receipt: {
    ...{ operator: 1, client: account.address, root: WORD, size: 3n, from: 100, until: 200 },
    ...{ liability: 7n, slot: 7 },
  },
}
const SAID = {
  ...{ chainId: 31_337, court: SHOP },
  receipt: {
    ...{ operator: 1, cluster: 5, shard: 2, hour: 400n, client: account.address, messageHash: WORD },
    ...{ liability: 7n, signature: SIGNATURE },
  },
}

describe('a backup on another device', () => {
  it('brings back deals, money, envelopes, contacts and receipts, and no key, session or message', async () => {
    const [old, fresh, bob] = [await device(), await device(), createAccount()]
    const offer = OFFERS[0]!
    await old.offers.put(offer)
    await old.receipts.put(KEPT)
    await old.messageReceipts.set(
      `message-receipts/${messageReceiptId(SAID, SAID.receipt)}`,
      writeMessageReceipt(SAID),
    )
    await old.envelopes.put(ENVELOPE)
    await old.envelopes.beginOpening(WORD, { recipient: SHOP, index: 1 })
    const paid = await old.pay(SHOP, '2', { id: 'rent', note: 'May' })
    const told = await old.addresses.forContact('ab')
    const [chat, { chat: hers }] = [await old.chat(), await talk.device(bob.chat)]
    for (const one of [chat, hers]) await one.start()
    for (const one of [chat, hers]) await one.publish()
    await chat.contacts.add(hers.card, { name: 'Bob' })
    await chat.send('Bob', 'a secret')
    for (const one of [chat, hers]) await one.stop()
    const before = new Set((await everythingIn(fresh.storage)).keys())

    const bytes = await backup(old)
    expect(await restore(bytes, fresh)).toMatchObject({ skipped: [] })
    const written = [...(await everythingIn(fresh.storage)).keys()].filter((key) => !before.has(key))
    expect(await fresh.offers.get(offer.deal, PLACE)).toEqual(offer)
    expect(await fresh.receipts.get(receiptId(KEPT.receipt))).toEqual(KEPT)
    expect(await fresh.messageReceipts.keys('message-receipts/')).toHaveLength(1)
    expect(await fresh.envelopes.made(WORD)).toEqual(ENVELOPE)
    expect(await fresh.envelopes.opened(WORD)).toMatchObject({ index: 1 })
    expect(await fresh.addresses.forContact('ab')).toBe(told)
    const [entry] = (await fresh.purse.money.history()).entries
    expect(entry).toMatchObject({ hash: paid.hash, note: 'May', payment: { id: 'rent', state: 'paid' } })
    expect((await fresh.chat()).contacts.list().map(({ name }) => name)).toEqual(['Bob'])

    const sealed = await everythingIn(old.storage)
    expect([...sealed.keys()].some((key) => key.startsWith('secure/'))).toBe(true)
    expect(written.filter((key) => key.startsWith('secure/'))).toEqual([])
    const chatStore = (one: Device) =>
      sealedStore(one.storage, { key: account.storageKey, scope: scopes.chat })
    expect(await chatStore(old).keys('conversations/')).not.toEqual([])
    expect(await chatStore(fresh).keys('conversations/')).toEqual([])
    const collected = JSON.stringify(await Promise.all(sectionsOf(old).map((one) => one.collect())))
    expect(collected).not.toContain('a secret')
  })

  it('undoes nothing that is newer, and keeps what is there', async () => {
    const one = await device()
    chain.state.held = true
    const paying = one.pay(SHOP, '2', { id: 'rent' })
    await expect.poll(() => chain.state.sent).toBe(1)
    await one.envelopes.put(ENVELOPE)
    await one.envelopes.beginOpening(WORD, { recipient: SHOP, index: 1 })
    const chat = await one.chat()
    await chat.contacts.add(contactCard(createAccount().chat.publicKey), { name: 'Bob' })
    const early = await backup(one)
    chain.mineAll()
    await paying
    await one.addresses.forContact('ab')
    await one.envelopes.put({ ...ENVELOPE, state: 'made', reported: true })
    await one.envelopes.setOpened(WORD, { recipient: SHOP, hash: WORD })
    await chat.contacts.change('Bob', { name: 'Robert', verified: true })
    await restore(early, one)
    const [entry] = (await one.purse.money.history()).entries
    expect(entry).toMatchObject({ payment: { id: 'rent', state: 'paid' } })
    expect(await one.addresses.fresh()).toBe(account.receiving(2).address)
    expect(await one.envelopes.made(WORD)).toMatchObject({ state: 'made', reported: true })
    expect(await one.envelopes.opened(WORD)).toEqual({ recipient: SHOP, hash: WORD })
    expect((await one.chat()).contacts.list()).toMatchObject([{ name: 'Robert', verified: true }])
  })
})

it('gives nobody the name of a contact that is there: money goes by names', async () => {
  const [old, fresh] = [await device(), await device()]
  const [bob, other] = [createAccount(), createAccount()].map(({ chat: { publicKey } }) => publicKey)
  await (await old.chat()).contacts.add(contactCard(bob!), { name: 'Bob' })
  const { account: there } = await (await fresh.chat()).contacts.add(contactCard(other!), { name: 'BOB' })
  await restore(await backup(old), fresh)
  const { contacts } = await fresh.chat()
  expect(contacts.find('Bob').account).toBe(there)
  expect(contacts.list().map(({ name }) => name)).toContain(bytesToHex(bob!).slice(2, 10))
})

describe('what must not happen: an old backup pays twice', () => {
  it('what it knows as being sent', async () => {
    const [old, fresh] = [await device(), await device()]
    chain.state.held = true
    const paying = old.pay(SHOP, '2', { id: 'rent' })
    await expect.poll(() => chain.state.sent).toBe(1)
    const early = await backup(old)
    chain.mineAll()
    const { hash } = await paying
    await restore(early, fresh)
    expect(await fresh.pay(SHOP, '2', { id: 'rent' })).toMatchObject({ hash, resumed: true })
    expect(chain.has(SHOP)).toBe(2_000_000n)
  })

  it('what it does not know, and the chain shows; another payment it makes, and the same one if that is said', async () => {
    const [old, fresh] = [await device(), await device()]
    const early = await backup(old)
    const { hash } = await old.pay(SHOP, '2', { id: 'rent' })
    await restore(early, fresh)
    const again = fresh.pay(SHOP, '2', { id: 'rent' })
    await expect(again).rejects.toMatchObject({ detail: { code: 'MAYBE_PAID', id: 'rent', hash } })
    expect(chain.has(SHOP)).toBe(2_000_000n)
    await fresh.pay(SHOP, '3', { id: 'food' })
    await fresh.pay(SHOP, '2', { id: 'rent', again: true })
    expect(chain.has(SHOP)).toBe(7_000_000n)
    await old.pay(SHOP, '2', { id: 'June' }) // a book that was never restored knows all that it paid
    expect(chain.has(SHOP)).toBe(9_000_000n)
  })
})

describe('when it must refuse', () => {
  const forged = async (name: string, value: unknown) => {
    const section = { name, version: 1, collect: async () => value, prepare: () => async () => {} }
    return await writeBackup({ account, sections: [section] })
  }

  it.each(['money', 'envelopes', 'receipts', 'message-receipts'])(
    'anything in %s that has no place there, and then takes in nothing',
    async (name) => {
      const fresh = await device()
      const before = await everythingIn(fresh.storage)
      for (const values of [
        { device: 'x' },
        { 'conversations/ab': '{}' },
        { 'payments/rent': '{"version":1,"value":{"id":"other"}}' },
        { [`${name}/x`]: 'x' },
        { 'made/x': '{"version":1,"value":{"id":"y"}}' },
      ]) {
        const bytes = await forged(name, [{ place, values }])
        await expect(restore(bytes, fresh)).rejects.toMatchObject({
          detail: { code: 'BAD_SECTION', section: name },
        })
      }
      expect(await everythingIn(fresh.storage)).toEqual(before)
    },
  )

  it('an offer under the name of another deal or account, and a contact that can not be one', async () => {
    const fresh = await device()
    const { deal } = OFFERS[0]!
    const own = `${scopes.deals}/${deal}`
    for (const offers of [
      { [own]: '{"teahouse-deal":1,"deal":"0x"}' },
      { [`ab/${SHOP}/${SHOP}/${deal}`]: '{}' },
    ])
      await expect(restore(await forged('deal-offers', offers), fresh)).rejects.toMatchObject({
        code: 'BAD_SECTION',
      })
    const contact = { account: 'ab'.repeat(32), verified: true, blocked: false, muted: false, addedAt: 1 }
    const contacts = await forged('contacts', [{ place, contacts: [{ ...contact, name: '\u001b[2J' }] }])
    await expect(restore(contacts, fresh)).rejects.toMatchObject({ code: 'BAD_SECTION' })
    expect(await fresh.offers.list()).toEqual([])
  })
})
