import { signOffer, type Offer as OfferTerms } from '@teahouse/protocol/payments'
import type { Offer } from '@teahouse/protocol/wire'
import { OfferRequest, OfferResponse } from '@teahouse/protocol/wire'
import { hexToBytes, numberToBytes, type Address } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Chain } from '../chain/chain.ts'
import type { NodeRecord } from '../net/directory.ts'
import type { Peer } from '../net/peer.ts'
import { memoryStore, type KeyValueStore } from '../storage/store.ts'
import { createOffers, priceOf, type NodeOffer } from './offers.ts'

const address = (digit: string): Address => `0x${digit.repeat(40)}`
const [CHANNELS, TOKEN, PAYEE] = [address('9'), address('8'), address('2')]
const CHAIN_ID = 31_337
const NOW = 1_800_000_000
const key = privateKeyToAccount(generatePrivateKey())
const NODE: NodeRecord = {
  operatorId: 1,
  node: key.address,
  payee: PAYEE,
  peerId: 'node',
  multiaddrs: [],
  services: ['store'],
  staked: 0n,
  priceHint: 0n,
}
const TERMS: OfferTerms = {
  operatorId: 1,
  payee: PAYEE,
  validUntil: BigInt(NOW + 3_600),
  prices: [
    {
      service: 'store-query',
      price: 1_000n,
      freeQuota: 5,
      quotaWindowSeconds: 60,
      maxUnits: 0,
      maxBytes: 0,
      memberQuota: 0,
    },
  ],
}

/** The offer as a node sends it, signed for `terms` and then changed. */
async function offered(
  change: Partial<Offer> = {},
  terms = TERMS,
  signer = key,
): Promise<Partial<OfferResponse>> {
  const offer: Offer = {
    operatorId: terms.operatorId,
    chainId: BigInt(CHAIN_ID),
    channels: hexToBytes(CHANNELS),
    token: hexToBytes(TOKEN),
    payee: hexToBytes(terms.payee),
    validUntil: terms.validUntil,
    prices: terms.prices.map((entry) => ({ ...entry, price: numberToBytes(entry.price) })),
    signature: hexToBytes(await signOffer(signer, CHANNELS, CHAIN_ID, terms)),
    ...change,
  }
  return { statusCode: 200, offer }
}

let storage: KeyValueStore
let now: () => number
beforeEach(() => {
  storage = memoryStore()
  now = () => NOW * 1_000
})

function fetching(answer: Promise<Partial<OfferResponse>>, asked: { times: number } = { times: 0 }) {
  const contracts = { PaymentChannels: { address: CHANNELS }, Token: { address: TOKEN } }
  const peer = {
    request: async (_node: unknown, _protocol: string, bytes: Uint8Array) => {
      asked.times++
      return OfferResponse.encode({ requestId: OfferRequest.decode(bytes).requestId, ...(await answer) })
    },
  } as unknown as Peer
  const chain = { network: { chainId: CHAIN_ID }, contracts } as unknown as Chain
  return createOffers({ chain, peer, now, storage, scope: 's' })
}

describe('an offer', () => {
  it('that its node signed is taken, and asked for once', async () => {
    const asked = { times: 0 }
    const offers = fetching(offered(), asked)
    expect(priceOf(await offers.get(NODE), 'store-query')).toBe(1_000n)
    expect(priceOf(await offers.get(NODE), 'tea')).toBe(0n)
    expect(asked.times).toBe(1)
  })

  it('binds its node until it ends, also after a restart: a dearer one does not take its place', async () => {
    const [dear, cheap] = [5_000n, 400n].map((price) => ({
      ...TERMS,
      validUntil: TERMS.validUntil + 3_600n,
      prices: TERMS.prices.map((entry) => ({ ...entry, price })),
    }))
    const paid = async (offer: Promise<NodeOffer>) => priceOf(await offer, 'store-query')
    await fetching(offered()).get(NODE)
    expect(await paid(fetching(offered({}, dear)).get(NODE))).toBe(1_000n)
    expect(await paid(fetching(offered({}, dear)).refresh(NODE))).toBe(1_000n)
    now = () => (NOW + 3_601) * 1_000
    expect(await paid(fetching(offered({}, dear)).get(NODE))).toBe(5_000n)
    expect(await paid(fetching(offered({}, cheap)).refresh(NODE))).toBe(400n)
    const moved = { ...NODE, payee: address('3') }
    await expect(fetching(offered({}, cheap)).get(moved)).rejects.toMatchObject({ code: 'BAD_OFFER' })
  })

  it('that was kept and is damaged is asked for again', async () => {
    await fetching(offered()).get(NODE)
    const [key] = await storage.keys('offer/')
    await storage.set(key!, 'AAAA')
    expect(priceOf(await fetching(offered()).get(NODE), 'store-query')).toBe(1_000n)
  })
})

describe('when it must refuse', () => {
  const cheaper = TERMS.prices.map((entry) => ({ ...entry, price: numberToBytes(1n) }))
  it.each<[string, () => Promise<Partial<OfferResponse>>]>([
    ['another chain', () => offered({ chainId: 1n })],
    ['other channels', () => offered({ channels: hexToBytes(TOKEN) })],
    ['another token', () => offered({ token: hexToBytes(CHANNELS) })],
    ['a payee that the chain does not name', () => offered({}, { ...TERMS, payee: address('3') })],
    ['another operator', () => offered({}, { ...TERMS, operatorId: 2 })],
    ['a price that was not signed', () => offered({ prices: cheaper })],
    ['a price of 17 bytes', () => offered({ prices: [{ ...cheaper[0]!, price: new Uint8Array(17) }] })],
    ['a time that was not signed', () => offered({ validUntil: BigInt(NOW + 9_999) })],
    ['a time that is over', () => offered({}, { ...TERMS, validUntil: BigInt(NOW - 1) })],
    ['the signature of another key', () => offered({}, TERMS, privateKeyToAccount(generatePrivateKey()))],
    ['a service twice', () => offered({}, { ...TERMS, prices: [...TERMS.prices, ...TERMS.prices] })],
    ['no signature', () => offered({ signature: new Uint8Array() })],
    ['an address of 19 bytes', () => offered({ payee: new Uint8Array(19) })],
  ])('%s', async (_, answer) => {
    await expect(fetching(answer()).get(NODE)).rejects.toMatchObject({ code: 'BAD_OFFER' })
  })

  it('a node that makes none', async () => {
    const none = Promise.resolve({ statusCode: 500 })
    await expect(fetching(none).get(NODE)).rejects.toMatchObject({
      detail: { code: 'NO_OFFER', status: 500 },
    })
  })
})
