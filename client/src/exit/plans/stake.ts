import type { ExitContext, ExitItem, ExitPlan } from '../plan.ts'
import { operatorsOf } from './operators.ts'

/** The own stake of the account's operators, in every provision, whoever paid it: thaw all of it, wait, withdraw. */
export const stakePlan: ExitPlan = {
  contract: 'OperatorStaking',
  async find(context) {
    const operators = await operatorsOf(context, 'owner')
    const found = operators.map(async ({ id }) => {
      const staked = await context.events('OperatorStaking', 'Staked', { id })
      const services = new Set(staked.map(({ args }) => args.service))
      return Promise.all([...services].map((service) => provision(context, id, service)))
    })
    return (await Promise.all(found)).flat(2)
  },
}

async function provision(
  { addresses, abis, reader, now }: ExitContext,
  id: number,
  service: number,
): Promise<Omit<ExitItem, 'contract'>[]> {
  const { tokens, thawing, thawedAt } = await reader.readContract({
    address: addresses['OperatorStaking']!,
    abi: abis.OperatorStaking,
    functionName: 'provision',
    args: [id, service],
  })
  const what = `stake of operator ${id} for service ${service}`
  const items: Omit<ExitItem, 'contract'>[] = []
  if (tokens > thawing) {
    const amount = tokens - thawing
    const args = [id, service, amount]
    items.push({ what, amount, next: { kind: 'call', does: 'thaw the stake', functionName: 'thaw', args } })
  }
  if (thawing > 0n && now >= thawedAt) {
    const args = [id, service]
    const next = { kind: 'call', does: 'withdraw the stake', functionName: 'withdraw', args } as const
    items.push({ what, amount: thawing, next })
  } else if (thawing > 0n)
    items.push({ what, amount: thawing, next: { kind: 'wait', until: thawedAt, then: 'withdraw it' } })
  return items
}
