import type { Hash, Hex } from 'viem'
import {
  cabRide,
  insurance,
  marketplace,
  newRide,
  plain,
  type Agreed,
  type DealPlace,
  type Parties,
} from '@teahouse/client'
import { actTypedData, fundingTypedData, dealId } from '../../../client/src/deals/terms.ts'
import { signPermit } from '../../../client/src/chain-relay/permit.ts'
import type { Flow, GasChain } from './gas-chain.ts'

const CHAIN_ID = 31337
const AMOUNT = 10_000_000n
const WINDOWS = { disputeWindow: 3_600, rulingWindow: 3_600, arbiterFee: 0n, bond: 0n }
const SALT: Hex = `0x${'5a'.repeat(32)}`

type Send = () => Promise<Hash>

/** Deals from alice to bob, with carol as the arbiter; another one is in the escrow already. */
export async function dealFlows(chain: GasChain) {
  const { alice, bob, addresses, flow, now, deploy } = chain
  const carol = await chain.another()
  const names = ['CabRide', 'Milestones', 'ParametricInsurance']
  const evaluators = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await deploy(name)] as const)),
  )
  const unit = { symbol: 'TEA', decimals: 6 }
  const place: DealPlace = { chainId: CHAIN_ID, escrow: addresses.Escrow, unit, evaluators }
  const parties: Parties = { payer: alice.address, payee: bob.address }
  const arbitrated = { ...parties, arbiter: carol.address }
  const until = (await now()) + 86_400

  const fund =
    ({ terms }: Agreed): Send =>
    () =>
      alice.contracts.Escrow.write.fund([terms])
  const show =
    ({ terms }: Agreed, evidence: Hex): Send =>
    () =>
      bob.contracts.Escrow.write.evaluate([terms, evidence])
  const idOf = ({ terms }: Agreed) => dealId(terms, CHAIN_ID, addresses.Escrow)

  let salts = 0
  const sale = () =>
    plain.terms(
      arbitrated,
      {
        ...{ amount: AMOUNT, collateral: 0n, what: `a pot, ${salts++}`, deliverBy: until },
        ...{ toPayeeIfArbiterSilent: 5_000, salt: SALT, ...WINDOWS },
      },
      place,
    )
  const ride = (steps: Parameters<typeof newRide>[0] = []) => {
    const made = newRide(steps)
    const params = {
      fare: AMOUNT,
      codeHash: made.ride.codeHash,
      steps,
      arriveBy: until,
      toDriverIfSilent: 0,
      ...WINDOWS,
    }
    return { agreed: cabRide.terms(parties, { ...params, rulingWindow: 0 }, place), code: made.code }
  }

  await flow(fund(sale())) // somebody else's
  const one = sale()
  const released = await flow(fund(one), () => alice.contracts.Escrow.write.release([one.terms]))
  const arriving = ride()
  const steps = [1, 2].map((from) => ({ from, bps: 2_500 * from }))
  const leaving = ride(steps)
  const cancellation = cabRide.cancellation(leaving.agreed, place)
  const cancelled = await alice.account.signTypedData(cancellation.typed)
  const disputed = sale()
  return {
    released,
    relayed: await relayed(sale()),
    ride: await flow(
      fund(arriving.agreed),
      show(arriving.agreed, cabRide.arrived(arriving.agreed, arriving.code)),
    ),
    cancelled: await flow(
      fund(leaving.agreed),
      show(leaving.agreed, cabRide.cancelled(leaving.agreed, cancelled)),
    ),
    insurance: await insured(),
    milestones: await inMilestones(),
    ruled: await flow(
      fund(disputed),
      () => bob.contracts.Escrow.write.dispute([disputed.terms]),
      () => carol.contracts.Escrow.write.rule([disputed.terms, AMOUNT / 2n]),
    ),
  }

  async function insured(): Promise<Flow> {
    const from = await now()
    const params = {
      ...{
        premium: AMOUNT / 10n,
        payout: AMOUNT,
        oracle: carol.address,
        subject: 'rain at Hangzhou, mm a day',
      },
      ...{ threshold: 50n, from, until, salt: SALT, ...WINDOWS, rulingWindow: 0 },
    }
    const agreed = insurance.terms(parties, params, place)
    const reading = { value: 63n, time: from }
    const typed = insurance.reading(agreed, place, reading)
    const signature = await carol.account.signTypedData(typed)
    return flow(
      fund(agreed),
      () => bob.contracts.Escrow.write.accept([agreed.terms]),
      show(agreed, insurance.happened(agreed, reading, signature)),
    )
  }

  async function inMilestones(): Promise<Flow> {
    const milestones = ['drawings', 'the pot'].map((title) => ({ title, amount: AMOUNT / 2n }))
    const params = {
      milestones,
      deliverBy: until,
      toPayeeIfSilent: 0,
      salt: SALT,
      ...WINDOWS,
      rulingWindow: 0,
    }
    const agreed = marketplace.terms(parties, params, place)
    const inspected = async (done: number) => {
      const { typed } = marketplace.inspection(agreed, place, done)
      return marketplace.inspected(agreed, done, await alice.account.signTypedData(typed))
    }
    return flow(fund(agreed), show(agreed, await inspected(1)), show(agreed, await inspected(2)))
  }

  /** Alice has no coins: she signs a permit, the funding and the release, and bob sends all. */
  async function relayed(agreed: Agreed): Promise<Flow> {
    const { terms } = agreed
    const { Escrow, Token } = bob.contracts
    const deadline = until
    await alice.contracts.Token.write.approve([addresses.Escrow, 0n])
    const permit = await signPermit(alice.account, Token, {
      ...{ spender: addresses.Escrow, value: AMOUNT, deadline: BigInt(deadline) },
    })
    const funding = await alice.account.signTypedData(
      fundingTypedData(terms, deadline, CHAIN_ID, addresses.Escrow),
    )
    const release = await alice.account.signTypedData(
      actTypedData({ act: 'Release', deal: idOf(agreed), deadline }, CHAIN_ID, addresses.Escrow),
    )
    const parts = [chain.encode('tryPermitFor', permit), chain.encode('fundFor', [terms, deadline, funding])]
    const done = await flow(
      () => Escrow.write.multicall([parts]),
      () => Escrow.write.releaseFor([terms, deadline, release]),
    )
    await alice.contracts.Token.write.approve([addresses.Escrow, 2n ** 256n - 1n])
    return done
  }
}
