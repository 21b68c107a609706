import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccount, type Account } from '@teahouse/client'
import { fileStore } from '@teahouse/client/node'
import { NODE_FLAGS } from '../../../scripts/bootstrap.mjs'
import {
  CLUSTER_ID,
  fund,
  launchNode,
  prepareNode,
  ROOT,
  SHARDS,
  spawnNode,
  startChain,
  TEA,
  until,
  type NodeProcess,
  type PreparedNode,
  type TestChain,
} from '../../support/index.ts'
import { CLIENT_STEPS, NODE_STEPS, type ClientStep } from './dying.ts'

const PRICE = 1_000n
/** Answers that a client has after a kill, or over it. */
const ANSWERS = 3
const CONFIG = {
  payments: { prices: { 'store-query': `${PRICE}` }, freeQuota: 0, settleEveryMs: 300 },
  // So that a voucher is closed some seconds after it was collected.
  chain: {
    pollMs: 250,
    timeoutMs: 2_000,
    retries: 0,
    startTimeoutMs: 4_000,
    awayAfterMs: 2_000,
    confirmations: 2,
  },
}

let chain: TestChain
let prepared: PreparedNode
let node: NodeProcess
let account: Account
let dir: string
let network: object
let atFirst: bigint
/** Answers that clients have told of. */
let told = 0n
/** Processes that were killed; each may have cost one answer that was charged and not told of. */
let kills = 0n

const balance = () => chain.at.Token.read.balanceOf([node.payee])

beforeAll(async () => {
  chain = await startChain()
  prepared = await prepareNode(chain, { config: CONFIG })
  node = await spawnNode(prepared)
  account = createAccount()
  await fund(chain, account.address, 10n * TEA)
  const { multiaddrs, peerId } = await node.info()
  const entry = { operator: node.operatorId, peerId, multiaddrs, apiUrl: node.apiUrl }
  const { rpcUrl, chainId, contracts } = chain
  network = { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [entry] }
  dir = join(node.folder, 'payer')
  atFirst = await balance()
}, 180_000)
afterAll(async () => {
  await node?.kill()
  await chain?.stop()
})

/** A client in a process of its own, until it has so many answers, or dies at the step. */
async function payer(answers: number, step?: ClientStep): Promise<NodeJS.Signals | null> {
  const { phrase } = account
  const init = JSON.stringify({ network, phrase, dir, node: node.operatorId, answers, step })
  const child = spawn(process.execPath, [...NODE_FLAGS, join(import.meta.dirname, 'dying-payer.ts'), init], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await new Promise((resolve) => child.once('close', resolve))
  const { exitCode, signalCode } = child
  if (exitCode !== 0 && signalCode === null) throw new Error(`The client ended with ${exitCode}:\n${said}`)
  told += BigInt(said.split('\n').filter((line) => line.startsWith('paid')).length)
  return signalCode
}

/** All that this account has ever signed for, by its book on disk. */
async function signed(): Promise<bigint> {
  const files = await fileStore(dir)
  const [key] = await files.keys('voucher/')
  const entry = key === undefined ? undefined : await files.get(key)
  return BigInt(entry?.value.split(' ')[1] ?? 0)
}

/** The node's book on disk, while it is down. */
function bookOnDisk(): { credited: bigint; spent: bigint } {
  const db = new DatabaseSync(join(prepared.folder, 'data', 'vouchers.sqlite'))
  try {
    const rows = db.prepare('SELECT credited, spent FROM accounts').all() as Record<string, string>[]
    const sum = (name: string) => rows.reduce((total, row) => total + BigInt(row[name]!), 0n)
    return { credited: sum('credited'), spent: sum('spent') }
  } finally {
    db.close()
  }
}

/** What holds however a process ended, while the node is down: at most one step is signed for and not served, and none served and not signed for. */
async function expectNothingServedUnpaid(): Promise<void> {
  const [{ credited, spent }, known] = [bookOnDisk(), await signed()]
  expect(credited).toBeLessThanOrEqual(known)
  expect(spent).toBeLessThanOrEqual(credited)
  expect(spent).toBeGreaterThanOrEqual(told * PRICE)
  expect(known - spent).toBeLessThanOrEqual(PRICE)
}

/** What holds once both are back and a client has had its answers. */
async function expectEven(): Promise<void> {
  const known = await signed()
  const { credited, lost } = (await node.info()).payments
  expect([credited, lost]).toEqual([String(known), '0'])
  expect(known).toBeGreaterThanOrEqual(told * PRICE)
  expect(known).toBeLessThanOrEqual((told + kills) * PRICE)
}

const ledgerLines = async () =>
  (await (await fetch(`${node.apiUrl}/ledger`)).text()).trim().split('\n').slice(1)
const sumOf = (lines: readonly string[], column: number) =>
  lines.reduce((total, line) => total + BigInt(line.split(',')[column]!), 0n)

/** The chain has paid all of it, once, and the ledger says so. */
async function expectCollected(): Promise<void> {
  const known = await signed()
  await until(
    'all is collected',
    async () => (await node.info()).payments.collected === String(known),
    60_000,
  )
  expect((await balance()) - atFirst).toBe(known)
  const channel = await chain.at.PaymentChannels.read.account([account.address, node.payee])
  expect(channel.collected).toBe(known)
  // It is read up to the newest block that the node has.
  const lines = await until('the ledger has it', async () => {
    const found = await ledgerLines()
    const collected = sumOf(found, 4)
    expect(collected).toBeLessThanOrEqual(known)
    return collected === known && found
  })
  expect(sumOf(lines, 3)).toBe(known)
  const hashes = lines.map((line) => line.split(',')[5]!).filter((hash) => hash !== '')
  expect(new Set(hashes).size).toBe(hashes.length)
}

describe('a node that is killed', () => {
  it.each(NODE_STEPS)(
    '%s: no unit is lost, none is paid twice',
    async (step) => {
      await node.kill()
      const main = { file: join(import.meta.dirname, 'dying-node.ts'), args: [step] }
      const dying = launchNode({ ...prepared, main })
      const paying = payer(ANSWERS)
      expect(await dying.exited, dying.output()).toEqual({ code: null, signal: 'SIGKILL' })
      kills++
      await expectNothingServedUnpaid()
      node = await spawnNode(prepared)
      expect(await paying).toBeNull()
      await expectEven()
      await expectCollected()
    },
    120_000,
  )
})

describe('a client that is killed', () => {
  it.each(CLIENT_STEPS)(
    '%s: no unit is lost, none is paid twice',
    async (step) => {
      expect(await payer(ANSWERS, step)).toBe('SIGKILL')
      kills++
      expect(await payer(ANSWERS)).toBeNull()
      await expectEven()
      await expectCollected()
      await node.kill()
      await expectNothingServedUnpaid()
      node = await spawnNode(prepared)
    },
    120_000,
  )
})
