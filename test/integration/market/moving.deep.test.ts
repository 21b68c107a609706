import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWalletClient, http, type Hex, type LocalAccount } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from 'teahouse'
import { createAccount, createExit, type Account, type Client } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { contractsAt, localChain } from '@teahouse/protocol/chain'
import { type Deployment, deploymentOf, DeploymentRecord } from '@teahouse/protocol/chain/deployments'
import {
  CLUSTER_ID,
  deployBeside,
  fund,
  mined,
  prepareNode,
  SHARDS,
  spawnNode,
  startChain,
  TEA,
  until,
  type NodeProcess,
  type OperatorKeys,
  type TestChain,
} from '../../support/index.ts'

const TOPIC = '/teahouse-test/1/moving/utf8'
const PRICE = 1_500n
const NODE_RATE_LIMIT = 30
const RATE_LIMIT = 5
const HOLDING = ['MembershipRegistry', 'OperatorStaking', 'PaymentChannels', 'Escrow', 'RedEnvelope'] as const
/** Longer than every term, thaw, delay and window of a local deployment together. */
const LONG_SECONDS = 10_000
const config = {
  payments: { prices: { 'store-query': String(PRICE) }, freeQuota: 0, minimumSettlement: '1000000' },
}

interface Person {
  readonly account: Account
  readonly dir: string
}

let folder: string
/** One chain with two deployments: a is the old one, b its successor. */
let a: TestChain
let b: TestChain
let old: Deployment
let operators: OperatorKeys[]
let nodesOfA: NodeProcess[]
let nodesOfB: NodeProcess[] = []
let alice: Person
let bob: Person
let carol: Account
const clients: Client[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-moving-'))
  const record = join(folder, 'a.json')
  a = await startChain({ record })
  old = deploymentOf(DeploymentRecord.parse(JSON.parse(await readFile(record, 'utf8'))))
  b = await deployBeside(a)
  nodesOfA = await startNodes(a, [undefined, undefined])
  operators = nodesOfA.map(({ keys }) => keys)
  ;[alice, bob] = [await person(), await person()]
  carol = createAccount()
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.stop()))
  await Promise.all([...nodesOfA, ...nodesOfB].map((node) => node.kill('SIGKILL')))
  await a?.stop()
  await rm(folder, { recursive: true, force: true })
})

async function startNodes(chain: TestChain, keys: readonly (OperatorKeys | undefined)[]) {
  const nodes: NodeProcess[] = []
  for (const of of keys) {
    const options = { config, rateLimit: NODE_RATE_LIMIT, ...(of && { keys: of }) }
    nodes.push(await spawnNode(await prepareNode(chain, options)))
  }
  await until('the nodes found each other', async () => {
    const infos = await Promise.all(nodes.map((node) => node.info()))
    return infos.every(({ peers }) => peers.length === nodes.length - 1)
  })
  return nodes
}

async function person(): Promise<Person> {
  const account = createAccount()
  await fund(a, account.address, 100n * TEA)
  return { account, dir: await mkdtemp(join(folder, 'person-')) }
}

/** The same person and folder, whichever deployment. */
async function clientOn(
  { rpcUrl, chainId, contracts }: TestChain,
  { account, dir }: Person,
): Promise<Client> {
  const network = { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [] }
  const client = await nodeClient({ network, account, dir })
  clients.push(client)
  return client
}

const say = (client: Client, text: string) =>
  client.send({ contentTopic: TOPIC, payload: new TextEncoder().encode(text) })

/** Reads what was said, once every node has all of it: asking again would cost again. */
async function read(client: Client, nodes: readonly NodeProcess[], count: number): Promise<string[]> {
  await until('every node has kept it', async () => {
    const infos = await Promise.all(nodes.map((node) => node.info()))
    return infos.every(({ archive }) => archive.messages === count)
  })
  const { messages } = await client.history({ contentTopic: TOPIC, pay: true })
  return messages.map(({ payload }) => new TextDecoder().decode(payload))
}

const people = (): LocalAccount[] => [alice.account.eth, bob.account.eth]
const everyone = (): LocalAccount[] => [
  ...people(),
  ...operators.flatMap(({ owner, payee }) => [privateKeyToAccount(owner), privateKeyToAccount(payee)]),
]

/** They take out of the old deployment what can be taken now. Returns what is left. */
async function leave(accounts: readonly LocalAccount[]) {
  const left = []
  for (const account of accounts) {
    const exit = await createExit({ rpcUrl: a.rpcUrl, deployment: old, account })
    const result = await exit.run()
    expect(result.refused).toEqual([])
    left.push(...result.left)
  }
  return left
}

const held = async ({ at, contracts }: TestChain): Promise<Record<string, bigint>> =>
  Object.fromEntries(
    await Promise.all(
      HOLDING.map(async (name) => [name, await at.Token.read.balanceOf([contracts[name]])] as const),
    ),
  )

const dealTerms = () => ({ payee: bob.account.address, arbiter: carol.address, deliverIn: 600 })
async function later(): Promise<void> {
  await a.control.increaseTime({ seconds: LONG_SECONDS })
  await a.control.mine({ blocks: 1 })
}

const stopAll = (of: readonly Client[]) => Promise.all(of.map((client) => client.stop()))

describe('a network that moves to another deployment', () => {
  it('goes on talking there, and leaves nothing behind', async () => {
    const onA = { alice: await clientOn(a, alice), bob: await clientOn(a, bob) }
    const home = nodesOfA[0]!.operatorId
    for (const client of [onA.alice, onA.bob]) await client.membership.join({ rateLimit: RATE_LIMIT, home })
    await say(onA.alice, '1: shall we move?')
    expect(await read(onA.bob, nodesOfA, 1)).toEqual(['1: shall we move?'])
    const { deal } = await onA.alice.deals.open({ ...dealTerms(), amount: 3n * TEA })
    const disputed = await onA.alice.deals.open({ ...dealTerms(), amount: 5n * TEA, defaultToPayee: 2_500 })
    await onA.alice.deals.dispute(disputed.deal)
    await openEnvelope()

    nodesOfB = await startNodes(b, operators)
    expect((await nodesOfB[0]!.info()).peerId).toBe((await nodesOfA[0]!.info()).peerId)
    const onB = { alice: await clientOn(b, alice), bob: await clientOn(b, bob) }
    await onB.alice.membership.join({ rateLimit: RATE_LIMIT, home })
    await say(onA.bob, '2: yes, see you there')
    expect(await read(onA.alice, nodesOfA, 2)).toEqual(['1: shall we move?', '2: yes, see you there'])

    const thawing = await leave(people()) // while both run
    expect(thawing.some(({ next }) => next.kind === 'wait')).toBe(true)
    await expect(say(onA.alice, 'too late')).rejects.toMatchObject({ code: 'NOT_A_MEMBER' })
    await say(onB.alice, '3: it is nice here')
    await onB.bob.membership.join({ rateLimit: RATE_LIMIT, home })
    await say(onB.bob, '4: like at home')
    expect(await read(onB.alice, nodesOfB, 2)).toEqual(['3: it is nice here', '4: like at home'])
    await stopAll(clients)

    const pending = await Promise.all(
      nodesOfA.map(async (node) => BigInt((await node.info()).payments.pending)),
    )
    expect(pending.reduce((sum, one) => sum + one, 0n)).toBe(2n * PRICE)
    for (const node of nodesOfA) expect(await node.kill()).toEqual({ code: 0, signal: null }) // settles
    expect(Object.values(await held(a)).every((amount) => amount > 0n)).toBe(true)
    const before = await held(b)
    await later() // every term is over, and with it every fee earned
    expect(await exitByCommand()).toMatchObject({ left: [], refused: [], amount: '0' })
    expect((await leave(everyone())).every(({ next }) => next.kind === 'wait')).toBe(true)
    await later() // the stake has thawed
    expect(await leave(everyone())).toEqual([])
    expect(await leave(everyone())).toEqual([]) // again: there is nothing to do
    expect(await held(a)).toEqual({
      MembershipRegistry: 0n,
      OperatorStaking: 0n,
      PaymentChannels: 0n,
      Escrow: 0n,
      RedEnvelope: 0n,
    })
    expect(await held(b)).toEqual(before)
    await mustHaveClosed(deal, 0n, 3n * TEA)
    await mustHaveClosed(disputed.deal, (5n * TEA * 3n) / 4n, (5n * TEA) / 4n)
  }, 150_000)
})

/** Alice puts money into an envelope that nobody opens. */
async function openEnvelope(): Promise<void> {
  const wallet = createWalletClient({
    account: alice.account.eth,
    chain: localChain,
    transport: http(a.rpcUrl),
  })
  const at = contractsAt(a.contracts, { public: a.client, wallet })
  const terms = {
    creator: alice.account.address,
    amount: TEA,
    shares: 4,
    expiry: Math.floor(Date.now() / 1_000) + 600,
    gated: false,
    root: `0x${'11'.repeat(32)}`,
    salt: `0x${'00'.repeat(32)}`,
  } as const
  await mined(a, at.Token.write.approve([a.contracts.RedEnvelope, TEA]))
  await mined(a, at.RedEnvelope.write.create([terms]))
}

/** Alice leaves by the command line, from her phrase, the record of the deployment and an endpoint. */
async function exitByCommand(): Promise<unknown> {
  const printed = { stdout: '', stderr: '' }
  const world = (stdin: string) => ({
    stdin: (async function* () {
      yield stdin
    })(),
    stdout: { write: (text: string) => (printed.stdout += text) },
    stderr: { write: (text: string) => (printed.stderr += text) },
    cwd: folder,
    env: { TEAHOUSE_HOME: folder },
    signal: new AbortController().signal,
  })
  expect(await run(['account', 'restore', '--no-passphrase'], world(alice.account.phrase))).toBe(0)
  const command = ['exit', '--file', 'a.json', '--deployment', old.id, '--rpc', a.rpcUrl, '--yes', '--json']
  printed.stdout = ''
  expect({ code: await run(command, world('')), stderr: printed.stderr }).toMatchObject({ code: 0 })
  return JSON.parse(printed.stdout)
}

async function mustHaveClosed(deal: Hex, toPayer: bigint, toPayee: bigint): Promise<void> {
  const [closed] = await a.at.Escrow.getEvents.DealClosed({ deal }, { fromBlock: 0n, strict: true })
  expect(closed?.args).toMatchObject({ toPayer, toPayee, toArbiter: 0n, toApp: 0n })
}
