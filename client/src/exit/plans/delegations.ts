import type { ExitContext, ExitItem, ExitPlan } from '../plan.ts'

/** What the account delegated to operators: undelegate all of it, wait, withdraw what the shares are worth then. */
export const delegationsPlan: ExitPlan = {
  contract: 'OperatorStaking',
  async find(context) {
    const delegated = await context.events('OperatorStaking', 'Delegated', { delegator: context.account })
    const pools = new Map(delegated.map(({ args: { id, service } }) => [`${id}/${service}`, { id, service }]))
    return (await Promise.all([...pools.values()].map((pool) => delegation(context, pool)))).flat()
  },
}

async function delegation(
  { account, addresses, abis, reader, now }: ExitContext,
  { id, service }: { id: number; service: number },
): Promise<Omit<ExitItem, 'contract'>[]> {
  const { shares, thawing, thawedAt, value } = await reader.readContract({
    address: addresses['OperatorStaking']!,
    abi: abis.OperatorStaking,
    functionName: 'delegation',
    args: [id, service, account],
  })
  const what = `delegation to operator ${id} for service ${service}`
  const worth = (part: bigint) => (shares === 0n ? 0n : (value * part) / shares)
  const items: Omit<ExitItem, 'contract'>[] = []
  if (shares > thawing) {
    const args = [id, service, shares - thawing]
    const next = { kind: 'call', does: 'undelegate', functionName: 'undelegate', args } as const
    items.push({ what, amount: worth(shares - thawing), next })
  }
  if (thawing > 0n && now >= thawedAt) {
    const [functionName, args] = ['withdrawDelegation', [id, service, account]]
    const next = { kind: 'call', does: 'withdraw the delegation', functionName, args } as const
    items.push({ what, amount: worth(thawing), next })
  } else if (thawing > 0n)
    items.push({ what, amount: worth(thawing), next: { kind: 'wait', until: thawedAt, then: 'withdraw it' } })
  return items
}
