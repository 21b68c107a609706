import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  backupSections,
  restoreBackup,
  writeBackup,
  writePaymentLink,
  type Client,
  type OpenedEnvelope,
} from '@teahouse/client'
import { fileStore, nodeClient } from '@teahouse/client/node'
import type { Address, Hex } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { TEA } from '../../support/index.ts'
import { startNetwork, type TestNetwork } from '../client/network.ts'
import { claimIn, cutOff } from './claims.ts'

type Person = Awaited<ReturnType<TestNetwork['person']>>

/** Odd, so that two shares can't be equal. */
const AMOUNT = 5n * TEA + 7n
const MINUTE = 60
const HOUR = 3_600

let net: TestNetwork
let people: Person[]
let alice: Client
let bob: Client
let carol: Client
let dave: Client

beforeAll(async () => {
  net = await startNetwork({ nodes: [{ chainRelay: { marginSeconds: 5 } }] })
  people = []
  for (let i = 0; i < 4; i++) people.push(await net.person())
  ;[alice, bob, carol, dave] = (await Promise.all(people.map(net.client))) as [Client, Client, Client, Client]
}, 180_000)
afterAll(() => net?.stop())

const address = ({ account }: Client): Address => account.address
const tokensOf = (of: Address): Promise<bigint> => net.chain.at.Token.read.balanceOf([of])
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n)
const newAddress = (): Address => privateKeyToAddress(generatePrivateKey())

const make = (link: 'one' | 'each', shares: number, validSeconds = HOUR) =>
  alice.envelopes.create({ amount: AMOUNT, for: { link, shares }, validSeconds })

async function paidOf(envelope: Hex): Promise<readonly bigint[]> {
  const { paid } = await alice.envelopes.status(envelope)
  return paid.map(({ amount }) => amount)
}

describe('one link for several shares', () => {
  it('gives each of those who race a share of its own, until none is left; random shares are the whole amount', async () => {
    const { envelope, links } = await make('one', 2)
    const before = await Promise.all([bob, carol, dave].map((one) => tokensOf(address(one))))
    // Three draw one of two: at least two of them want the same one.
    const results = await Promise.allSettled([bob, carol, dave].map((one) => one.envelopes.claim(links[0]!)))
    const won = results.filter(
      (one): one is PromiseFulfilledResult<OpenedEnvelope> => one.status === 'fulfilled',
    )
    expect(won).toHaveLength(2)
    expect(results.find((one) => one.status === 'rejected')?.reason).toMatchObject({
      detail: { code: 'ALL_TAKEN', envelope },
    })
    const { state, left, paid } = await alice.envelopes.status(envelope)
    expect({ state, left }).toEqual({ state: 'empty', left: 0n })
    expect(paid.map(({ index }) => index).sort()).toEqual([0, 1])
    expect(sum(won.map(({ value }) => value.amount))).toBe(AMOUNT)
    const after = await Promise.all([bob, carol, dave].map((one) => tokensOf(address(one))))
    const came = after.map((tokens, at) => tokens - before[at]!)
    expect(came).toEqual(results.map((one) => (one.status === 'fulfilled' ? one.value.amount : 0n)))
  })

  it('gives an account one share, by calls and processes at once, or one after the other', async () => {
    const { envelope, links } = await make('one', 16)
    const twin = await net.client(people[1]!)
    const [first, ...others] = await Promise.all(
      [bob, bob, twin].map((one) => one.envelopes.claim(links[0]!)),
    )
    for (const one of others) expect(one).toMatchObject({ hash: first!.hash, amount: first!.amount })
    const again = { detail: { code: 'ALREADY_OPENED', hash: first!.hash } }
    for (const one of [bob, twin]) await expect(one.envelopes.claim(links[0]!)).rejects.toMatchObject(again)
    const elsewhere = await net.client({ ...people[1]!, dir: (await net.person()).dir })
    await expect(elsewhere.envelopes.claim(links[0]!)).rejects.toMatchObject(again)
    expect(await paidOf(envelope)).toEqual([first!.amount])
  })
})

describe('two devices of an account that open one link at the same moment', () => {
  const devices = async () => {
    const person = people[2]!
    const dirs = [(await net.person()).dir, (await net.person()).dir]
    return await Promise.all(dirs.map((dir) => net.client({ ...person, dir })))
  }

  const waiting = async () => (await net.chain.client.getBlock({ blockTag: 'pending' })).transactions.length
  const expectWaiting = () => expect.poll(waiting, { timeout: 20_000 }).toBeGreaterThan(0)

  it('take one share between them, also when others are faster for some', async () => {
    for (let round = 0; round < 3; round++) {
      const { envelope, links } = await make('one', 8)
      const openers = [...(await devices()), bob]
      const results = await Promise.allSettled(openers.map((one) => one.envelopes.claim(links[0]!)))
      const { paid } = await alice.envelopes.status(envelope)
      expect(paid).toHaveLength(2)
      const own = paid.filter(({ recipient }) => recipient === address(carol))
      expect(own).toHaveLength(1)
      const [{ hash }] = own as [(typeof own)[number]]
      for (const one of results.slice(0, 2)) {
        if (one.status === 'fulfilled') expect(one.value).toMatchObject({ hash })
        else expect(one.reason).toMatchObject({ detail: { code: 'ALREADY_OPENED', hash } })
      }
    }
  })

  it.each([
    ['at once', async () => {}],
    ['while the transaction of the first waits for a block', () => expectWaiting()],
  ])('even if neither can see in a block what the other one has sent: %s', async (_, before2nd) => {
    const { client, control } = net.chain
    const { envelope, links } = await make('one', 8)
    const both = await devices()
    const mining = async (isOn: boolean) => {
      await control.setAutomine(isOn)
      await control.setIntervalMining({ interval: isOn ? 1 : 0 })
    }
    await mining(false)
    const before = await client.getBlockNumber()
    try {
      const [one, other] = both
      const first = one!.envelopes.claim(links[0]!)
      await before2nd()
      const claims = Promise.all([first, other!.envelopes.claim(links[0]!)])
      await expectWaiting()
      await new Promise((resolve) => setTimeout(resolve, 2_000)) // the other one's, if it sends any
      expect(await client.getBlockNumber()).toBe(before)
      await mining(true)
      await control.mine({ blocks: 1 })
      const [opened, openedToo] = await claims
      expect(openedToo.hash).toBe(opened.hash)
    } finally {
      await mining(true)
    }
    expect(await paidOf(envelope)).toHaveLength(1)
  })
})

describe('a link for each', () => {
  it('opens its own share, for the first who has it, and only for whom the claim names', async () => {
    const { envelope, links } = await make('each', 3)
    const read = await Promise.all(links.map((link) => bob.envelopes.read(link)))
    const shares = read.map(({ content }) => (content.kind === 'share' ? content.share : 0n))
    expect(sum(shares)).toBe(AMOUNT)
    const { hash, amount, recipient } = await bob.envelopes.claim(links[0]!)
    expect({ amount, recipient }).toEqual({ amount: shares[0], recipient: address(bob) })
    await expect(bob.envelopes.claim(links[1]!)).rejects.toMatchObject({ code: 'ALREADY_OPENED' })
    await expect(carol.envelopes.claim(links[0]!)).rejects.toMatchObject({ code: 'ALL_TAKEN' })
    const claim = await claimIn(net.chain, hash)
    expect(await claim.inItsPlace()).toBe(amount)
    await expect(claim.inItsPlace(address(carol))).rejects.toThrow('WrongSigner')
    await carol.envelopes.claim(links[1]!)
    expect(await paidOf(envelope)).toEqual(shares.slice(0, 2))
  })
})

describe('an envelope for a group', () => {
  it('is opened once by a member, whose proof goes by a node to a new address', async () => {
    const { account, dir } = people[1]!
    const member = await nodeClient({ network: net.network, account, dir, nodes: {} })
    const given = await Promise.all([member, carol].map(({ envelopes }) => envelopes.memberIn('tea')))
    const members = given.map(BigInt)
    const { envelope, links } = await alice.envelopes.create({
      ...{ amount: 4n * TEA, validSeconds: HOUR },
      for: { group: 'tea', members, shares: 2 },
    })
    const refused = { code: 'NOT_A_MEMBER' }
    await expect(dave.envelopes.claim(links[0]!)).rejects.toMatchObject(refused)

    const { hash, amount, recipient } = await member.envelopes.claim(links[0]!)
    expect(amount).toBe(2n * TEA)
    expect(recipient).not.toBe(account.address)
    expect(await tokensOf(recipient)).toBe(amount)
    await expect(member.envelopes.claim(links[0]!)).rejects.toMatchObject({
      detail: { code: 'ALREADY_OPENED', hash },
    })
    const claim = await claimIn(net.chain, hash)
    expect(claim.sender).not.toBe(account.address)
    expect(await claim.inItsPlace()).toBe(amount)
    await expect(claim.inItsPlace(address(dave))).rejects.toThrow('InvalidProof')
    await expect(claim.now(address(dave))).rejects.toThrow('NullifierUsed')
    expect(await paidOf(envelope)).toEqual([amount])

    const before = await tokensOf(account.address)
    expect(await member.money.collect()).toMatchObject([{ held: { address: recipient, amount } }])
    expect(await tokensOf(account.address)).toBe(before + amount)
    await member.stop()
  })

  it('is not made of an amount that its shares do not divide', async () => {
    const members = [BigInt(await bob.envelopes.memberIn('tea'))]
    const making = alice.envelopes.create({ amount: AMOUNT, for: { group: 'tea', members, shares: 2 } })
    await expect(making).rejects.toMatchObject({ code: 'BAD_RECIPIENTS' })
    expect((await alice.envelopes.list()).filter(({ state }) => state === 'making')).toEqual([])
  })
})

describe('cut off', () => {
  it.each(['before', 'after'] as const)('%s an envelope is sent, it is made once', async (when) => {
    const wanted = { amount: AMOUNT, note: when, for: { link: 'one', shares: 3 } } as const
    const before = await tokensOf(address(alice))
    const to = net.chain.contracts.RedEnvelope
    const { client, stop } = await cutOff(net, people[0]!, { to, when })
    await expect(client.envelopes.create(wanted)).rejects.toMatchObject({ code: 'NO_CHAIN' })
    await stop()
    const [begun] = (await alice.envelopes.list()).filter(({ terms }) => terms.amount === AMOUNT).slice(-1)
    const { envelope, tx, links } = await alice.envelopes.create(wanted)
    expect(envelope).toBe(begun!.envelope)
    expect(tx === undefined).toBe(when === 'after')
    expect(await tokensOf(address(alice))).toBe(before - AMOUNT)
    await dave.envelopes.claim(links[0]!)
  })

  it.each(['before', 'after'] as const)('%s a payment is sent, it is paid once', async (when) => {
    const shop = newAddress()
    const { client, stop } = await cutOff(net, people[0]!, { to: net.chain.contracts.Token, when })
    await expect(client.pay(shop, '1.5')).rejects.toMatchObject({ code: 'NO_CHAIN' })
    await stop()
    expect(await tokensOf(shop)).toBe(when === 'after' ? 1_500_000n : 0n)
    expect(await alice.pay(shop, '1.5')).toMatchObject({ resumed: true, amount: 1_500_000n })
    expect(await tokensOf(shop)).toBe(1_500_000n)
  })
})

describe('a payment', () => {
  it('with an id is made once', async () => {
    const shop = newAddress()
    const { hash } = await alice.pay(shop, TEA, { id: 'order-1' })
    expect(await alice.pay(shop, TEA, { id: 'order-1' })).toMatchObject({ hash, resumed: true })
    await expect(alice.pay(shop, 2n * TEA, { id: 'order-1' })).rejects.toMatchObject({ code: 'ID_TAKEN' })
    expect(await tokensOf(shop)).toBe(TEA)
  })

  it('is known to another device from a backup, and made there no second time', async () => {
    const [{ account, dir }, other] = [people[0]!, await net.person()]
    const shop = newAddress()
    const { hash } = await alice.pay(shop, TEA, { id: 'order-2' })
    const sections = async (of: string) => backupSections(await fileStore(of), account)
    const bytes = await writeBackup({ account, sections: await sections(dir) })
    const { skipped } = await restoreBackup(bytes, { account, sections: await sections(other.dir) })
    expect(skipped).toEqual([])
    const device = await net.client({ account, dir: other.dir })
    expect(await device.pay(shop, TEA, { id: 'order-2' })).toMatchObject({ hash, resumed: true })
    expect(await tokensOf(shop)).toBe(TEA)
  })

  it('by a link goes to whom the link names, and never by a link of another chain', async () => {
    const before = await tokensOf(address(bob))
    const link = await bob.money.link({ amount: '2.5' })
    await alice.pay(link)
    expect(await tokensOf(address(bob))).toBe(before + 2_500_000n)
    const { chainId, contracts } = net.network
    const foreign = writePaymentLink({
      chainId: chainId + 1,
      token: contracts.Token,
      to: address(bob),
      amount: TEA,
    })
    await expect(alice.pay(foreign)).rejects.toMatchObject({
      detail: { code: 'OTHER_CHAIN', expected: chainId, actual: chainId + 1 },
    })
    expect(await tokensOf(address(bob))).toBe(before + 2_500_000n)
  })
})

// Last: the chain's clock goes ahead of the others.
describe('what is left', () => {
  it('goes back to whoever made it once it has expired, not before, and nobody else can open it then', async () => {
    const { envelope, terms, links } = await make('one', 2, 10 * MINUTE)
    const { amount } = await bob.envelopes.claim(links[0]!)
    await expect(alice.envelopes.refund(envelope)).rejects.toMatchObject({ code: 'NOT_EXPIRED' })
    await expect(net.chain.at.RedEnvelope.write.refund([terms])).rejects.toThrow('NotExpired')
    await net.chain.control.increaseTime({ seconds: 10 * MINUTE })
    await net.chain.control.mine({ blocks: 1 })
    await expect(carol.envelopes.claim(links[0]!)).rejects.toMatchObject({ code: 'ENVELOPE_EXPIRED' })
    const before = await tokensOf(address(alice))
    expect(await dave.envelopes.refund(envelope)).toMatchObject({ amount: AMOUNT - amount })
    expect(await tokensOf(address(alice))).toBe(before + AMOUNT - amount)
    await expect(alice.envelopes.refund(envelope)).rejects.toMatchObject({ code: 'NOTHING_LEFT' })
    expect(await alice.envelopes.status(envelope)).toMatchObject({ state: 'refunded', left: 0n })
  })
})
