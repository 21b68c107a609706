import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { keccak256, parseTransaction, type Address, type Hash, type TransactionSerializedEIP1559 } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { newRpcProxy, TEA, type RpcProxy } from '../../support/index.ts'
import { startNetwork, type TestNetwork } from '../client/network.ts'

const GWEI = 10n ** 9n
/** Far above what a payment offers at first. */
const DEAR = 500n * GWEI

let net: TestNetwork
let proxy: RpcProxy
let alice: Client
let twin: Client
/** What was handed to the chain, the first first. */
let sent: { hash: Hash; raw: TransactionSerializedEIP1559 }[]
/** Whether the chain gets what is sent. */
let arrives: boolean

beforeAll(async () => {
  net = await startNetwork({ nodes: [] })
  proxy = await newRpcProxy(net.network.rpcUrl!)
}, 180_000)
afterAll(async () => {
  await net?.stop()
  await proxy?.shut()
})
afterEach(async () => {
  await mining(true)
  await Promise.all([alice?.stop(), twin?.stop()])
})

async function mining(isOn: boolean): Promise<void> {
  await net.chain.control.setAutomine(isOn)
  await net.chain.control.setIntervalMining({ interval: isOn ? 1 : 0 })
}

/** Two processes of one account, and a chain that mines nothing by itself. */
async function begin(): Promise<{ shop: Address; nonce: () => Promise<number> }> {
  const { account, dir } = await net.person()
  const network = { ...net.network, rpcUrl: proxy.url }
  sent = []
  arrives = true
  proxy.pass = (method, params) => {
    if (method !== 'eth_sendRawTransaction') return true
    const [raw] = params as [TransactionSerializedEIP1559]
    sent.push({ raw, hash: keccak256(raw) })
    return arrives
  }
  alice = await nodeClient({ network, account, dir })
  twin = await nodeClient({ network, account, dir })
  await mining(false)
  const shop = privateKeyToAddress(generatePrivateKey())
  return { shop, nonce: () => net.chain.client.getTransactionCount({ address: account.address }) }
}

/** Blocks that are too dear for what waits. */
async function dearBlocks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await net.chain.control.setNextBlockBaseFeePerGas({ baseFeePerGas: DEAR })
    await net.chain.control.mine({ blocks: 1 })
  }
}

/** Waits until so many were handed to the chain, and it has the last one: of two with one nonce it keeps that. */
async function taken(count: number): Promise<void> {
  const known = async (): Promise<number> => {
    const last = sent.at(-1)
    if (!last) return 0
    await net.chain.client.getTransaction({ hash: last.hash })
    return sent.length
  }
  await expect.poll(() => known().catch(() => 0), { timeout: 20_000 }).toBe(count)
}

const tokensOf = (of: Address): Promise<bigint> => net.chain.at.Token.read.balanceOf([of])
const isMined = (hash: Hash): Promise<boolean> =>
  net.chain.client.getTransactionReceipt({ hash }).then(
    () => true,
    () => false,
  )
const feesOf = ({ raw }: (typeof sent)[number]) => {
  const { maxFeePerGas = 0n, maxPriorityFeePerGas = 0n, nonce } = parseTransaction(raw)
  return { maxFeePerGas, maxPriorityFeePerGas, nonce }
}

describe('a payment that waits', () => {
  it('is sent again with a higher fee under the same nonce, and paid once; both processes know which', async () => {
    const { shop, nonce } = await begin()
    const first = alice.pay(shop, 2n * TEA, { id: 'stuck' })
    await taken(1)
    await dearBlocks(4)
    const second = twin.pay(shop, 2n * TEA, { id: 'stuck' })
    await taken(2)
    const [low, high] = sent.map(feesOf)
    expect(high!.nonce).toBe(low!.nonce)
    for (const fee of ['maxFeePerGas', 'maxPriorityFeePerGas'] as const)
      expect(high![fee] * 1_000n).toBeGreaterThanOrEqual(low![fee] * 1_125n)
    await dearBlocks(1)
    const [old, higher] = sent.map(({ hash }) => hash)
    expect(await second).toMatchObject({ hash: higher, resumed: true, raised: true })
    expect(await first).toMatchObject({ hash: higher, raised: true })
    expect(await Promise.all([old!, higher!].map(isMined))).toEqual([false, true])
    expect(await tokensOf(shop)).toBe(2n * TEA)
    expect(await nonce()).toBe(1)
    const { entries } = await alice.money.history()
    const out = entries.filter(({ direction }) => direction === 'out')
    expect(out).toMatchObject([{ hash: higher, payment: { id: 'stuck', state: 'paid' } }])
  })

  it('is paid once also if the first was mined, and the higher one never arrived', async () => {
    const { shop, nonce } = await begin()
    const first = alice.pay(shop, 3n * TEA, { id: 'slow' })
    await taken(1)
    await dearBlocks(4)
    arrives = false
    await expect(twin.pay(shop, 3n * TEA, { id: 'slow' })).rejects.toMatchObject({ code: 'NO_CHAIN' })
    expect(new Set(sent.map(({ hash }) => hash)).size).toBe(2)
    arrives = true
    await net.chain.control.setNextBlockBaseFeePerGas({ baseFeePerGas: 1n })
    await net.chain.control.mine({ blocks: 1 })
    const [{ hash }] = sent as [(typeof sent)[number]]
    expect(await first).toMatchObject({ hash })
    expect(await twin.pay(shop, 3n * TEA, { id: 'slow' })).toMatchObject({ hash, resumed: true })
    expect(await tokensOf(shop)).toBe(3n * TEA)
    expect(await nonce()).toBe(1)
  })

  it('is not raised before it has waited for some blocks: the same bytes go out', async () => {
    const { shop, nonce } = await begin()
    const paying = [alice.pay(shop, TEA, { id: 'young' })]
    await taken(1)
    await dearBlocks(2)
    paying.push(twin.pay(shop, TEA, { id: 'young' }))
    await taken(2)
    expect(sent[1]).toEqual(sent[0])
    await net.chain.control.setNextBlockBaseFeePerGas({ baseFeePerGas: 1n })
    await net.chain.control.mine({ blocks: 1 })
    for (const one of await Promise.all(paying))
      expect(one).toMatchObject({ hash: sent[0]!.hash, raised: false })
    expect(await nonce()).toBe(1)
  })
})
