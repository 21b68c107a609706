import { join } from 'node:path'
import { isAddressEqual, zeroAddress, type Address, type PublicClient } from 'viem'
import { expect, it } from 'vitest'
import type { contractsAt, LocalNetwork } from '@teahouse/protocol/chain'
import { readRecord } from '../../../scripts/deploy/record.ts'
import { BLOB_DAY_PRICES, RECEIPT_LIABILITY, STORE_QUERY_PRICE } from '../../../scripts/start/parameters.ts'
import type { Run } from './run.ts'

/** A network whose walk is over, and a way to its chain. */
export interface Walked {
  readonly run: Run
  readonly network: LocalNetwork
  readonly chain: PublicClient
  readonly at: ReturnType<typeof contractsAt<PublicClient>>
}

const BURNED: Address = '0x000000000000000000000000000000000000dEaD'
const ALL = { fromBlock: 0n, strict: true } as const
/** IEscrow.Outcome */
const [RELEASED, RULED, EVALUATED] = [0, 3, 6]

/** Where the money has gone, in the chain's own words. */
export function moneyTests(walked: () => Walked): void {
  it('has paid the third operator exactly the prices of a query and of a file, by a voucher each', async () => {
    const { at } = walked()
    const { payee } = await at.OperatorStaking.read.operator([3])
    const collected = await at.PaymentChannels.getEvents.Collected({ payee }, ALL)
    expect(collected.map(({ args }) => args.paid)).toEqual([STORE_QUERY_PRICE, BLOB_DAY_PRICES[2]])
    expect(await at.Token.read.balanceOf([payee])).toBe(STORE_QUERY_PRICE + BLOB_DAY_PRICES[2]!)
    for (const [operator, earned] of [
      [1, BLOB_DAY_PRICES[0]],
      [2, 0n],
    ] as const) {
      const other = (await at.OperatorStaking.read.operator([operator])).payee
      expect(await at.Token.read.balanceOf([other])).toBe(earned)
    }
  })

  it('has slashed the one who flooded: half of the deposit is burned, half is paid to a node', async () => {
    const { network, at } = walked()
    const [slashed, ...more] = await at.MembershipRegistry.getEvents.MemberSlashed({}, ALL)
    expect(more).toEqual([])
    const args = definite(slashed!.args)
    const { idCommitment, holder, burned, rewarded, slasher } = args
    const { rateLimit } = await at.MembershipRegistry.read.member([idCommitment, holder])
    const [deposit] = await at.MembershipRegistry.read.price([rateLimit])
    expect(burned + rewarded).toBe(deposit)
    expect(burned).toBe(deposit - deposit / 2n)
    expect(await sentBy(at, network.contracts.MembershipRegistry, BURNED)).toEqual([burned])
    expect(await at.Token.read.balanceOf([slasher])).toBe(rewarded)
    const commits = await at.MembershipRegistry.getEvents.SlashCommitted({ slasher }, ALL)
    expect(slashed!.blockNumber - commits[0]!.blockNumber).toBeGreaterThanOrEqual(2n)
  })

  it('has closed one deal by release, one by ruling and three by evaluators, and holds nothing for them', async () => {
    const { network, at } = walked()
    const closed = await at.Escrow.getEvents.DealClosed({}, ALL)
    expect(closed.map(({ args: { toPayer, toPayee, toArbiter } }) => [toPayer, toPayee, toArbiter])).toEqual([
      [0n, 10_000_000n, 0n],
      [4_500_000n, 3_000_000n, 500_000n],
      [0n, 5_000_000n, 0n],
      [4_000_000n, 1_000_000n, 0n],
      [4_000_000n, 500_000n, 0n],
    ])
    const ends = [RELEASED, RULED, EVALUATED, EVALUATED, EVALUATED]
    expect(closed.map(({ args: { outcome } }) => outcome)).toEqual(ends)
    expect(await at.Token.read.balanceOf([network.contracts.Escrow])).toBe(0n)
  })

  it('has had the ride judged by the evaluator of this deployment, and its driver paid', async () => {
    const { run, network, chain, at } = walked()
    const record = await readRecord(join(run.home, 'deployment.json'))
    const funded = await at.Escrow.getEvents.DealFunded({}, ALL)
    const rides = funded.filter(({ args }) => args.evaluator === record.parts['CabRide']!.address)
    expect(rides).toHaveLength(2) // the other one is cancelled
    const { deal, payee, payer, arbiter } = definite(rides[0]!.args)
    expect(arbiter).toBe(zeroAddress)
    expect(await sentBy(at, network.contracts.Escrow, payee)).toContain(5_000_000n)
    const [closed] = await at.Escrow.getEvents.DealClosed({ deal }, ALL)
    const { from } = await chain.getTransaction({ hash: closed!.transactionHash })
    expect(isAddressEqual(from, payee)).toBe(true)
    expect(payee).not.toBe(payer)
  })

  it('has had five shares of an envelope claimed, each by whom it pays, and the sixth given back', async () => {
    const { network, at } = walked()
    const created = await at.RedEnvelope.getEvents.EnvelopeCreated({}, ALL)
    expect(created.map(({ args: { terms } }) => [terms!.gated, terms!.amount, terms!.shares])).toEqual([
      [false, 3_000_000n, 6],
      [true, 1_000_000n, 1],
    ])
    const { envelope, creator } = definite(created[0]!.args)
    const claimed = await at.RedEnvelope.getEvents.ShareClaimed({ envelope }, ALL)
    const [refunded, ...more] = await at.RedEnvelope.getEvents.EnvelopeRefunded({ envelope }, ALL)
    expect([claimed.length, more.length]).toEqual([5, 0])
    const shares = claimed.map(({ args }) => definite(args))
    expect(new Set([creator, ...shares.map(({ recipient }) => recipient)]).size).toBe(6)
    for (const { recipient, amount } of shares)
      expect(await sentBy(at, network.contracts.RedEnvelope, recipient)).toContain(amount)
    const left = 3_000_000n - shares.reduce((sum, { amount }) => sum + amount, 0n)
    expect(left).toBeGreaterThan(0n)
    expect(refunded!.args.amount).toBe(left)
    expect(await sentBy(at, network.contracts.RedEnvelope, creator)).toEqual([left])
    expect(await at.Token.read.balanceOf([network.contracts.RedEnvelope])).toBe(0n)
  })

  it('has had the envelope of a group claimed by a proof, which somebody else sent', async () => {
    const { network, chain, at } = walked()
    const [claimed, ...more] = await at.RedEnvelope.getEvents.GatedShareClaimed({}, ALL)
    expect(more).toEqual([])
    const { envelope, recipient, nullifier, amount } = definite(claimed!.args)
    expect(await at.RedEnvelope.read.nullifierUsed([envelope, nullifier])).toBe(true)
    expect(await sentBy(at, network.contracts.RedEnvelope, recipient)).toContain(amount)
    const { from } = await chain.getTransaction({ hash: claimed!.transactionHash })
    expect(isAddressEqual(from, recipient)).toBe(false)
  })

  it('has had two nodes asked for a file: one answered, one had dropped it and was convicted', async () => {
    const { chain, at } = walked()
    const { RetrievalCourt, OperatorStaking } = at
    const answered = await RetrievalCourt.getEvents.Answered({}, ALL)
    const unanswered = await RetrievalCourt.getEvents.Unanswered({}, ALL)
    const slashed = await OperatorStaking.getEvents.Slashed({ adjudicator: RetrievalCourt.address }, ALL)
    expect([answered.length, unanswered.length, slashed.length]).toEqual([1, 1, 1])

    const [answer, silence, slash] = [answered, unanswered, slashed].map(([event]) => event!)
    expect(answer!.args.id).not.toBe(silence!.args.id)
    expect(slash!.transactionHash).toBe(silence!.transactionHash)
    const { id, own, rewarded, beneficiary } = definite(slashed[0]!.args)
    const reward = RECEIPT_LIABILITY / 10n
    expect({ id, own, rewarded }).toEqual({ id: 3, own: RECEIPT_LIABILITY, rewarded: reward })
    const stakes = await Promise.all([1, 2, 3].map((one) => OperatorStaking.read.provision([one, 1])))
    expect(stakes.map(({ tokens }) => tokens)).toEqual([40_000_000n, 40_000_000n, 39_000_000n])
    expect(await sentBy(at, OperatorStaking.address, BURNED)).toEqual([RECEIPT_LIABILITY - reward])
    expect(await sentBy(at, OperatorStaking.address, beneficiary)).toEqual([reward])
    const { node } = definite(answered[0]!.args)
    expect(node).toBe((await OperatorStaking.read.operator([1])).node)
    expect(await chain.getBalance({ address: RetrievalCourt.address })).toBe(0n)
  })

  it('has left the general stake of the three nodes whole', async () => {
    const { at } = walked()
    for (const operator of [1, 2, 3])
      expect((await at.OperatorStaking.read.provision([operator, 0])).tokens).toBe(150_000_000n)
  })
}

/** The amounts of all token transfers from one address to another. */
async function sentBy(at: Walked['at'], from: Address, to: Address): Promise<bigint[]> {
  const events = await at.Token.getEvents.Transfer({ from, to }, ALL)
  return events.map(({ args }) => definite(args).value)
}

/** viem types every field of an event as optional; a strict one has them all. */
function definite<T extends object>(args: T): { [K in keyof T]-?: NonNullable<T[K]> } {
  return args as { [K in keyof T]-?: NonNullable<T[K]> }
}
