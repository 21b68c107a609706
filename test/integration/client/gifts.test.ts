import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createAccount,
  readInvitation,
  writeInvitation,
  type Account,
  type Client,
  type Gift,
} from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { parseEther } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLUSTER_ID, fund, SHARDS, startChain, TEA, type TestChain } from '../../support/index.ts'

const RATE_LIMIT = 20
const DAY = 86_400

let chain: TestChain
let alice: Client
const clients: Client[] = []

async function clientOf(account: Account): Promise<Client> {
  const { rpcUrl, chainId, contracts } = chain
  const network = { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [] }
  const client = await nodeClient({ network, account, dir: await mkdtemp(join(tmpdir(), 'teahouse-gift-')) })
  clients.push(client)
  return client
}

/** Somebody who has neither coins nor tokens, and a link. */
async function newcomer(gift: Gift): Promise<{ client: Client; gift: Gift }> {
  const link = writeInvitation({ card: { key: alice.account.chat.publicKey, name: 'Alice' }, gift })
  const client = await clientOf(createAccount())
  expect(await client.balances()).toMatchObject({ tokens: 0n, gas: 0n })
  return { client, gift: readInvitation(link).gift! }
}

const makeGift = () => alice.gifts.make({ rateLimit: RATE_LIMIT, validSeconds: DAY })

beforeAll(async () => {
  chain = await startChain()
  alice = await clientOf(createAccount())
  await fund(chain, alice.account.address, 1_000n * TEA)
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.stop()))
  await chain?.stop()
})

describe('a membership as a gift', () => {
  it('makes a member of somebody who has neither coins nor tokens, and leaves it the rest', async () => {
    const before = await alice.balances()
    const { client: bob, gift } = await newcomer(await makeGift())
    const joined = await bob.gifts.claim(gift)
    expect(joined).toMatchObject({ rateLimit: RATE_LIMIT, deposit: gift.amount - joined.fee })
    expect(await bob.membership.status()).toMatchObject({ state: 'active', rateLimit: RATE_LIMIT })
    const { tokens, gas } = await bob.balances()
    expect(tokens).toBe(0n)
    expect(gas).toBeGreaterThan(0n)
    expect(before.tokens - (await alice.balances()).tokens).toBe(gift.amount)
    // The deposit is the newcomer's: it leaves by itself.
    expect((await bob.membership.exit()).gasUsed).toBeGreaterThan(0n)
  })

  it('is claimed once: whoever comes second is told, and spends nothing', async () => {
    const made = await makeGift()
    const [bob, carol] = [await newcomer(made), await newcomer(made)]
    await fund(chain, carol.client.account.address, 0n)
    await bob.client.gifts.claim(bob.gift)
    const { gas } = await carol.client.balances()
    await expect(carol.client.gifts.claim(carol.gift)).rejects.toMatchObject({ code: 'ALREADY_CLAIMED' })
    expect(await carol.client.balances()).toMatchObject({ tokens: 0n, gas })
    await expect(alice.gifts.takeBack(made)).rejects.toMatchObject({ code: 'ALREADY_CLAIMED' })
    await expect(bob.client.gifts.claim(bob.gift)).rejects.toMatchObject({ code: 'ALREADY_MEMBER' })
  })

  it('goes to one of two who claim at the same moment', async () => {
    const made = await makeGift()
    const [bob, carol] = [await newcomer(made), await newcomer(made)]
    const results = await Promise.allSettled([bob, carol].map(({ client, gift }) => client.gifts.claim(gift)))
    const states = await Promise.all([bob, carol].map(({ client }) => client.membership.status()))
    expect(states.filter(({ state }) => state === 'active').length).toBeLessThanOrEqual(1)
    const loser = results[0]?.status === 'fulfilled' ? carol : bob
    const winner = loser === bob ? carol : bob
    if ((await winner.client.membership.status()).state === 'none') await winner.client.gifts.claim(made)
    await expect(loser.client.gifts.claim(made)).rejects.toMatchObject({ code: 'ALREADY_CLAIMED' })
  })

  it('goes on where a claim was interrupted', async () => {
    const { client: bob, gift } = await newcomer(await makeGift())
    const { join } = bob.membership
    // As if the process had ended before the last step: the share is his, and so are the coins.
    Object.assign(bob.membership, { join: () => Promise.reject(new RangeError('killed')) })
    await expect(bob.gifts.claim(gift)).rejects.toThrow('killed')
    Object.assign(bob.membership, { join })
    expect(await bob.gifts.state(gift)).toBe('taken')
    expect(await bob.gifts.claim(gift)).toMatchObject({ rateLimit: RATE_LIMIT })
  })

  it('comes back to the giver, found with the phrase alone, before and after it expires', async () => {
    const phrase = createAccount()
    await fund(chain, phrase.address, 100n * TEA)
    const first = await clientOf(phrase)
    await first.gifts.make({ rateLimit: RATE_LIMIT, validSeconds: DAY })
    const again = await clientOf(phrase) // another device: nothing but the phrase came along
    const [open] = await again.gifts.list()
    expect(open).toMatchObject({ state: 'open', gift: { rateLimit: RATE_LIMIT } })
    await again.gifts.takeBack(open!.gift)
    expect((await again.balances()).tokens).toBe(100n * TEA)
    const { client: bob, gift } = await newcomer(open!.gift)
    await expect(bob.gifts.claim(gift)).rejects.toMatchObject({ code: 'TAKEN_BACK' })
    await expect(again.gifts.takeBack(open!.gift)).rejects.toMatchObject({ code: 'TAKEN_BACK' })

    const late = await again.gifts.make({ rateLimit: 1, validSeconds: 60 })
    await chain.control.increaseTime({ seconds: 61 })
    await chain.control.mine({ blocks: 1 })
    const { client: carol } = await newcomer(late)
    await expect(carol.gifts.claim(late)).rejects.toMatchObject({ code: 'GIFT_EXPIRED' })
    await again.gifts.takeBack(late)
    const { tokens, gas } = await again.balances()
    expect(tokens).toBe(100n * TEA)
    expect(gas).toBeGreaterThan(parseEther('9.9'))
  })
})

describe('when it must refuse', () => {
  it('a gift of another chain, of somebody else, or for longer than the contract keeps it', async () => {
    const gift = await makeGift()
    const { client: bob } = await newcomer(gift)
    const foreign = Object.defineProperty({ ...gift, chainId: 1 }, 'secret', { value: gift.secret }) as Gift
    await expect(bob.gifts.claim(foreign)).rejects.toMatchObject({ code: 'WRONG_NETWORK' })
    await expect(bob.gifts.takeBack(gift)).rejects.toMatchObject({ code: 'NOT_THE_GIVER' })
    await expect(alice.gifts.make({ rateLimit: 1, validSeconds: 367 * DAY })).rejects.toMatchObject({
      code: 'BAD_LIFETIME',
    })
    await expect(alice.gifts.make({ rateLimit: 601 })).rejects.toMatchObject({ code: 'BAD_RATE_LIMIT' })
    await expect(bob.gifts.make({ rateLimit: 1 })).rejects.toMatchObject({ code: 'NOT_ENOUGH_TOKENS' })
  })

  it('a gift that no longer pays for what it promises', async () => {
    const gift = await makeGift()
    const { client: bob } = await newcomer(gift)
    const larger = Object.defineProperty({ ...gift, rateLimit: 600 }, 'secret', {
      value: gift.secret,
    }) as Gift
    await expect(bob.gifts.claim(larger)).rejects.toMatchObject({ code: 'TOO_LITTLE' })
    expect(await bob.gifts.state(gift)).toBe('open')
  })
})
