import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createAccount,
  membershipHash,
  openRlnKeystore,
  readInvitation,
  readRlnKeystore,
  writeInvitation,
  type Account,
  type Client,
  type Gift,
} from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { parseEther } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runTeahouse } from '../../../cli/src/testing/teahouse.ts'
import { giftKey } from '../../../client/src/account/contact/gift.ts'
import { CLUSTER_ID, fund, SHARDS, startChain, TEA, type TestChain } from '../../support/index.ts'

const RATE_LIMIT = 20
const DAY = 86_400

let chain: TestChain
let alice: Client
const clients: Client[] = []

const networkOf = ({ rpcUrl, chainId, contracts }: TestChain): LocalNetwork => {
  return { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [] }
}

async function clientOf(account: Account): Promise<Client> {
  const dir = await mkdtemp(join(tmpdir(), 'teahouse-gift-'))
  const client = await nodeClient({ network: networkOf(chain), account, dir })
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

describe('from the command line', () => {
  it('a newcomer accepts an invitation, and takes its membership to another program', async () => {
    const home = await mkdtemp(join(tmpdir(), 'teahouse-gift-home-'))
    await writeFile(join(home, 'local.json'), JSON.stringify(networkOf(chain)))
    await writeFile(join(home, 'pass.txt'), 'correct horse')
    const ran = async (args: string[], stdin = '') => {
      const env = { TEAHOUSE_PASSPHRASE_FILE: 'pass.txt' }
      const { code, stdout, stderr } = await runTeahouse(home, [...args, '--json'], { stdin, env })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return JSON.parse(stdout) as Record<string, unknown>
    }
    await ran(['account', 'new'])
    await ran(['account', 'new', '--account', 'bob', '--no-fund'])
    const { link } = await ran(['account', 'invite', '--gift', '--name', 'Alice'])
    const accepted = await ran(['account', 'accept', '--account', 'bob'], `${String(link)}\n`)
    expect(accepted).toMatchObject({ contact: { name: 'Alice' }, joined: { rateLimit: RATE_LIMIT } })
    const { link: unclaimed } = await ran(['account', 'invite', '--gift', '--rate-limit', '1'])
    const { gifts } = await ran(['account', 'gifts', '--take-back'])
    expect(gifts).toMatchObject([{ state: 'claimed' }, { state: 'gone', rateLimit: 1 }])
    // As if taking it back had ended after the tokens and before the coins; then, with nothing left to take.
    const { address } = privateKeyToAccount(giftKey(readInvitation(String(unclaimed)).gift!))
    await fund(chain, address, 0n)
    for (let time = 0; time < 2; time++)
      expect((await ran(['account', 'gifts', '--take-back']))['gifts']).toEqual(gifts)
    expect(await chain.client.getBalance({ address })).toBeLessThan(parseEther('0.1'))

    const exported = await ran(['account', 'export-key', '--format', 'rln', '--account', 'bob'])
    const keystore = readRlnKeystore(JSON.stringify(exported['keystore']))
    const { index } = accepted['joined'] as { index: number }
    const { chainId, contracts } = chain
    const hash = membershipHash({ chainId, contract: contracts.MembershipRegistry, index })
    expect(await openRlnKeystore(keystore, hash, 'correct horse')).toMatchObject({ index })
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

  it('a gift whose coins the giver does not have: no tokens leave the account', async () => {
    const [before, made] = [await alice.balances(), await alice.gifts.list()]
    const coins = before.gas - 1n
    await expect(alice.gifts.make({ rateLimit: 1, coins })).rejects.toMatchObject({ code: 'NO_GAS' })
    expect(await alice.balances()).toEqual(before)
    expect(await alice.gifts.list()).toHaveLength(made.length)
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
