import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { http } from 'viem'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localChain } from '@teahouse/protocol/chain'
import { createSender } from '../../../nodes/src/chain/sender.ts'
import { mined, newWallet, startChain, TEA, type TestChain, type TestWallet } from '../../support/index.ts'
import {
  crashAt,
  payingClient,
  servingNode,
  type CrashPlan,
  type PayingClient,
  type ServingNode,
} from './steps.ts'

const PRICE = 1_000n
const log = pino({ level: 'silent' })

let chain: TestChain
let payer: TestWallet
let payee: TestWallet
let folder: string
let node: ServingNode
let client: PayingClient
/** On chain, when the tests began. */
let atFirst: bigint

const balance = () => chain.at.Token.read.balanceOf([payee.account.address])

beforeAll(async () => {
  chain = await startChain()
  ;[payer, payee] = [await newWallet(chain, 10n * TEA), await newWallet(chain, 0n)]
  const { PaymentChannels } = payer.at
  await mined(chain, PaymentChannels.write.deposit([payer.account.address, TEA]))
  await mined(chain, PaymentChannels.write.allocate([payee.account.address, TEA, payer.account.address]))
  folder = await mkdtemp(join(tmpdir(), 'teahouse-steps-'))
  const transport = http(chain.rpcUrl)
  const sender = createSender({
    ...{
      account: payee.account,
      chain: localChain,
      client: chain.client,
      transport,
      receiptTimeoutMs: 10_000,
      log,
    },
  })
  node = servingNode({
    chain,
    payee: payee.account.address,
    price: PRICE,
    sender,
    file: join(folder, 'v.sqlite'),
    log,
  })
  client = payingClient({ chain, account: payer.account, payee: payee.account.address, price: PRICE, node })
  atFirst = await balance()
})
afterAll(async () => {
  node?.close()
  await chain?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Runs `task` once for each step that it has, crashing there; the last run has no crash. Returns the steps. */
async function atEachStep(task: (plan: CrashPlan) => Promise<void>): Promise<string[]> {
  const steps: string[] = []
  for (let at = 0; ; at++) {
    expect(at).toBeLessThan(100)
    const plan = crashAt(at)
    await task(plan)
    if (plan.crashed === undefined) return steps
    steps.push(plan.crashed)
  }
}

describe('a crash at any step of pay and serve', () => {
  it('loses no unit, pays none twice, and costs a client no more than one step that was served and not seen', async () => {
    const steps = await atEachStep(async (plan) => {
      const before = { signed: await client.signed(), served: node.served, got: client.got }
      node.restart(plan)
      client.restart(plan)
      await client.use().catch(() => undefined)
      // Whoever crashed comes back; the other one goes on with a new connection.
      node.restart()
      client.restart()
      await client.use()
      await client.use()

      const [signed, served, got] = [
        (await client.signed()) - before.signed,
        BigInt(node.served - before.served),
        BigInt(client.got - before.got),
      ]
      const { credited, spent, credit } = node.account(payer.account.address)
      expect(credited).toBe(await client.signed()) // all that was signed counts
      expect(spent).toBe(BigInt(node.served) * PRICE) // and pays for what was served, each unit once
      expect(credit).toBeLessThanOrEqual(PRICE)
      expect(signed).toBeLessThanOrEqual(served * PRICE + PRICE)
      expect(served - got).toBeLessThanOrEqual(1n)
    })
    expect(steps.length).toBeGreaterThanOrEqual(10)
    expect(steps).toEqual(
      expect.arrayContaining([
        'client: before signing for it',
        'client: after signing for it',
        'node: before entering the voucher',
        'node: after entering the voucher',
        'node: before spending',
        'node: after spending',
        'the answer is lost',
      ]),
    )
  }, 60_000)
})

describe('a crash at any step of settling', () => {
  it('collects each unit once', async () => {
    const steps = await atEachStep(async (plan) => {
      await client.use()
      node.restart(plan)
      await node.settle()
      node.restart()
      await node.settle()
      await node.settle()
      expect((await balance()) - atFirst).toBe(await client.signed())
      expect(node.totals()).toMatchObject({ collected: await client.signed(), pending: 0n })
    })
    expect(steps).toEqual(
      expect.arrayContaining([
        'node: before setPublished',
        'node: before sending',
        'node: after sending',
        'node: before setCollected',
        'node: after setCollected',
      ]),
    )
  }, 60_000)

  it('that a deep reorganisation undid is collected again, once', async () => {
    const before = await balance()
    const snapshot = await chain.control.snapshot()
    await client.use()
    await node.settle()
    expect((await balance()) - before).toBe(PRICE)
    await chain.control.revert({ id: snapshot })
    expect(await balance()).toBe(before)
    await node.settle()
    await node.settle()
    expect((await balance()) - atFirst).toBe(await client.signed())
  })
})

describe('the ledger', () => {
  it('adds up to what the payee has on chain, and to what was signed, to the last unit', async () => {
    const lines = (await node.ledgerCsv()).trim().split('\n').slice(1)
    const sum = (column: number) =>
      lines.reduce((total, line) => total + BigInt(line.split(',')[column]!), 0n)
    expect(sum(4)).toBe((await balance()) - atFirst)
    expect(sum(3)).toBe(await client.signed())
    const hashes = lines.map((line) => line.split(',')[5]!).filter((hash) => hash !== '')
    expect(new Set(hashes).size).toBe(hashes.length)
    for (const hash of hashes.slice(0, 3))
      expect(await chain.client.getTransactionReceipt({ hash: hash as `0x${string}` })).toMatchObject({
        status: 'success',
      })
    expect(await node.ledgerCsv()).toBe(
      `${['day,payer,epoch,credited,collected,transaction', ...lines].join('\n')}\n`,
    )
  })
})

describe('a channel that its payer closes while it is served', () => {
  it('is collected before the payer can take it back, and a second voucher is not taken', async () => {
    await client.use()
    await mined(chain, payer.at.PaymentChannels.write.thaw([payee.account.address]))
    await expect(client.use()).rejects.toMatchObject({ code: 'CHANNEL_CLOSING' })
    node.restart()
    await node.settle({ everything: false })
    expect((await balance()) - atFirst).toBe(await client.signed())
  })
})
