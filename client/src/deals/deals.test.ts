import { zeroAddress, type Address, type Hex } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { createAccount } from '../account/account.ts'
import type { Call } from '../chain/call.ts'
import type { Chain } from '../chain/chain.ts'
import { CallError } from '../chain/errors.ts'
import { memoryStore } from '../storage/store.ts'
import { createDeals } from './deals.ts'
import { dealId, type DealTerms } from './terms.ts'

const address = (digit: string): Address => `0x${digit.repeat(40)}`
const ESCROW = address('e')
const OPEN = { payee: address('2'), arbiter: address('3'), amount: 5_000_000n }
const TERMS: DealTerms = {
  payer: address('1'),
  ...OPEN,
  evaluator: zeroAddress,
  collateral: 0n,
  arbiterFee: 0n,
  bond: 0n,
  deliverBy: 1_800_003_600,
  disputeWindow: 60,
  rulingWindow: 60,
  defaultToPayee: 5_000,
  appFeeRecipient: zeroAddress,
  appFeeBps: 0,
  details: `0x${'00'.repeat(32)}`,
}
const account = createAccount()

let storage: ReturnType<typeof memoryStore>
let onChain: Map<Hex, DealTerms>
let state: number
let now: number
let allowance: bigint
/** Told every other transaction. */
let sent: (call: Call) => void
/** What happens to the transaction that locks the amount. */
let fund: (terms: DealTerms) => void
beforeEach(() => {
  storage = memoryStore()
  onChain = new Map()
  state = 2
  now = 1_800_000_000_000
  fund = lock
  allowance = 10n ** 12n
  sent = () => undefined
})

const lock = (terms: DealTerms) => void onChain.set(dealId(terms, 31_337, ESCROW), terms)

function deals(scope = 'chain') {
  const chain = {
    network: { chainId: 31_337 },
    account,
    reader: {
      readContract: async ({ functionName }: { functionName: string }) =>
        functionName === 'allowance' ? allowance : 10n ** 12n,
      getContractEvents: async ({ args }: { args: { deal: Hex } }) =>
        onChain.has(args.deal) ? [{ args: { deal: args.deal, ...onChain.get(args.deal)! } }] : [],
    },
    contracts: {
      Token: { address: address('a') },
      Escrow: { address: ESCROW, read: { deal: async () => ({ state, endsAt: 0, left: 0n }) } },
    },
    read: (_: string, task: () => unknown) => task(),
    allow: async (_: string, amount: bigint) =>
      sent({ action: 'approve', contract: 'Token', functionName: 'approve', args: [amount] }),
    write: async (call: Call) => {
      if (call.functionName === 'fund') fund(call.args[0] as DealTerms)
      else sent(call)
      return { hash: '0x01', gasUsed: 1n, blockNumber: 1n }
    },
  } as unknown as Chain
  return createDeals({ chain, account, storage, scope, now: () => now })
}

/** The process ends while the transaction is under way; the id as the caller was told. */
async function interrupted(after: (terms: DealTerms) => void = () => undefined): Promise<Hex> {
  let told: Hex | undefined
  fund = (terms) => {
    after(terms)
    throw new CallError('no answer', { code: 'NO_CHAIN', rpcUrl: '' })
  }
  const opening = deals().open({ ...OPEN, onOpening: (deal) => (told = deal) })
  await expect(opening).rejects.toMatchObject({ code: 'NO_CHAIN' })
  return told!
}

describe('opening a deal', () => {
  it('writes its terms down before anything is sent, and forgets them with the receipt', async () => {
    let before: unknown
    let told: Hex | undefined
    const keys: string[][] = []
    fund = (terms) => ((before = told), lock(terms))
    const onOpening = (deal: Hex) => {
      told = deal
      void storage.keys('deals/').then((found) => keys.push(found))
    }
    const { deal } = await deals().open({ ...OPEN, onOpening })
    expect([before, keys]).toEqual([deal, [[`deals/chain/${deal}`]]])
    expect(await deals().pending()).toEqual([])
  })

  it('is found again if its transaction got through and its receipt did not', async () => {
    const deal = await interrupted(lock)
    expect(await deals().pending()).toMatchObject([{ deal, state: 'funded', terms: OPEN }])
    state = 5
    expect(await deals().pending()).toEqual([])
  })

  it('is found again if nobody knows whether it got through, until it is too late to', async () => {
    const deal = await interrupted()
    expect(await deals().status(deal)).toMatchObject({ deal, state: 'opening', terms: OPEN })
    expect(await deals().pending()).toMatchObject([{ deal, state: 'opening' }])
    expect(await deals('another chain').pending()).toEqual([])
    now += 3_601_000
    expect(await deals().pending()).toEqual([])
    await expect(deals().status(deal)).rejects.toMatchObject({ code: 'UNKNOWN_DEAL' })
  })

  it('leaves nothing behind if the chain refuses it', async () => {
    fund = () => {
      throw new CallError('no', { code: 'REVERTED', action: 'open', reason: 'no', args: [] })
    }
    await expect(deals().open(OPEN)).rejects.toMatchObject({ code: 'REVERTED' })
    expect(await deals().pending()).toEqual([])
  })
})

describe('taking a step', () => {
  const PARTIES = { payer: account.address, payee: address('2'), arbiter: address('3') }
  const terms = { ...TERMS, ...PARTIES, bond: 9n }
  const deal = dealId(terms, 31_337, ESCROW)
  const calls: [string, unknown][] = []
  beforeEach(() => {
    calls.length = 0
    onChain.set(deal, terms)
    allowance = 8n
    sent = ({ functionName, args }) => void calls.push([functionName, args.at(-1)])
  })

  it('lets the escrow take the bond first', async () => {
    await deals().dispute(deal)
    expect(calls).toEqual([
      ['approve', 9n],
      ['dispute', terms],
    ])
  })

  it('names a total for a part, and takes an offer back', async () => {
    await deals().releasePart(deal, 5n)
    await expect(deals().refund(deal)).rejects.toMatchObject({ code: 'NOT_A_PARTY' })
    state = 1
    await deals().refund(deal)
    expect(calls).toEqual([
      ['releasePart', 5n],
      ['refund', terms],
    ])
    await expect(deals().answer(deal)).rejects.toMatchObject({ code: 'WRONG_STATE' })
  })
})

describe('when it must refuse', () => {
  it.each(['', '{}', '0x12'])('terms that were damaged on disk: %s', async (text) => {
    const deal: Hex = `0x${'5f'.repeat(32)}`
    await storage.set(`deals/chain/${deal}`, text)
    await expect(deals().status(deal)).rejects.toMatchObject({ code: 'CORRUPT' })
  })
})
