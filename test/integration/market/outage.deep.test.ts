import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAddressEqual, type Address } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccount } from '@teahouse/client'
import { signVoucher } from '@teahouse/protocol/payments'
import { NODE_FLAGS } from '../../../scripts/bootstrap.mjs'
import {
  CLUSTER_ID,
  fund,
  mined,
  newLightPeer,
  newRpcProxy,
  newWallet,
  prepareNode,
  ROOT,
  SHARDS,
  spawnNode,
  startChain,
  TEA,
  until,
  type LightPeer,
  type NodeProcess,
  type RpcProxy,
  type TestChain,
  type TestWallet,
} from '../../support/index.ts'

const PRICE = 1_000n
const ALLOCATED = 100n * PRICE
/** An outage of an hour, in a world in which the node settles every 300 ms in place of every minute: 200 times faster. */
const OUTAGE_MS = 18_000
const PAYMENTS = { prices: { 'store-query': `${PRICE}` }, freeQuota: 0, settleEveryMs: 300 }
/** Seeds of when processes are killed. */
const KILLS = 16

let chain: TestChain
let proxy: RpcProxy
let node: NodeProcess
let peer: LightPeer

beforeAll(async () => {
  chain = await startChain()
  proxy = await newRpcProxy(chain.rpcUrl)
  node = await start({ payments: { ...PAYMENTS, minimumSettlement: String(3n * PRICE) } })
}, 180_000)
afterAll(async () => {
  await peer?.stop()
  await node?.kill()
  await proxy?.shut().catch(() => undefined)
  await chain?.stop()
})

async function start(config: object): Promise<NodeProcess> {
  const prepared = await prepareNode(chain, { config: { rpcUrls: [proxy.url], ...config } })
  const spawned = await spawnNode(prepared)
  await peer?.stop()
  peer = await newLightPeer((await spawned.info()).multiaddrs[0]!)
  return spawned
}

/** A new payer with a channel to the node. */
async function openChannel(): Promise<TestWallet> {
  const payer = await newWallet(chain, TEA)
  const { PaymentChannels } = payer.at
  await mined(chain, PaymentChannels.write.deposit([payer.account.address, ALLOCATED]))
  await mined(chain, PaymentChannels.write.allocate([node.payee, ALLOCATED, payer.account.address]))
  return payer
}

async function pay(payer: TestWallet, cumulative: bigint) {
  const voucher = { payer: payer.account.address, payee: node.payee, epoch: 1n, cumulative }
  const signature = await signVoucher(payer.account, chain.contracts.PaymentChannels, chain.chainId, voucher)
  return await peer.pay(voucher, signature)
}

const balance = () => chain.at.Token.read.balanceOf([node.payee])

/** Whether a transaction of an account waits for the next block. */
async function isPending(from: Address): Promise<boolean> {
  const { transactions } = await chain.client.getBlock({ blockTag: 'pending', includeTransactions: true })
  return transactions.some((one) => isAddressEqual(one.from, from))
}

describe('an hour without an RPC endpoint', () => {
  it('lets vouchers and service go on, only settlement waits, and nothing is lost', async () => {
    const [known, unknown] = [await openChannel(), await openChannel()]
    const before = await balance()
    expect(await pay(known, PRICE)).toMatchObject({ statusCode: 200 })
    expect(await peer.query()).toMatchObject({ statusCode: 200 })
    await proxy.shut()
    await until('the node notices', async () => (await node.health()).problems.includes('CHAIN_AWAY'))
    const end = Date.now() + OUTAGE_MS
    let paid = PRICE
    for (; Date.now() < end; await sleep(1_000)) {
      paid += PRICE
      expect(await pay(known, paid)).toMatchObject({ statusCode: 200, credit: PRICE })
      expect(await peer.query()).toMatchObject({ statusCode: 200 })
    }
    expect(paid).toBeGreaterThan(10n * PRICE)
    // What it never read it can't trust.
    const refused = await pay(unknown, PRICE)
    expect(refused).toMatchObject({
      statusCode: 503,
      statusDesc: expect.stringMatching(/^CHAIN_UNAVAILABLE/),
    })
    expect((await node.info()).payments).toMatchObject({ credited: String(paid), collected: '0' })
    expect(await balance()).toBe(before)
    await proxy.open()
    await until('the node settled', async () => (await balance()) === before + paid, 60_000)
    expect(await pay(unknown, PRICE)).toMatchObject({ statusCode: 200 })
    expect((await node.info()).payments).toMatchObject({ collected: String(paid) })
  }, 120_000)
})

describe('a deposit that is drained while it is collected', () => {
  it('brings the node what was signed for, to the last unit', async () => {
    const thief = await openChannel()
    const before = await balance()
    const pending = BigInt((await node.info()).payments.pending)
    await chain.control.setAutomine(false)
    await chain.control.setIntervalMining({ interval: 0 })
    try {
      expect(await pay(thief, 50n * PRICE)).toMatchObject({ statusCode: 200 })
      await until('the collection waits', () => isPending(node.node))
      // For more gas, so that the thaw comes first in the block.
      const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n }
      await thief.at.PaymentChannels.write.thaw([node.payee], fees)
      await until('the thaw waits, too', () => isPending(thief.account.address))
      expect(await isPending(node.node)).toBe(true)
      await chain.control.mine({ blocks: 1 })
    } finally {
      await chain.control.setAutomine(true)
      await chain.control.setIntervalMining({ interval: 1 })
    }
    await until('the node collected', async () => (await balance()) >= before + 50n * PRICE, 60_000)
    expect(await balance()).toBeLessThanOrEqual(before + 50n * PRICE + pending)
  }, 90_000)
})

describe('a spike of the gas price', () => {
  it('has what can wait wait, and what can not be collected as soon as it is worth its gas', async () => {
    await node.kill()
    node = await start({ payments: { ...PAYMENTS, coinValue: '2500000000', settlementFactor: 2 } })
    const [patient, leaving] = [await openChannel(), await openChannel()]
    const before = await balance()
    let price = 10n ** 12n // 1,000 gwei: a settlement costs 0.05 coins, 135 tokens
    proxy.alter = (method, result) => (method === 'eth_gasPrice' ? `0x${price.toString(16)}` : result)
    expect(await pay(patient, 90n * PRICE)).toMatchObject({ statusCode: 200 })
    expect(await pay(leaving, 60n * PRICE)).toMatchObject({ statusCode: 200 })
    await mined(chain, leaving.at.PaymentChannels.write.thaw([node.payee]))
    await sleep(3_000)
    expect(await balance()).toBe(before)
    price = 3n * 10n ** 8n // 0.04 tokens: the one that leaves is worth that, and what the other adds it pays
    await until(
      'the one that leaves is collected',
      async () => (await balance()) >= before + 60n * PRICE,
      60_000,
    )
    price = 10n ** 7n
    await until('the other one too', async () => (await balance()) === before + 150n * PRICE, 60_000)
    proxy.alter = undefined
  }, 120_000)
})

describe('both sides killed again and again while they pay', () => {
  it('lose no unit and pay none twice', async () => {
    await node.kill()
    node = await start({ payments: PAYMENTS })
    const account = createAccount()
    await fund(chain, account.address, 10n * TEA)
    const { multiaddrs, peerId } = await node.info()
    const entry = { operator: node.operatorId, peerId, multiaddrs, apiUrl: node.apiUrl }
    const { rpcUrl, chainId, contracts } = chain
    const network = { rpcUrl, chainId, contracts, clusterId: CLUSTER_ID, shards: SHARDS, nodes: [entry] }
    const dir = join(node.folder, 'payer')
    const args = JSON.stringify({ network, phrase: account.phrase, dir, node: node.operatorId })
    const payer = () => {
      const file = join(import.meta.dirname, 'payer.ts')
      const child = spawn(process.execPath, [...NODE_FLAGS, file, args], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      let said = ''
      child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
      const ended = new Promise((resolve) => child.once('close', resolve))
      return { said: () => said, kill: () => (child.kill('SIGKILL'), ended) }
    }
    const before = await balance()
    const outcomes: string[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const client = payer()
      await until('it pays', async () => client.said().includes('paid'), 60_000)
      await sleep((kill * 137) % 400)
      if (kill % 2 === 0) await client.kill()
      await node.kill('SIGKILL')
      if (kill % 2 === 1) {
        await sleep(300)
        await client.kill()
      }
      outcomes.push(client.said())
      node = await spawnNode(node)
    }
    const last = payer()
    await until('it pays again', async () => last.said().includes('paid'), 60_000)
    await last.kill()
    outcomes.push(last.said())
    await node.kill() // settles everything
    const collected = (await balance()) - before
    const channel = await chain.at.PaymentChannels.read.account([account.address, node.payee])
    expect(channel.collected).toBe(collected)
    node = await spawnNode(node)
    const { credited, collected: booked } = (await node.info()).payments
    expect([credited, booked]).toEqual([String(collected), String(collected)])
    // Each answer was paid once. A kill may have cost one that was charged and did not arrive, and one that arrived and was not told of.
    const answers = outcomes
      .join('\n')
      .split('\n')
      .filter((line) => line.startsWith('paid')).length
    expect(collected).toBeGreaterThanOrEqual(BigInt(answers) * PRICE)
    expect(collected).toBeLessThanOrEqual(BigInt(answers + 2 * (KILLS + 1)) * PRICE)
  }, 600_000)
})
