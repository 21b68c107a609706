import { decodeFunctionData, zeroHash, type Hex } from 'viem'
import { abis } from '@teahouse/protocol/chain'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Call } from '../chain/call.ts'
import type { Chain } from '../chain/chain.ts'
import { memoryStore } from '../storage/store.ts'
import { createDealKit } from './kit.ts'
import { NOW, OFFERS, PEOPLE, PLACE } from './testing/deals.ts'
import type { DealTerms } from './terms.ts'

const OFFER = OFFERS[0]!
const YES = { confirm: () => true }

let storage: ReturnType<typeof memoryStore>
let sent: Call[]
let funded: DealTerms[]
let tokenReads: number

function kit(who: keyof typeof PEOPLE = 'payer') {
  const chain = {
    network: { chainId: PLACE.chainId, evaluators: PLACE.evaluators },
    reader: {
      readContract: async ({ functionName }: { functionName: string }) => {
        tokenReads++
        return functionName === 'symbol' ? 'TEA' : 6
      },
    },
    contracts: {
      Escrow: { address: PLACE.escrow },
      Token: {
        address: PLACE.escrow,
        read: {
          eip712Domain: async () => ['0x0f', 'Token', '1', BigInt(PLACE.chainId), PLACE.escrow, zeroHash, []],
          nonces: async () => 7n,
        },
      },
    },
    read: (_: string, task: () => unknown) => task(),
    write: async (call: Call) => (sent.push(call), { hash: zeroHash, gasUsed: 1n, blockNumber: 1n }),
  } as unknown as Chain
  const deals = {
    terms: async () => OFFER.terms,
    view: () => expect.unreachable(),
    fund: async (terms: DealTerms) => {
      // What the deal is about is on disk before any money moves.
      expect(await storage.keys('deal-offers/scope/')).toHaveLength(1)
      funded.push(terms)
      return { hash: zeroHash as Hex, gasUsed: 1n, blockNumber: 1n, deal: OFFER.deal, terms }
    },
  }
  const account = { eth: PEOPLE[who] } as unknown as Parameters<typeof createDealKit>[0]['account']
  return createDealKit({ chain, account, deals, storage, scope: 'scope', now: () => NOW * 1_000 })
}

beforeEach(() => {
  storage = memoryStore()
  ;[sent, funded, tokenReads] = [[], [], 0]
})

describe('the kit of a client', () => {
  it('knows where deals are made, and takes evaluators of one’s own', async () => {
    const mine = kit()
    expect(await mine.place()).toEqual(PLACE)
    expect((await mine.place({ CoinToss: PLACE.escrow })).evaluators['CoinToss']).toBe(PLACE.escrow)
    expect(tokenReads).toBe(2)
  })

  it('funds what was confirmed, and keeps what it is about', async () => {
    const shown: string[] = []
    await kit().fund(OFFER, { confirm: (sentence) => (shown.push(sentence), true) })
    expect(shown[0]).toMatch(/^Signing this, the payer agrees that .*5 TEA/)
    expect(funded).toEqual([OFFER.terms])
    expect(await kit().offers.get(OFFER.deal)).toEqual(OFFER)
    expect(await kit().offers.list()).toEqual([OFFER.deal])
  })

  it('lets somebody without coins sign, and somebody else send it with exactly the allowance that it takes', async () => {
    const signed = await kit('payee').sign(OFFER, { act: 'Acceptance' }, YES)
    expect(signed.permit).toMatchObject({ value: OFFER.terms.collateral })
    await kit('stranger').send(signed)
    const [{ functionName, args }] = sent as [Call]
    expect(functionName).toBe('multicall')
    const parts = (args[0] as Hex[]).map((data) => decodeFunctionData({ abi: abis.Escrow, data }))
    expect(parts.map((part) => part.functionName)).toEqual(['tryPermitFor', 'acceptFor'])
    expect(parts[0]!.args?.slice(0, 2)).toEqual([PEOPLE.payee.address, OFFER.terms.collateral])
  })

  it('sends what locks nothing as it is', async () => {
    await kit('stranger').send(await kit().sign(OFFER, { act: 'Release' }, YES))
    expect(sent[0]).toMatchObject({ contract: 'Escrow', functionName: 'releaseFor' })
  })

  it('reads a deal that is on chain with what was agreed on', async () => {
    expect(await kit().onChain(OFFER.deal, OFFER.data)).toEqual(OFFER)
    await expect(kit().onChain(OFFER.deal, '0x12')).rejects.toMatchObject({ code: 'BAD_OFFER' })
  })
})

describe('when it must refuse', () => {
  it('to fund what was not confirmed: nothing is kept or sent', async () => {
    await expect(kit().fund(OFFER, { confirm: () => false })).rejects.toMatchObject({ code: 'NOT_SIGNED' })
    expect([funded, await kit().offers.list()]).toEqual([[], []])
  })

  it('a kept offer that was damaged', async () => {
    await kit().offers.put(OFFER)
    await storage.set(`deal-offers/scope/${OFFER.deal}`, '{}')
    await expect(kit().offers.get(OFFER.deal)).rejects.toMatchObject({ code: 'CORRUPT' })
  })
})
