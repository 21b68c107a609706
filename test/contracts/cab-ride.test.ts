import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Address, Hex } from 'viem'
import { zeroAddress } from 'viem'
import {
  arrivalEvidence,
  type CabRide,
  cancellationEvidence,
  cancellationTypedData,
  newRide,
  rideDetails,
} from '../../client/src/deals/cab-ride.ts'
import { dealId, type DealTerms } from '../../client/src/deals/terms.ts'
import { isRevert } from '../../protocol/src/chain/index.ts'
import { simulatedNetwork } from './support/simulated.ts'

const CHAIN_ID = 31337
const FARE = 1_000n

describe('a cab ride, in TypeScript and on chain', () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  let evaluator: Address
  before(async () => {
    chain = await simulatedNetwork()
    evaluator = (await chain.connection.viem.deployContract('CabRide')).address
  })
  after(() => chain.connection.close())

  const now = async () => Number((await chain.client.getBlock()).timestamp)

  /** Alice orders `ride` from Bob. */
  async function order(ride: CabRide): Promise<{ terms: DealTerms; deal: Hex }> {
    const { alice, bob, addresses } = chain
    const terms: DealTerms = {
      payer: alice.address,
      payee: bob.address,
      arbiter: zeroAddress,
      evaluator,
      amount: FARE,
      collateral: 0n,
      arbiterFee: 0n,
      bond: 0n,
      deliverBy: (await now()) + 10_000,
      disputeWindow: 0,
      rulingWindow: 0,
      defaultToPayee: 0,
      appFeeRecipient: zeroAddress,
      appFeeBps: 0,
      details: rideDetails(ride),
    }
    await alice.contracts.Escrow.write.fund([terms])
    return { terms, deal: dealId(terms, CHAIN_ID, addresses.Escrow) }
  }

  /** What Bob gets when he shows `evidence`. */
  async function paidFor(terms: DealTerms, evidence: Hex): Promise<bigint> {
    const { bob } = chain
    const before = await bob.contracts.Token.read.balanceOf([bob.address])
    await bob.contracts.Escrow.write.evaluate([terms, evidence])
    return (await bob.contracts.Token.read.balanceOf([bob.address])) - before
  }

  const refused = (terms: DealTerms, evidence: Hex) =>
    assert.rejects(chain.bob.contracts.Escrow.simulate.evaluate([terms, evidence]), (error) =>
      isRevert(error, 'EvaluatorFailed'),
    )

  it('is paid for in full by the code', async () => {
    const { ride, code } = newRide()
    const { terms } = await order(ride)
    assert.equal(await paidFor(terms, arrivalEvidence(ride, code)), FARE)
  })

  it('is paid for in full by the code, whatever its steps', async () => {
    const { ride, code } = newRide([{ from: await now(), bps: 100 }])
    const { terms } = await order(ride)
    assert.equal(await paidFor(terms, arrivalEvidence(ride, code)), FARE)
  })

  it('costs what the last step begun says if the passenger cancels', async () => {
    const { alice } = chain
    const steps = [
      { from: 1, bps: 1_000 },
      { from: 2, bps: 2_500 },
      { from: (await now()) + 5_000, bps: 10_000 },
    ]
    const { ride } = newRide(steps)
    const { terms, deal } = await order(ride)
    const typed = cancellationTypedData(evaluator, CHAIN_ID, deal)
    const evidence = cancellationEvidence(ride, await alice.account.signTypedData(typed))
    assert.equal(await paidFor(terms, evidence), FARE / 4n)
  })

  it('is not paid for by another code, another ride, or the driver’s cancellation', async () => {
    const { bob } = chain
    const [{ ride }, other] = [newRide(), newRide()]
    const { terms, deal } = await order(ride)
    await refused(terms, arrivalEvidence(other.ride, other.code))
    await refused(terms, arrivalEvidence({ ...ride, codeHash: other.ride.codeHash }, other.code))
    const typed = cancellationTypedData(evaluator, CHAIN_ID, deal)
    await refused(terms, cancellationEvidence(ride, await bob.account.signTypedData(typed)))
    const { deal: elsewhere } = await order(newRide().ride)
    const wrong = cancellationTypedData(evaluator, CHAIN_ID, elsewhere)
    await refused(terms, cancellationEvidence(ride, await chain.alice.account.signTypedData(wrong)))
  })
})
