import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  cabRide,
  createAccount,
  newRide,
  offerOf,
  readOffer,
  readSigned,
  signVerdict,
  writeOffer,
  writeSigned,
  type Account,
  type Client,
  type DealEvent,
  type Offer,
  type RideStep,
} from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { mined, TEA, until } from '../../support/index.ts'
import { startNetwork, type TestNetwork } from '../client/network.ts'

interface Person {
  readonly account: Account
  readonly client: Client
}

const YES = { confirm: () => true }
const CONFIG = { chainRelay: { marginSeconds: 5 } }

let net: TestNetwork
let passenger: Person
let driver: Person
const clients: Client[] = []
const folders: string[] = []

beforeAll(async () => {
  net = await startNetwork({ nodes: [CONFIG, CONFIG, CONFIG], evaluators: true })
  passenger = await person()
  driver = await person()
}, 180_000)
afterAll(async () => {
  await Promise.all(clients.map((client) => client.stop()))
  await net?.stop()
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})

/** Somebody with tokens, without any coin and without an RPC endpoint. */
async function person(): Promise<Person> {
  const account = createAccount()
  await mined(net.chain, net.chain.at.Token.write.mint([account.address, 100n * TEA]))
  const dir = await mkdtemp(join(tmpdir(), 'teahouse-deals-'))
  folders.push(dir)
  const { rpcUrl: _, ...network } = net.network
  const client = await nodeClient({ network, account, dir })
  clients.push(client)
  await until('the nodes tell of the tokens', async () => (await client.balances()).tokens > 0n)
  return { account, client }
}

/** The driver's offer for a fare of 10 tokens, as the passenger reads it. */
async function order(steps: readonly RideStep[]): Promise<{ offer: Offer; code: `0x${string}` }> {
  const { ride, code } = newRide(steps)
  const place = await driver.client.dealKit.place()
  const parties = { payer: passenger.account.address, payee: driver.account.address }
  const arriveBy = Math.floor(Date.now() / 1_000) + 3_600
  const json = { fare: '10', ...ride, arriveBy }
  const agreed = cabRide.terms(parties, cabRide.parse(json, place.unit), place)
  const text = writeOffer(offerOf(cabRide, agreed, place))
  return { offer: readOffer(text, await passenger.client.dealKit.place()), code }
}

const tokensOf = async ({ client }: Person): Promise<bigint> => (await client.balances()).tokens
const isClosed = ({ client }: Person, { deal }: Offer) =>
  until('the nodes tell that it is closed', async () => (await client.deals.status(deal)).state === 'closed')

describe('two people without coins and without an RPC endpoint', () => {
  it('agree on a ride; the driver is paid by the code that the passenger tells', async () => {
    const { offer, code } = await order([])
    const shown: string[] = []
    await passenger.client.dealKit.fund(offer, { confirm: (sentence) => (shown.push(sentence), true) })
    expect(shown[0]).toContain('locks 10 TEA')
    const before = await tokensOf(driver)
    const events: DealEvent[] = []
    const watching = await driver.client.dealKit.watch(offer.deal, {
      onEvent: (event) => void events.push(event),
      pollMs: 500,
    })
    try {
      await driver.client.deals.evaluate(offer.deal, cabRide.arrived(offer, code))
      await isClosed(driver, offer)
      expect((await tokensOf(driver)) - before).toBe(10n * TEA)
      await until('the driver hears of it', async () =>
        events.some((event) => event.kind === 'state' && event.now.state === 'closed'),
      )
    } finally {
      watching.stop()
    }
  }, 60_000)

  it('sign, and leave it to the other one to have it sent; a cancellation costs what its step says', async () => {
    const { offer } = await order([{ from: 1, bps: 2_500 }])
    const { dealKit, deals } = passenger.client
    const text = writeSigned(await dealKit.sign(offer, { act: 'Funding' }, YES))
    await driver.client.dealKit.send(await readSigned(text, await driver.client.dealKit.place()))
    await until('the nodes tell of it', async () => (await deals.status(offer.deal)).state === 'funded')
    const before = await tokensOf(driver)
    const verdict = cabRide.cancellation(offer, await dealKit.place())
    const signature = await signVerdict(offer, verdict, passenger.account.eth, YES)
    await deals.evaluate(offer.deal, cabRide.cancelled(offer, signature))
    await isClosed(driver, offer)
    expect((await tokensOf(driver)) - before).toBe((10n * TEA) / 4n)
    const coins = await Promise.all(
      [passenger, driver].map(async ({ client }) => (await client.balances()).gas),
    )
    expect(coins).toEqual([0n, 0n])
  }, 60_000)
})
