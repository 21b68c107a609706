import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { encodeFunctionData, hexToBytes, type Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CallError, ChainNodesError, createAccount, type Account, type Client } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { runTeahouse } from '../../../cli/src/testing/teahouse.ts'
import { abis, type LocalNetwork } from '@teahouse/protocol/chain'
import {
  chainCalls,
  ChainRelayError,
  CONTENTS,
  type ChainCalls,
  type ChainQuestion,
} from '@teahouse/protocol/chain-relay'
import { signChannelAction } from '@teahouse/protocol/payments'
import { PROTOCOLS } from '@teahouse/protocol/wire'
import {
  chainRelay,
  ChainRelayConfig,
  evaluator,
  signedAnswers,
} from '../../../nodes/src/chain-relay/index.ts'
import { host, startHost } from '../../../nodes/src/net/index.ts'
import { fund, mined, newLightPeer, TEA, type LightPeer, type TestChain, until } from '../../support/index.ts'
import { bytes, startNetwork, type TestNetwork } from '../client/network.ts'

const ACTIONS = 8
const CONFIG = { chainRelay: { actionsPerPeer: ACTIONS, marginSeconds: 5 } }
/** The last node sends nothing for nothing. */
const RELAY_PRICE = 1_000n
const PAID = {
  ...CONFIG,
  payments: {
    prices: { 'relay-transaction': String(RELAY_PRICE) },
    terms: { 'relay-transaction': { freeQuota: 0 } },
  },
}

let net: TestNetwork
let alone: LocalNetwork
let liar: Awaited<ReturnType<typeof lyingNode>>
const clients: Client[] = []
const peers: LightPeer[] = []
const folders: string[] = []

beforeAll(async () => {
  net = await startNetwork({ nodes: [CONFIG, CONFIG, PAID] })
  const { rpcUrl: _, ...described } = net.network
  alone = described
  liar = await lyingNode(net.chain)
}, 180_000)
afterAll(async () => {
  await Promise.all(clients.map((client) => client.stop()))
  await Promise.all(peers.map((peer) => peer.stop()))
  await liar?.stop()
  await net?.stop()
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})

/** Says that every account has a million tokens more than it has, and signs it. */
async function lyingNode(chain: TestChain) {
  const privateKey = generatePrivateKey()
  const peer = await host({ listen: ['/ip4/127.0.0.1/tcp/0'] })({
    privateKey: hexToBytes(privateKey),
    topics: [],
  })
  await startHost(peer)
  const { client, chainId } = chain
  const range = { blockRange: 2_000 }
  const truth = evaluator({ client, contracts: Object.values(chain.contracts), ...range, logRequests: 25 })
  const isBalance = (question: ChainQuestion) =>
    question.kind === 'call' && question.data.startsWith('0x70a08231')
  const evaluate = async (question: ChainQuestion, number: bigint): Promise<Hex> =>
    isBalance(question)
      ? CONTENTS.call.encode({ ok: true, data: `0x${(10n ** 12n).toString(16).padStart(64, '0')}` })
      : await truth(question, number)
  const block = async () => {
    const { number, hash, parentHash, timestamp } = await client.getBlock()
    return { number, hash, parentHash, timestamp: Number(timestamp) }
  }
  const head = { current: await block() }
  const following = setInterval(
    () =>
      void block().then(
        (found) => (head.current = found),
        () => undefined,
      ),
    100,
  )
  const account = privateKeyToAccount(privateKey)
  const answers = signedAnswers({
    account,
    chainId,
    client,
    head,
    evaluate,
    maxAgeBlocks: 100,
    keptAnswers: 10,
  })
  const refuse = () => Promise.reject(new ChainRelayError('no', { code: 'NOT_RELAYED', what: 'anything' }))
  const counts = () => ({ relayed: 0, refused: 0, reverted: 0, spentWei: 0n, lostWei: 0n })
  const service = chainRelay(ChainRelayConfig.parse({}), {
    net: peer,
    answers,
    desk: { submit: refuse, follow: refuse, resume: () => undefined, counts },
    charge: () => Promise.resolve({ ok: true }),
    ...range,
    answered: () => undefined,
    log: pino({ level: 'silent' }),
  })
  await service.start()
  return {
    node: account.address,
    entry: {
      operator: 99,
      peerId: peer.peerId.toString(),
      multiaddrs: peer.getMultiaddrs().map(String),
      apiUrl: 'http://127.0.0.1:1',
    },
    async stop() {
      clearInterval(following)
      await service.stop()
      await peer.stop()
    },
  }
}

/** Somebody with tokens, without any coin and without an RPC endpoint. */
async function person(network = alone): Promise<{ account: Account; client: Client; dir: string }> {
  const account = createAccount()
  await mined(net.chain, net.chain.at.Token.write.mint([account.address, 100n * TEA]))
  const dir = await mkdtemp(join(tmpdir(), 'teahouse-alone-'))
  folders.push(dir)
  const client = await nodeClient({ network, account, dir })
  clients.push(client)
  // Nodes answer as of a block that most of them have: it may be older than the coins.
  if (network === alone)
    await until('the nodes tell of the tokens', async () => (await client.balances()).tokens > 0n)
  return { account, client, dir }
}

/** The protocol of a node by hand. */
async function callsOf(at: number): Promise<ChainCalls> {
  const { operator, multiaddrs } = await net.nodes[at]!.info()
  const peer = await newLightPeer(multiaddrs[0]!)
  peers.push(peer)
  return chainCalls((request) => peer.send(PROTOCOLS.chain, request), operator.node, net.chain.chainId)
}

/** A deposit of tokens that the account has not allowed the contract to take: it reverts. Signed when `nonce` is the right one. */
async function depositOf(account: Account, amount: bigint, nonce = 0n) {
  const { contracts, chainId, client } = net.chain
  const deadline = Number((await client.getBlock()).timestamp) + 600
  const from = account.address
  const action = { type: 'Deposit', from, payer: from, amount, nonce, deadline: BigInt(deadline) } as const
  const signature = await signChannelAction(account.eth, contracts.PaymentChannels, chainId, action)
  const data = encodeFunctionData({
    abi: abis.PaymentChannels,
    functionName: 'depositFor',
    args: [from, from, amount, deadline, signature],
  })
  return { to: contracts.PaymentChannels, data }
}

const coinsOfNodes = () =>
  Promise.all(net.nodes.map(({ node }) => net.chain.client.getBalance({ address: node })))
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a person without coins and without an RPC endpoint', () => {
  it('joins, sends, pays and leaves', async () => {
    const { account, client } = await person()
    const joined = await client.membership.join({ rateLimit: 5 })
    const { home } = await net.chain.at.MembershipRegistry.read.member([
      account.rln.commitment,
      account.address,
    ])
    expect(net.nodes.map(({ operatorId }) => operatorId)).toContain(home)
    const sent = await client.send({ contentTopic: '/teahouse-test/1/alone/utf8', payload: bytes('Tea?') })
    expect(sent).toMatchObject({ messageId: expect.any(Number) as number, left: 4 })
    const [node] = net.nodes
    expect(await client.payments.payNode(node!.operatorId, TEA)).toMatchObject({ credit: TEA })
    expect((await client.payments.state(node!.payee)).allocated).toBe(TEA)
    await client.membership.exit()
    expect((await client.membership.status()).state).toBe('exited')
    const { tokens, gas } = await client.balances()
    expect({ tokens, gas }).toEqual({ tokens: 99n * TEA - joined.deposit - joined.fee, gas: 0n })
    expect(await client.evidence()).toEqual([])
  }, 60_000)

  it('opens and releases a deal', async () => {
    const [payer, payee, arbiter] = [await person(), await person(), createAccount()]
    const { deal } = await payer.client.deals.open({
      payee: payee.account.address,
      arbiter: arbiter.address,
      amount: 2n * TEA,
      collateral: TEA,
    })
    await payee.client.deals.accept(deal)
    await payer.client.deals.release(deal)
    expect(await payee.client.deals.status(deal)).toMatchObject({ state: 'closed' })
    expect((await payee.client.balances()).tokens).toBe(102n * TEA)
  }, 30_000)

  it('claims a gift', async () => {
    const alice = await person(net.network)
    await fund(net.chain, alice.account.address, 10n * TEA)
    const gift = await alice.client.gifts.make({ rateLimit: 5, validSeconds: 3_600 })
    const { client } = await person()
    const joined = await client.gifts.claim(gift)
    expect(joined).toMatchObject({ rateLimit: 5 })
    expect(await client.membership.status()).toMatchObject({ state: 'active', rateLimit: 5 })
    const { tokens, gas } = await client.balances()
    expect({ tokens, gas }).toEqual({
      tokens: 100n * TEA + gift.amount - joined.deposit - joined.fee,
      gas: 0n,
    })
    expect(await rejection((await person()).client.gifts.claim(gift))).toMatchObject({
      code: 'ALREADY_CLAIMED',
    })
  }, 60_000)

  it('pays a node for sending out of what is put aside for it, and no transaction is needed for that', async () => {
    const { client, account, dir } = await person()
    const seller = net.nodes[2]!
    await client.payments.deposit(2n * TEA)
    await client.payments.allocate(seller.payee, TEA)
    await client.stop()
    const before = BigInt((await seller.info()).payments.credited)
    // Reads over the endpoint, so that the seller alone is asked to send.
    const nodes = { operators: [seller.operatorId] }
    const alone = await nodeClient({ network: net.network, account, dir, nodes })
    clients.push(alone)
    await alone.payments.withdraw(TEA)
    expect((await alone.balances()).deposit).toBe(0n)
    expect(BigInt((await seller.info()).payments.credited)).toBe(before + RELAY_PRICE)
    expect((await alone.payments.state(seller.payee)).allocated).toBe(TEA)
  }, 60_000)

  it('can do on the command line what takes no coins, and is told what does', async () => {
    const home = await mkdtemp(join(tmpdir(), 'teahouse-no-rpc-'))
    folders.push(home)
    await writeFile(join(home, 'local.json'), JSON.stringify(net.network))
    const teahouse = async (...args: string[]): Promise<Record<string, unknown>> => {
      const { code, stdout, stderr } = await runTeahouse(home, [...args, '--no-rpc', '--json'])
      const [last = '{}'] = (code === 0 ? stdout : stderr).trim().split('\n').slice(-1)
      return { code, ...(JSON.parse(last) as Record<string, unknown>) }
    }
    const { stdout } = await runTeahouse(home, ['account', 'new', '--json'])
    const { address } = JSON.parse(stdout) as { address: Hex }
    const tokens = await net.chain.at.Token.read.balanceOf([address])
    await until('the nodes tell of the tokens', async () => {
      const shown = await teahouse('account', 'show')
      return shown['tokens'] === String(tokens)
    })
    expect(await teahouse('membership', 'join', '--rate-limit', '5')).toMatchObject({ code: 0, rateLimit: 5 })
    expect(await teahouse('membership', 'status')).toMatchObject({ code: 0, state: 'active' })
    const refused = await teahouse('pay', net.nodes[0]!.payee, '1')
    expect(refused).toMatchObject({ code: 1, error: { code: 'NOT_RELAYED' } })
  }, 60_000)

  it('is told why the contract refuses, and no node pays for it', async () => {
    const { client } = await person()
    const before = await coinsOfNodes()
    const error = await rejection(client.payments.withdraw(TEA))
    expect(error).toBeInstanceOf(CallError)
    expect((error as CallError).detail).toMatchObject({ code: 'REVERTED', reason: 'InsufficientBalance' })
    expect(await coinsOfNodes()).toEqual(before)
  })
})

describe('when it must refuse', () => {
  it('sends an action once that comes to two nodes', async () => {
    const { account, client } = await person()
    await client.payments.deposit(TEA)
    const { PaymentChannels } = net.chain.at
    const action = await withdrawalOf(account, TEA / 4n)
    const [first, second] = [await callsOf(0), await callsOf(1)]
    const done = await first.submit(action)
    expect(await first.submit(action)).toMatchObject({ id: done.id, hash: done.hash })
    expect(await rejection(second.submit(action))).toMatchObject({ detail: { code: 'REFUSED', status: 409 } })
    expect(await PaymentChannels.read.balance([account.address])).toBe(TEA - TEA / 4n)
  })

  it('cuts off a peer that brings actions that fail', async () => {
    const { account } = await person()
    const calls = await callsOf(2)
    const before = await coinsOfNodes()
    for (let count = 0; count < ACTIONS; count++) {
      const error = await rejection(calls.submit(await depositOf(account, BigInt(count + 1))))
      expect(error).toMatchObject({ detail: { code: 'REFUSED', status: 409 } })
    }
    const error = await rejection(calls.submit(await depositOf(account, TEA)))
    expect(error).toMatchObject({ detail: { code: 'REFUSED', status: 429 } })
    expect(await coinsOfNodes()).toEqual(before)
    expect((await net.nodes[2]!.info()).chainRelay.refused).toBeGreaterThan(ACTIONS)
  })

  it('notices a node that lies about a balance, keeps what it signed, and asks it no more', async () => {
    const { client } = await person({ ...alone, nodes: [...alone.nodes.slice(0, 2), liar.entry] })
    const error = await rejection(client.balances())
    expect(error).toBeInstanceOf(ChainNodesError)
    expect((error as ChainNodesError).code).toBe('ANSWERS_DISAGREE')
    const [found] = await client.evidence()
    expect([found!.one.node, found!.other.node]).toContain(liar.node)
    // Nodes may answer as of an earlier block.
    await expect.poll(async () => (await client.balances()).tokens, { timeout: 10_000 }).toBe(100n * TEA)
  }, 30_000)
})

async function withdrawalOf(account: Account, amount: bigint) {
  const { contracts, chainId, client, at } = net.chain
  const deadline = Number((await client.getBlock()).timestamp) + 600
  const payer = account.address
  const nonce = BigInt(await at.PaymentChannels.read.balanceNonce([payer]))
  const action = { type: 'Withdrawal', payer, amount, nonce, deadline: BigInt(deadline) } as const
  const signature = await signChannelAction(account.eth, contracts.PaymentChannels, chainId, action)
  const args = [payer, amount, deadline, signature] as const
  return {
    to: contracts.PaymentChannels,
    data: encodeFunctionData({ abi: abis.PaymentChannels, functionName: 'withdrawFor', args }),
  }
}
