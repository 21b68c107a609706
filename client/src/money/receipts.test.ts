import type { Hash } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAccount } from '../account/account.ts'
import { createChain } from '../chain/chain.ts'
import { bus, clock } from '../chat/testing/bus.ts'
import { memoryStore } from '../storage/store.ts'
import { purseLater } from './purse-later.ts'
import type { GivenReceipt } from './receipts.ts'
import { TOKEN, tokenChain } from './testing/token-chain.ts'

const NOTHING: Hash = `0x${'ab'.repeat(32)}`

let chain: Awaited<ReturnType<typeof tokenChain>>
let talk: ReturnType<typeof bus>
let people: Person[] = []
const time = clock()

type Person = Awaited<ReturnType<typeof person>>

/** Somebody with a purse and a chat, both on one disk. */
async function person(name: string) {
  const account = createAccount()
  chain.give(account.address, 100_000_000n)
  const storage = memoryStore()
  const open = () =>
    purseLater({
      chain: createChain(chain.network, account.eth),
      ...{ account, storage, scopes: { money: 'm', envelopes: 'e' }, now: time.now },
      ...{ tokens: undefined, readArtifact: undefined },
    })
  const purse = open()
  const { chat: plain } = await talk.device(account.chat, storage)
  const chat = await purse.attach(plain)
  await chat.start()
  await chat.publish()
  return { name, account, chat, open, ...purse }
}

const received = async (by: Person, from: Person, count: number): Promise<GivenReceipt[]> => {
  const { desk } = await by.load()
  const found = () => desk.receiptsFrom(from.chat.account)
  await expect.poll(async () => (await found()).length, { timeout: 10_000 }).toBe(count)
  return await found()
}

beforeEach(async () => {
  chain = await tokenChain()
  talk = bus(time.now)
  people = await Promise.all(['Alice', 'Bob', 'Mallory'].map(person))
  for (const one of people)
    for (const other of people)
      if (other !== one) await one.chat.contacts.add(other.chat.card, { name: other.name })
})
afterEach(async () => {
  await Promise.all(people.map(({ chat }) => chat.stop()))
  await chain.stop()
})

describe('a payment to a contact', () => {
  it('goes where this contact alone was told, and its receipt is what the chain shows', async () => {
    const [alice, bob, mallory] = people as [Person, Person, Person]
    const paid = await alice.money.pay('Bob', '2.5', { note: 'for the tea' })
    expect(paid).toMatchObject({ receipt: 'sent', to: bob.account.receiving(1).address })
    const [receipt] = await received(bob, alice, 1)
    const { address: from } = alice.account
    expect(await bob.money.check(receipt!)).toEqual({ state: 'received', from, block: 1 })
    const [came] = (await bob.money.history()).entries
    expect(came).toMatchObject({
      direction: 'in',
      note: 'for the tea',
      contact: alice.chat.account,
      other: from,
    })
    expect((await mallory.money.quote('Bob', '1')).to).toBe(bob.account.receiving(2).address)
    expect((await alice.money.quote('Bob', '1')).to).toBe(paid.to)
  })

  it('is paid back once, and that is believed, too', async () => {
    const [alice, bob] = people as [Person, Person, Person]
    const { hash } = await alice.money.pay('Bob', '2.5')
    await received(bob, alice, 1)
    const back = await bob.money.refund(hash)
    expect(await bob.money.refund(hash)).toMatchObject({ hash: back.hash, resumed: true })
    expect(chain.has(alice.account.address)).toBe(100_000_000n)
    const [receipt] = await received(alice, bob, 1)
    expect(await alice.money.check(receipt!)).toMatchObject({ state: 'received' })
  })

  it('that was cut off before its receipt owes it, and sends it once', async () => {
    const [alice, bob] = people as [Person, Person, Person]
    await alice.money.quote('Bob', '1') // asks where
    chain.state.answersLost = true
    await expect(alice.money.pay('Bob', '1')).rejects.toMatchObject({ code: 'FAILED' })
    chain.state.answersLost = false
    const again = alice.open() // another process, without the chat
    await again.attach({ ...alice.chat, isStarted: () => false })
    expect(await again.money.pay('Bob', '1')).toMatchObject({ resumed: true, receipt: 'owed' })
    const { desk } = await alice.load()
    await Promise.all([desk.sendOwed(), desk.sendOwed()])
    await received(bob, alice, 1)
    expect(chain.has(bob.account.receiving(1).address)).toBe(1_000_000n)
  })
})

it('a payment that did not happen is shown as false, whatever its receipt says', async () => {
  const [alice, bob, mallory] = people as [Person, Person, Person]
  await alice.money.pay('Bob', '2.5')
  const [{ body: hers }] = (await received(bob, alice, 1)) as [GivenReceipt]
  const own = await mallory.money.pay('Bob', '1')
  const mine = { ...hers, hash: own.hash, to: own.to, amount: own.amount, block: Number(own.blockNumber) }
  const told = [
    { says: hers, why: 'address' },
    { says: { ...mine, hash: NOTHING }, why: 'transfer' },
    { says: { ...mine, amount: 2n * own.amount }, why: 'transfer' },
    { says: { ...mine, chainId: 1 }, why: 'chain' },
    { says: { ...mine, token: bob.account.address }, why: 'token' },
    { says: { ...mine, hash: NOTHING, block: 1_000_000 }, why: 'unseen' },
    { says: mine, why: 'repeated' },
  ] as const
  for (const { says } of told) await mallory.chat.sendMoney('Bob', says)
  const [honest, ...forged] = await received(bob, mallory, 1 + told.length)
  expect(await bob.money.check(honest!)).toMatchObject({ state: 'received' })
  const verdicts = await Promise.all(forged.map((one) => bob.money.check(one)))
  expect(verdicts.map((one) => (one.state === 'false' ? one.why : one.state))).toEqual(
    told.map(({ why }) => why),
  )
  expect((await bob.money.history()).doubtful).toHaveLength(told.length)
  await expect(bob.money.refund(NOTHING)).rejects.toMatchObject({ code: 'RECEIPT_NOT_TRUE' })
  await expect(alice.money.refund(hers.hash)).rejects.toMatchObject({ code: 'NO_RECEIPT' })
  expect(TOKEN).toBe(hers.token)
})

describe('a receipt that was found true', () => {
  it('is looked at again as long as its block can be replaced, and shown as false when it was', async () => {
    const [alice, bob] = people as [Person, Person, Person]
    await alice.money.pay('Bob', '1')
    const [receipt] = await received(bob, alice, 1)
    chain.state.empty = 63
    expect(await bob.money.check(receipt!)).toMatchObject({ state: 'received' })
    expect((await bob.money.history()).doubtful).toEqual([])
    chain.undo()
    expect(await bob.money.check(receipt!)).toEqual({ state: 'false', why: 'transfer' })
    expect((await bob.money.history()).doubtful).toHaveLength(1)
  })

  it('deep enough in the chain is not asked about again, by no process of the account', async () => {
    const [alice, bob] = people as [Person, Person, Person]
    await alice.money.pay('Bob', '1')
    const [receipt] = await received(bob, alice, 1)
    chain.state.empty = 64
    const verdict = await bob.money.check(receipt!)
    const looks = chain.state.looks
    expect(await bob.money.check(receipt!)).toEqual(verdict)
    const again = await bob.open().load()
    again.desk.attach(bob.chat)
    expect(await again.money.check(receipt!)).toEqual(verdict)
    expect(chain.state.looks).toBe(looks)
    // What it was found to be counts for what it said then, and for nothing else.
    const other = { ...receipt!, body: { ...receipt!.body, amount: 2_000_000n } }
    expect(await bob.money.check(other)).toEqual({ state: 'false', why: 'transfer' })
    expect(chain.state.looks).toBeGreaterThan(looks)
  })
})

it('nobody but a contact is told where to pay, and a contact that is away is waited for no longer than asked', async () => {
  const [alice, bob] = people as [Person, Person, Person]
  const stranger = await person('Stranger')
  people.push(stranger)
  await stranger.chat.contacts.add(bob.chat.card, { name: 'Bob' })
  await expect(stranger.money.quote('Bob', '1', { waitMs: 300 })).rejects.toMatchObject({
    code: 'NO_ADDRESS',
  })
  await bob.chat.stop()
  await expect(alice.money.quote('Bob', '1', { waitMs: 300 })).rejects.toMatchObject({ code: 'NO_ADDRESS' })
})
