import { isAddressEqual } from 'viem'
import type { ExitContext, ExitItem, ExitPlan } from '../plan.ts'
import { operatorsOf } from './operators.ts'

/** Memberships a transaction. */
const BATCH = 50
/** What is burned of a fee. */
const BURN_DIVISOR = 10n

/**
 * Fees that memberships have earned for the account's operators; they go to the payee, whoever claims them. They stream
 * until the last of the memberships expires, as long as the operator is in good standing.
 */
export const feesPlan: ExitPlan = {
  contract: 'MembershipRegistry',
  async find(context) {
    const operators = await operatorsOf(context, 'owner', 'payee')
    if (operators.length === 0) return []
    const registered = await context.events('MembershipRegistry', 'MemberRegistered')
    const found = operators.map(async ({ id, payee }) => {
      const moved = await context.events('MembershipRegistry', 'HomeSet', { home: id })
      const keys = [...registered.filter(({ args }) => args.home === id), ...moved].map(({ args }) => args)
      const isMine = isAddressEqual(payee, context.account)
      return feesOf(context, { id, isMine }, distinct(keys))
    })
    return (await Promise.all(found)).flat()
  },
}

interface Key {
  readonly idCommitment: bigint
  readonly holder: `0x${string}`
}

const distinct = (keys: readonly Key[]): Key[] => [
  ...new Map(
    keys.map(({ idCommitment, holder }) => [`${idCommitment}${holder}`, { idCommitment, holder }]),
  ).values(),
]

interface Home {
  readonly id: number
  readonly isMine: boolean
}

async function feesOf(
  context: ExitContext,
  home: Home,
  keys: readonly Key[],
): Promise<Omit<ExitItem, 'contract'>[]> {
  const { addresses, abis, reader, now } = context
  const registry = { address: addresses['MembershipRegistry']!, abi: abis.MembershipRegistry } as const
  const staking = { address: addresses['OperatorStaking']!, abi: abis.OperatorStaking } as const
  const read = keys.map(async (key) => {
    const args = [key.idCommitment, key.holder] as const
    const [member, accrued] = await Promise.all([
      reader.readContract({ ...registry, functionName: 'member', args }),
      reader.readContract({ ...registry, functionName: 'accruedFees', args }),
    ])
    return { key, accrued, expiry: member.expiry, home: member.home }
  })
  const members = (await Promise.all(read)).filter((member) => member.home === home.id)
  const [owed] = await reader.readContract({ ...registry, functionName: 'owed', args: [home.id] })
  const earned = members.filter(({ accrued }) => accrued > 0n)
  const [, credit, goodSince] = await reader.readContract({
    ...staking,
    functionName: 'incomeOf',
    args: [home.id],
  })

  if (goodSince === 0 || credit === 0n) {
    if (earned.length === 0 && owed === 0n) return []
    const why =
      goodSince === 0
        ? 'the operator is not in good standing'
        : 'its stake gives it no credit yet; try again later'
    return [{ what: `fees of operator ${home.id}`, amount: 0n, next: { kind: 'blocked', why } }]
  }
  const items: Omit<ExitItem, 'contract'>[] = []
  const paid = (sum: bigint) => (home.isMine ? least(sum - sum / BURN_DIVISOR, credit) : 0n)
  for (let at = 0; at < earned.length; at += BATCH) {
    const batch = earned.slice(at, at + BATCH)
    const sum = batch.reduce((total, { accrued }) => total + accrued, 0n)
    items.push({
      what: `fees of ${batch.length} memberships with operator ${home.id}`,
      amount: paid(sum),
      next: {
        kind: 'call',
        does: 'claim the fees',
        functionName: 'claimFees',
        args: [batch.map(({ key }) => key)],
      },
    })
  }
  if (owed > 0n) {
    const next = {
      kind: 'call',
      does: 'claim what is owed',
      functionName: 'claimOwed',
      args: [home.id],
    } as const
    items.push({ what: `fees that former members owe operator ${home.id}`, amount: paid(owed), next })
  }
  const until = Math.max(0, ...members.map(({ expiry }) => expiry))
  if (until > now)
    items.push({ what: `fees to come to operator ${home.id}`, amount: 0n, next: { kind: 'streams', until } })
  return items
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b)
