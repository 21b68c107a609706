import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { readDeploymentParameters } from '@nomicfoundation/hardhat-ignition/helpers'
import { parseEventLogs, type Address, type Hex } from 'viem'
import { abis } from '../../protocol/src/chain/index.ts'
import { readFacts, type Facts } from '../../scripts/simulate/facts.ts'
import {
  feeIncome,
  settled,
  split,
  streamed,
  type Bucket,
  type CreditRule,
} from '../../scripts/simulate/model/income.ts'
import { MONTH } from '../../scripts/simulate/model/money.ts'
import { simulatedNetwork } from './support/simulated.ts'

const PARAMETERS = join(import.meta.dirname, '../../ignition/parameters/public.json5')
const DAY = 86_400
const UNIT = 1e6
const LIMIT = 20
/** 200 at this limit bring 6.7 tokens a month before the tenth that is burned. */
const MEMBERS = 200

describe('the simulation and the contracts, with the parameters of a public network', () => {
  let chain: Awaited<ReturnType<typeof simulatedNetwork>>
  let facts: Facts
  let rule: CreditRule
  let bucket: Bucket
  let term: bigint
  let fee: bigint
  const id = 1
  const commitments = Array.from({ length: MEMBERS }, (_, at) => BigInt(at + 1))

  before(async () => {
    facts = await readFacts()
    const { Teahouse: parameters } = await readDeploymentParameters(PARAMETERS)
    chain = await simulatedNetwork(parameters)
    rule = {
      creditSeconds: BigInt(facts.staking.creditSeconds),
      capDivisor: BigInt(facts.staking.capDivisor),
    }
    term = BigInt(facts.membership.term)
    fee = BigInt(Math.round(facts.membership.feePerMessage * UNIT)) * BigInt(LIMIT)
    const { OperatorStaking } = chain.alice.contracts
    const { address } = chain.alice
    await OperatorStaking.write.createOperator([address, address, chain.addresses.MembershipRegistry])
    const staked = BigInt(facts.staking.minimum * UNIT)
    bucket = { staked, credit: 0n, updated: await timeOf(OperatorStaking.write.stake([id, 0, staked])) }
  })

  async function timeOf(sending: Promise<Hex>): Promise<bigint> {
    const receipt = await chain.client.getTransactionReceipt({ hash: await sending })
    assert.equal(receipt.status, 'success')
    return (await chain.client.getBlock({ blockNumber: receipt.blockNumber })).timestamp
  }

  async function join200(holder: Address): Promise<bigint> {
    const list = commitments.map((idCommitment) => ({ idCommitment, rateLimit: LIMIT, holder, home: id }))
    let time = 0n
    for (let at = 0; at < MEMBERS; at += 50) {
      const some = list.slice(at, at + 50)
      time = await timeOf(chain.bob.contracts.MembershipRegistry.write.registerMany([some, 10n ** 12n]))
    }
    return time
  }

  it('have one income credit, to the unit', async () => {
    for (const days of [1, 10, 40]) {
      await chain.testClient.increaseTime({ seconds: days * DAY })
      await chain.testClient.mine({ blocks: 1 })
      const { timestamp } = await chain.client.getBlock()
      const [, credit] = await chain.alice.contracts.OperatorStaking.read.incomeOf([id])
      assert.equal(credit, settled(bucket, timestamp, rule).credit, `after ${days} days more`)
    }
  })

  it('pay one fee for a month of members, to the unit, and the simulation’s a month to five digits', async () => {
    await join200(chain.bob.address)
    const { MembershipRegistry } = chain.alice.contracts
    const since = await Promise.all(
      commitments.map(async (commitment) => {
        const { claimedUntil } = await MembershipRegistry.read.member([commitment, chain.bob.address])
        return BigInt(claimedUntil)
      }),
    )
    await chain.testClient.increaseTime({ seconds: MONTH })
    const keys = commitments.map((idCommitment) => ({ idCommitment, holder: chain.bob.address }))
    const hash = await MembershipRegistry.write.claimFees([keys])
    const until = await timeOf(Promise.resolve(hash))
    const { logs } = await chain.client.getTransactionReceipt({ hash })
    const [claimed] = parseEventLogs({ abi: abis.MembershipRegistry, eventName: 'FeesClaimed', logs })
    const earned = since.reduce((sum, from) => sum + streamed(fee, from, until, term), 0n)
    const { paid, burned } = split(earned, BigInt(facts.membership.burnDivisor))
    assert.deepEqual([claimed!.args.paid, claimed!.args.burned], [paid, burned])
    const expected = MEMBERS * feeIncome(LIMIT, facts)
    assert.ok(Math.abs(Number(paid) / UNIT / expected - 1) < 1e-4, `${paid} and ${expected}`)
  })
})
