import type { DeploymentAbis } from '@teahouse/protocol/chain/deployments'
import type { ContractFunctionArgs, Hex } from 'viem'
import type { ExitContext, ExitItem, ExitPlan, ExitStep } from '../plan.ts'

const FUNDED = 1
const DISPUTED = 2
const BPS = 10_000n

/**
 * Every deal that the account is a party of. What the terms foresee is waited for and then called for; with `concede`
 * the payer releases and the payee refunds at once. A dispute is a person's decision and never taken here.
 */
export const dealsPlan: ExitPlan = {
  contract: 'Escrow',
  async find(context) {
    const { account, events } = context
    const [paid, earned] = await Promise.all([
      events('Escrow', 'DealFunded', { payer: account }),
      events('Escrow', 'DealFunded', { payee: account }),
    ])
    const found = await Promise.all([
      ...paid.map(({ args }) => dealOf(context, 'payer', args)),
      ...earned.map(({ args }) => dealOf(context, 'payee', args)),
    ])
    return found.flatMap((item) => (item ? [item] : []))
  },
}

interface Funded {
  readonly deal: Hex
  readonly terms: ContractFunctionArgs<DeploymentAbis['Escrow'], 'nonpayable', 'expire'>[0]
}

async function dealOf(
  { addresses, abis, reader, now, concede }: ExitContext,
  role: 'payer' | 'payee',
  { deal, terms }: Funded,
): Promise<Omit<ExitItem, 'contract'> | undefined> {
  const { state, rulingEndsAt } = await reader.readContract({
    address: addresses['Escrow']!,
    abi: abis.Escrow,
    functionName: 'deal',
    args: [deal],
  })
  if (state !== FUNDED && state !== DISPUTED) return undefined
  const end = state === DISPUTED ? rulingEndsAt : terms.deliverBy + terms.disputeWindow
  const call = (does: string, functionName: string): ExitStep => {
    return { kind: 'call', does, functionName, args: [terms] }
  }
  const next =
    now > end
      ? call('close the deal', 'expire')
      : concede
        ? call(
            role === 'payer' ? 'release the deal' : 'refund the deal',
            role === 'payer' ? 'release' : 'refund',
          )
        : ({ kind: 'wait', until: end + 1, then: 'close it as its terms foresee' } as const)
  const isGivenUp = concede && now <= end
  const amount = isGivenUp ? 0n : foreseen(role, state, terms)
  return { what: `deal ${deal} as ${role}`, amount, next }
}

/** What the account gets if nobody does anything more. */
function foreseen(role: 'payer' | 'payee', state: number, terms: Funded['terms']): bigint {
  const { amount, defaultToPayee, appFeeBps } = terms
  if (state === FUNDED) return role === 'payer' ? 0n : amount - (amount * BigInt(appFeeBps)) / BPS
  const toPayee = (amount * BigInt(defaultToPayee)) / BPS
  return role === 'payee' ? toPayee : amount - toPayee
}
