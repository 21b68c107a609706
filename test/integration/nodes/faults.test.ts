import { readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  becomesWell,
  launchNode,
  newGate,
  newMember,
  prepareNode,
  spawnNode,
  startChain,
  until,
  type NodeProcess,
  type PreparedNode,
  type TestChain,
} from '../../support/index.ts'

let chain: TestChain
let prepared: PreparedNode
let running: NodeProcess | undefined

beforeAll(async () => {
  chain = await startChain()
  prepared = await prepareNode(chain)
})
afterEach(async () => {
  await running?.kill()
  running = undefined
})
afterAll(() => chain?.stop())

/** The same node with other settings. */
async function withConfig(over: Record<string, unknown>): Promise<PreparedNode> {
  const config = { ...prepared.config, ...over }
  await writeFile(prepared.configFile, JSON.stringify(config))
  return { ...prepared, config }
}

/** Starts a node that can't run; the code and the message of its error. */
async function refusal(node: PreparedNode): Promise<{ code: string; message: string }> {
  const process = launchNode(node)
  const { code } = await process.exited
  expect(code, process.output()).toBe(1)
  const lines = process.output().trim().split('\n')
  const error = lines.find((line) => line.startsWith('{"code":')) ?? '' // between lines of the log
  return JSON.parse(error) as { code: string; message: string }
}

async function listenOn(port: number): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  return server
}

describe("a node that can't start says why and ends with code 1", () => {
  it.each([
    {
      given: 'an RPC address where nothing answers',
      over: { rpcUrls: ['http://127.0.0.1:1'] },
      code: 'CHAIN_UNAVAILABLE',
    },
    { given: 'another chain id', over: { chainId: 1 }, code: 'WRONG_CHAIN' },
    { given: 'the operator of somebody else', over: { operatorId: 99 }, code: 'UNKNOWN_OPERATOR' },
    { given: 'an unknown setting', over: { colour: 'red' }, code: 'CONFIG_INVALID' },
    { given: 'an address that is none', over: { contracts: {} }, code: 'CONFIG_INVALID' },
    { given: 'no key file', over: { keyFile: 'nowhere.key' }, code: 'DATA_UNREADABLE' },
  ])('$given: $code', async ({ over, code }) => {
    expect(await refusal(await withConfig(over))).toMatchObject({ code })
  })

  it('contracts that are not on this chain: NO_CONTRACT', async () => {
    const contracts = { ...chain.contracts, PaymentChannels: `0x${'11'.repeat(20)}` }
    expect(await refusal(await withConfig({ contracts }))).toMatchObject({ code: 'NO_CONTRACT' })
  })

  it('a taken HTTP port: PORT_TAKEN, naming it', async () => {
    const port = prepared.config.api!.port!
    const server = await listenOn(port)
    expect(await refusal(await withConfig({}))).toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`${port}`),
    })
    server.close()
  })

  it('a taken libp2p port: PORT_TAKEN', async () => {
    const port = Number(prepared.config.listen![0]!.split('/').at(-1))
    const server = await listenOn(port)
    expect(await refusal(await withConfig({}))).toMatchObject({ code: 'PORT_TAKEN' })
    server.close()
  })
})

describe('a data folder', () => {
  const file = (name: string) => join(prepared.folder, 'data', name)

  it('is used by one process at a time: LOCKED', async () => {
    running = await spawnNode(await withConfig({}))
    const ports = { listen: ['/ip4/127.0.0.1/tcp/0'], api: { port: 0 } }
    expect(await refusal(await withConfig(ports))).toMatchObject({ code: 'LOCKED' })
    await becomesWell(running)
  })

  it.each(['archive.sqlite', 'nullifiers.sqlite', 'vouchers.sqlite', 'chain.json'])(
    'with a damaged %s is refused with advice, and nothing in it is changed',
    async (name) => {
      const good = await readFile(file(name))
      const noise = Buffer.alloc(good.length, 'noise')
      await writeFile(file(name), noise)
      const { code, message } = await refusal(await withConfig({}))
      expect(code).toMatch(/CORRUPT/)
      expect(message).toContain(file(name))
      expect(await readFile(file(name))).toEqual(noise)
      await writeFile(file(name), good)
      running = await spawnNode(await withConfig({}))
    },
  )

  it('of another chain is set aside, whole, and the node begins with an empty one', async () => {
    const mark = JSON.parse(await readFile(file('chain.json'), 'utf8')) as object
    await writeFile(file('chain.json'), JSON.stringify({ ...mark, genesisHash: `0x${'ab'.repeat(32)}` }))
    running = await spawnNode(await withConfig({}))
    const aside = (await readdir(dirname(file('')))).filter((name) => name.startsWith('data.'))
    expect(aside).toEqual(['data.31337-abababab'])
    expect(await readdir(join(prepared.folder, aside[0]!))).toContain('archive.sqlite')
  })
})

describe('a chain that goes away', () => {
  it('leaves the node up and degraded; it catches up by itself when the chain is back', async () => {
    const gate = await newGate(chain.rpcUrl)
    running = await spawnNode(await withConfig({ rpcUrls: [gate.url] }))
    await gate.shut()
    await until('the node notices', async () => (await running!.health()).problems.includes('CHAIN_AWAY'))
    expect(await running.health()).toMatchObject({ status: 'degraded' })
    await newMember(chain, 1)
    const members = await chain.at.MembershipRegistry.read.memberCount()
    expect((await running.info()).chain.members).toBe(members - 1)
    await gate.open()
    await until('the node caught up', async () => (await running!.info()).chain.members === members)
    await becomesWell(running)
    await running.kill()
    await gate.shut()
  })

  it('does not keep the node from stopping cleanly', async () => {
    const gate = await newGate(chain.rpcUrl)
    const node = await spawnNode(await withConfig({ rpcUrls: [gate.url] }))
    await gate.shut()
    expect(await node.kill()).toEqual({ code: 0, signal: null })
  })
})

describe('a reorganisation', () => {
  it('is rolled back: the node has the members and the ledger of the new branch', async () => {
    running = await spawnNode(await withConfig({}))
    const id = await chain.control.snapshot()
    await newMember(chain, 2)
    await newMember(chain, 3)
    const before = await chain.at.MembershipRegistry.read.memberCount()
    await until('the node knows both', async () => (await running!.info()).chain.members === before)
    const undone = (await running.info()).chain
    await chain.control.revert({ id })
    await newMember(chain, 4)
    const ledger = await chain.at.MembershipRegistry.read.ledger()
    await until('the node is on the new branch', async () => (await running!.info()).chain.ledger === ledger)
    const now = (await running.info()).chain
    expect(now).toMatchObject({ members: before - 1, state: 'ready' })
    expect([now.root, now.ledger]).not.toContain(undone.root)
    expect(ledger).not.toBe(undone.ledger)
  })

  it('that happened while the node was down is noticed at the start', async () => {
    running = await spawnNode(await withConfig({}))
    const id = await chain.control.snapshot()
    await newMember(chain, 5)
    const members = await chain.at.MembershipRegistry.read.memberCount()
    await until('the node knows', async () => (await running!.info()).chain.members === members)
    await running.kill()
    await chain.control.revert({ id })
    // One at a time: hardhat does not link the blocks of a long batch.
    for (let n = 0; n < 20; n++) await chain.control.mine({ blocks: 1 })
    running = await spawnNode(await withConfig({}))
    expect((await running.info()).chain).toMatchObject({
      members: members - 1,
      ledger: await chain.at.MembershipRegistry.read.ledger(),
      state: 'ready',
    })
  })
})
