import type { ExitItem, ExitPlan } from '../plan.ts'
import { operatorsOf } from './operators.ts'

/** The stake of the account's operators: thaw all of it, wait, withdraw. */
export const stakePlan: ExitPlan = {
  contract: 'OperatorStaking',
  async find(context) {
    const items: Omit<ExitItem, 'contract'>[] = []
    for (const { id, staked, thawing, thawedAt } of await operatorsOf(context, 'owner')) {
      const what = `stake of operator ${id}`
      if (thawing > 0n && context.now >= thawedAt) {
        const next = {
          kind: 'call',
          does: 'withdraw the stake',
          functionName: 'withdraw',
          args: [id],
        } as const
        items.push({ what, amount: thawing, next })
      } else if (thawing > 0n && staked === 0n) {
        items.push({ what, amount: thawing, next: { kind: 'wait', until: thawedAt, then: 'withdraw it' } })
      }
      if (staked > 0n) {
        const next = {
          kind: 'call',
          does: 'thaw the stake',
          functionName: 'thaw',
          args: [id, staked],
        } as const
        items.push({ what, amount: staked, next })
      }
    }
    return items
  },
}
