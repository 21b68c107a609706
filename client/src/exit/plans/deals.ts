import type { DeploymentAbis } from '@teahouse/protocol/chain/deployments'
import { type ContractFunctionArgs, type Hex, isAddressEqual, zeroAddress } from 'viem'
import type { ExitContext, ExitItem, ExitPlan, ExitStep } from '../plan.ts'

type Terms = ContractFunctionArgs<DeploymentAbis['Escrow'], 'nonpayable', 'expire'>[0]
type Role = 'payer' | 'payee' | 'advancer'

/** IEscrow.State */
const [OFFERED, FUNDED, CHALLENGED, CLOSED] = [1, 2, 3, 5]
const BPS = 10_000n

/**
 * Every deal that the account is a party of, or deposited a bond for. What the terms foresee is waited for and then called
 * for; an offer that was not accepted is taken back. With `concede` the payer releases and the payee refunds at once. A
 * dispute is a person's decision and never taken here.
 */
export const dealsPlan: ExitPlan = {
  contract: 'Escrow',
  async find(context) {
    const { account, events } = context
    const [paid, earned, bonded] = await Promise.all([
      events('Escrow', 'DealFunded', { payer: account }),
      events('Escrow', 'DealFunded', { payee: account }),
      bondedDeals(context),
    ])
    const roles = new Map<Hex, { role: Role; terms: Terms }>()
    for (const [role, found] of [
      ['advancer', bonded],
      ['payer', paid],
      ['payee', earned],
    ] as const)
      for (const { args } of found) roles.set(args.deal, { role, terms: args })
    const items = [...roles].map(([deal, { role, terms }]) => dealOf(context, deal, role, terms))
    return (await Promise.all(items)).flatMap((item) => (item ? [item] : []))
  },
}

/** Deals with a bond that the account deposited, for whichever side. */
async function bondedDeals({ account, events }: ExitContext) {
  const [disputed, answered] = await Promise.all([
    events('Escrow', 'DealDisputed'),
    events('Escrow', 'DisputeAnswered', { advancer: account }),
  ])
  const mine = disputed.filter(({ args }) => isAddressEqual(args.advancer, account))
  const deals = new Set([...mine, ...answered].map(({ args }) => args.deal))
  return (await Promise.all([...deals].map((deal) => events('Escrow', 'DealFunded', { deal })))).flat()
}

async function dealOf(
  context: ExitContext,
  deal: Hex,
  role: Role,
  terms: Terms,
): Promise<Omit<ExitItem, 'contract'> | undefined> {
  const { account, addresses, abis, reader, now, concede } = context
  const escrow = { address: addresses['Escrow']!, abi: abis.Escrow } as const
  const found = await reader.readContract({ ...escrow, functionName: 'deal', args: [deal] })
  const { state } = found
  if (state === 0 || state === CLOSED) return undefined
  const advancers = await reader.readContract({ ...escrow, functionName: 'advancers', args: [deal] })
  const bonds = terms.bond * BigInt(advancers.filter((advancer) => isAddressEqual(advancer, account)).length)

  const end = state === FUNDED ? terms.deliverBy + terms.disputeWindow : found.endsAt
  const call = (does: string, functionName: string): ExitStep => {
    return { kind: 'call', does, functionName, args: [terms] }
  }
  const isOver = now > end
  const next: ExitStep = isOver
    ? call('close the deal', 'expire')
    : role === 'payer' && state === OFFERED
      ? call('take the offer back', 'refund')
      : concede && role !== 'advancer'
        ? role === 'payer'
          ? call('release the deal', 'release')
          : call('refund the deal', 'refund')
        : { kind: 'wait', until: end + 1, then: 'close it as its terms foresee' }
  const isGivenUp = concede && !isOver && state !== OFFERED
  const amount = bonds + (isGivenUp ? 0n : foreseen(role, found, terms))
  return { what: `deal ${deal} as ${role}`, amount, next }
}

/** What the account gets of the pot if nobody does anything more. */
function foreseen(
  role: Role,
  { state, byPayee, left }: { state: number; byPayee: boolean; left: bigint },
  terms: Terms,
) {
  if (role === 'advancer') return 0n
  const toPayee = payeeShare()
  return role === 'payee' ? toPayee - appFee() : left - toPayee

  function payeeShare(): bigint {
    if (state === OFFERED) return 0n
    if (state === CHALLENGED) return byPayee ? left : 0n
    if (isAccepted()) return left
    return (left * BigInt(terms.defaultToPayee)) / BPS
  }
  function isAccepted(): boolean {
    return state === FUNDED && isAddressEqual(terms.evaluator, zeroAddress)
  }
  function appFee(): bigint {
    if (!isAccepted()) return 0n
    const before = terms.amount + terms.collateral - left
    const earned = terms.amount > before ? terms.amount - before : 0n
    return (earned * BigInt(terms.appFeeBps)) / BPS
  }
}
