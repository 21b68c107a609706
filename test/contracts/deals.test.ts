import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { hashTypedData, type Address, type Hex, zeroAddress } from 'viem'
import {
  ACT_TYPES,
  actTypedData,
  checkTerms,
  type DealAct,
  DealError,
  dealId,
  type DealTerms,
  fundingTypedData,
} from '../../client/src/deals/terms.ts'
import { isRevert } from '../../protocol/src/chain/index.ts'
import { simulatedNetwork } from './support/simulated.ts'

const CHAIN_ID = 31337
const ACTS = Object.keys(ACT_TYPES) as DealAct['act'][]

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((b): Hex => `0x${Buffer.from(b).toString('hex')}`)
const address = fc.oneof({ arbitrary: hex(20), weight: 9 }, fc.constant<Address>(zeroAddress))
const uint = (bits: number) =>
  fc.oneof(fc.bigInt(0n, 2n ** BigInt(bits) - 1n), fc.bigInt(0n, 20n), fc.constant(2n ** BigInt(bits) - 1n))
const seconds = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 40 - 1 }))

/** Any terms that fit their fields, sane or not. */
const anyTerms = fc.record<DealTerms>({
  payer: address,
  payee: address,
  arbiter: address,
  evaluator: address,
  amount: uint(128),
  collateral: uint(128),
  arbiterFee: uint(128),
  bond: uint(128),
  deliverBy: seconds,
  disputeWindow: seconds,
  rulingWindow: seconds,
  defaultToPayee: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
  appFeeRecipient: address,
  appFeeBps: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
  details: hex(32),
})

describe('deals, in TypeScript and on chain', () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  before(async () => {
    chain = await simulatedNetwork()
  })
  after(() => chain.connection.close())

  it('have the same ids, and the same digest for the funding', async () => {
    const { Escrow } = chain.alice.contracts
    await fc.assert(
      fc.asyncProperty(anyTerms, seconds, async (terms, deadline) => {
        assert.equal(dealId(terms, CHAIN_ID, Escrow.address), await Escrow.read.dealId([terms]))
        const typed = fundingTypedData(terms, deadline, CHAIN_ID, Escrow.address)
        assert.equal(hashTypedData(typed), await Escrow.read.fundingDigest([terms, deadline]))
      }),
      { numRuns: 50 },
    )
  })

  it('have the same digests for everything else that is signed', async () => {
    const { Escrow } = chain.alice.contracts
    await fc.assert(
      fc.asyncProperty(hex(32), address, uint(128), seconds, async (deal, advancer, amount, deadline) => {
        for (const [index, act] of ACTS.entries()) {
          const value = act === 'Dispute' ? BigInt(advancer) : amount
          const signed = { act, deal, advancer, total: amount, payeeAmount: amount, deadline } as DealAct
          const typed = actTypedData(signed, CHAIN_ID, Escrow.address)
          const onChain = await Escrow.read.actDigest([index, deal, value, deadline])
          assert.equal(hashTypedData(typed as Parameters<typeof hashTypedData>[0]), onChain, act)
        }
      }),
      { numRuns: 20 },
    )
  })

  it('are taken or refused alike', async () => {
    const { alice, bob, client } = chain
    const { Escrow } = alice.contracts
    const { timestamp } = await client.getBlock()
    const now = Number(timestamp)
    const nearly: fc.Arbitrary<DealTerms> = anyTerms.chain((odd) =>
      fc
        .subarray(Object.keys(odd) as (keyof DealTerms)[], { maxLength: 2 })
        .map((fields) => ({ ...sane(), ...Object.fromEntries(fields.map((field) => [field, odd[field]])) })),
    )
    const sane = (): DealTerms => ({
      payer: alice.address,
      payee: bob.address,
      arbiter: Escrow.address,
      evaluator: zeroAddress,
      amount: 1_000n,
      collateral: 10n,
      arbiterFee: 5n,
      bond: 7n,
      deliverBy: now + 100_000,
      disputeWindow: 100,
      rulingWindow: 100,
      defaultToPayee: 5_000,
      appFeeRecipient: bob.address,
      appFeeBps: 10,
      details: `0x${'07'.repeat(32)}`,
    })
    const counts = { taken: 0, refused: 0 }
    await fc.assert(
      fc.asyncProperty(nearly, async (terms) => {
        const mine = { ...terms, payer: alice.address, amount: terms.amount % 10n ** 12n }
        const refusedHere = fails(() => checkTerms(mine, now))
        const refusedThere = await Escrow.simulate.fund([mine], { account: alice.address }).then(
          () => false,
          (error: unknown) => {
            assert.ok(isRevert(error, 'BadTerms'), String(error))
            return true
          },
        )
        assert.equal(refusedHere, refusedThere)
        counts[refusedHere ? 'refused' : 'taken']++
      }),
      { numRuns: 150 },
    )
    assert.ok(counts.taken > 10 && counts.refused > 10, JSON.stringify(counts))
  })
})

function fails(task: () => void): boolean {
  try {
    task()
    return false
  } catch (error) {
    assert.ok(error instanceof DealError)
    return true
  }
}
