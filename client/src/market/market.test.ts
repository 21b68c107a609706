import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { createAccount } from '../account/account.ts'
import type { NodeRecord } from '../net/directory.ts'
import { NetError } from '../net/errors.ts'
import { PayError } from '../payments/errors.ts'
import type { NodeOffer } from '../payments/offers.ts'
import { memoryStore, type KeyValueStore } from '../storage/store.ts'
import { createMarket, type Market } from './market.ts'
import { readShared } from './shared-records.ts'

const NODES = [1, 2, 3, 4].map(
  (operatorId) =>
    ({ operatorId, peerId: `node ${operatorId}`, staked: 100n, priceHint: 1_000n }) as NodeRecord,
)
const [first, second] = NODES as [NodeRecord, NodeRecord]
const TOPICS = Array.from({ length: 400 }, (_, at) => `/test/1/topic-${at}/proto`)
const account = createAccount()

let storage: KeyValueStore
let prices: Map<number, bigint>
beforeEach(() => {
  storage = memoryStore()
  prices = new Map()
})

const open = (of = account, store = storage, network = 'net'): Market =>
  createMarket({
    ...{ account: of, storage: store, scope: 's', network, now: () => 1_800_000_000_000 },
    knownOffer: ({ operatorId }) => {
      const price = prices.get(operatorId)
      const named = { service: 'store-query', price: price ?? 0n } as NodeOffer['prices'][number]
      return price === undefined ? undefined : ({ prices: [named] as readonly object[] } as NodeOffer)
    },
  })

/** For how many topics each node is the first to be asked. */
async function customers(market: Market): Promise<number[]> {
  const firsts = await Promise.all(
    TOPICS.map(async (topic) => (await market.preference('store-query', topic))(NODES)[0]!.operatorId),
  )
  return NODES.map(({ operatorId }) => firsts.filter((id) => id === operatorId).length)
}

const serve = (market: Market, node: NodeRecord) => market.watch(node, async () => 'answer')
const fail = (market: Market, node: NodeRecord, error: Error) =>
  market.watch(node, () => Promise.reject(error)).catch(() => undefined)
const stillUnpaid = (peerId: string) =>
  new PayError('paid, refused', { code: 'STILL_UNPAID', peerId, service: 'store-query' })
const gone = (peerId: string) => new NetError('gone', { code: 'UNREACHABLE', peerId })

describe('the usual order', () => {
  it('gives every node some topics, and a topic always the same nodes, also after a restart', async () => {
    const shares = await customers(open())
    for (const count of shares) expect(count).toBeGreaterThan(60)
    expect(await customers(open())).toEqual(shares)
    expect(await customers(open(createAccount()))).not.toEqual(shares)
  })

  it('has each node once', async () => {
    const order = (await open().preference('store-query', TOPICS[0]!))(NODES)
    expect(new Set(order)).toEqual(new Set(NODES))
  })
})

describe('a node loses its customers', () => {
  it.each([
    ['that withholds', (market: Market) => market.withheld(first)],
    ['that takes payments and refuses', (market: Market) => fail(market, first, stillUnpaid(first.peerId))],
  ])('%s, also after a restart', async (_, act) => {
    const market = open()
    const [before] = await customers(market)
    for (let times = 0; times < 2; times++) await act(market)
    const [after] = await customers(open())
    expect(after).toBeLessThan(before! / 20)
  })

  it('that is away', async () => {
    const market = open()
    for (let times = 0; times < 10; times++) await fail(market, first, gone(first.peerId))
    expect((await customers(market))[0]).toBeLessThan(10)
  })

  it('that overcharges', async () => {
    const [before] = await customers(open())
    prices.set(1, 10_000n)
    expect((await customers(open()))[0]).toBeLessThan(before! / 10)
  })

  it('to one that is cheaper than all others', async () => {
    const [before] = await customers(open())
    prices.set(1, 100n)
    expect((await customers(open()))[0]).toBeGreaterThan(before!)
  })

  it('and wins them back by serving well for long', async () => {
    const market = open()
    await market.withheld(first)
    const [after] = await customers(market)
    for (let times = 0; times < 300; times++) await serve(market, first)
    expect((await customers(market))[0]).toBeGreaterThan(after! * 3)
  })

  it('but not for what is not its fault', async () => {
    const market = open()
    const [before] = await customers(market)
    await fail(market, first, new Error('the device is out of memory'))
    expect((await customers(market))[0]).toBe(before)
  })
})

describe('a store that fails', () => {
  it('keeps nobody from choosing, and what it holds is known once it works again', async () => {
    const before = open()
    for (let times = 0; times < 2; times++) await before.withheld(first)
    let isAway = true
    const get: KeyValueStore['get'] = async (key) => {
      if (isAway) throw new Error('disk I/O error')
      return storage.get(key)
    }
    const market = open(account, { ...storage, get })
    expect(Math.min(...(await customers(market)))).toBeGreaterThan(60)
    await market.withheld(second)
    isAway = false
    expect((await customers(market))[0]).toBeLessThan(10)
  })
})

describe('a comparison', () => {
  it('has price, record and share of each, the greatest first', async () => {
    const market = open()
    prices.set(2, 400n)
    await serve(market, second)
    const [best, ...others] = await market.compare(NODES, 'store-query')
    expect(best).toMatchObject({ node: second, price: 400n, history: { asked: 1, served: 1, broken: 0 } })
    expect(others).toHaveLength(3)
    expect([best!, ...others].reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
  })
})

describe('records of others', () => {
  const other = createAccount()
  async function exported(times: number): Promise<string> {
    const market = open(other, memoryStore())
    for (let done = 0; done < times; done++) await market.withheld(first)
    return await market.exportRecords()
  }

  it('count, but less than own ones', async () => {
    const market = open()
    const [before] = await customers(market)
    expect(await market.importRecords(await exported(20))).toBe(other.address)
    const [heard] = await customers(market)
    expect(heard).toBeLessThan(before!)
    expect(await customers(open())).toContain(heard)

    const own = open(account, memoryStore())
    for (let times = 0; times < 20; times++) await own.withheld(first)
    expect((await customers(own))[0]).toBeLessThan(heard!)
  })

  it('replace what the same account said before, and own ones are not heard as those of others', async () => {
    const market = open()
    const text = await exported(20)
    await market.importRecords(text)
    const once = await customers(market)
    await market.importRecords(text)
    expect(await customers(market)).toEqual(once)
    await market.importRecords(await market.exportRecords())
    expect(await customers(market)).toEqual(once)
  })

  it.each([
    ['no JSON', async () => 'x', 'BAD_RECORDS'],
    [
      'changed after it was signed',
      async () => (await exported(1)).replace('broken\\":1', 'broken\\":2'),
      'BAD_RECORDS',
    ],
    [
      'under the name of another account',
      async () => (await exported(1)).replace(other.address, account.address),
      'BAD_RECORDS',
    ],
    ['of another network', () => open(other, memoryStore(), 'elsewhere').exportRecords(), 'OTHER_NETWORK'],
  ])('are refused when they are %s', async (_, text, code) => {
    const market = open()
    await expect(market.importRecords(await text())).rejects.toMatchObject({ code })
    expect(await storage.keys('market-shared/')).toEqual([])
  })

  it('are read or refused, whatever they are', async () => {
    const good = await exported(1)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.nat(good.length - 1).map((at) => good.slice(0, at)),
        ),
        async (text) => {
          await expect(readShared(text)).rejects.toMatchObject({ code: 'BAD_RECORDS' })
        },
      ),
    )
  })

  it('of no more than 16 accounts are kept', async () => {
    const market = open()
    for (let senders = 0; senders < 18; senders++) {
      await market.importRecords(await open(createAccount(), memoryStore()).exportRecords())
    }
    expect(await storage.keys('market-shared/')).toHaveLength(16)
  })
})
