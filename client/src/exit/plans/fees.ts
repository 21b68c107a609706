import { isAddressEqual } from 'viem'
import type { ExitContext, ExitItem, ExitPlan } from '../plan.ts'
import { operatorsOf } from './operators.ts'

/** Memberships a transaction. */
const BATCH = 50
/** What is burned of a fee. */
const BURN_DIVISOR = 10n

/**
 * Fees that the memberships of the account's operators have earned, for the payee whoever claims them. They stream until
 * the last of the memberships expires.
 */
export const feesPlan: ExitPlan = {
  contract: 'MembershipRegistry',
  async find(context) {
    const operators = await operatorsOf(context, 'owner', 'payee')
    if (operators.length === 0) return []
    const registered = await context.events('MembershipRegistry', 'MemberRegistered')
    const found = operators.map(({ id, payee }) => {
      const keys = registered.filter(({ args }) => args.home === id).map(({ args }) => args)
      return feesOf(context, { id, isMine: isAddressEqual(payee, context.account) }, keys)
    })
    return (await Promise.all(found)).flat()
  },
}

interface Key {
  readonly idCommitment: bigint
  readonly holder: `0x${string}`
}

async function feesOf(
  { addresses, abis, reader, now }: ExitContext,
  { id: home, isMine }: { id: number; isMine: boolean },
  keys: readonly Key[],
): Promise<Omit<ExitItem, 'contract'>[]> {
  const registry = { address: addresses['MembershipRegistry']!, abi: abis.MembershipRegistry } as const
  const members = await Promise.all(
    keys.map(async ({ idCommitment, holder }) => {
      const args = [idCommitment, holder] as const
      const [member, accrued] = await Promise.all([
        reader.readContract({ ...registry, functionName: 'member', args }),
        reader.readContract({ ...registry, functionName: 'accruedFees', args }),
      ])
      return { key: { idCommitment, holder }, accrued, expiry: member.expiry }
    }),
  )
  const items: Omit<ExitItem, 'contract'>[] = []
  const earned = members.filter(({ accrued }) => accrued > 0n)
  for (let at = 0; at < earned.length; at += BATCH) {
    const batch = earned.slice(at, at + BATCH)
    const sum = batch.reduce((total, { accrued }) => total + accrued, 0n)
    const keysOfBatch = batch.map(({ key }) => key)
    items.push({
      what: `fees of ${batch.length} memberships with operator ${home}`,
      amount: isMine ? sum - sum / BURN_DIVISOR : 0n,
      next: { kind: 'call', does: 'claim the fees', functionName: 'claimFees', args: [keysOfBatch] },
    })
  }
  const until = Math.max(0, ...members.map(({ expiry }) => expiry))
  if (until > now)
    items.push({ what: `fees to come to operator ${home}`, amount: 0n, next: { kind: 'streams', until } })
  return items
}
