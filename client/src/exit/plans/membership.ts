import type { ExitContext, ExitItem, ExitPlan, ExitStep } from '../plan.ts'

const ACTIVE = 1
const EXITED = 2

/** The deposits of all memberships that the account holds, whoever paid them: leave, wait, withdraw. */
export const membershipPlan: ExitPlan = {
  contract: 'MembershipRegistry',
  async find(context) {
    const { account: holder, events } = context
    const registered = await events('MembershipRegistry', 'MemberRegistered', { holder })
    const found = await Promise.all(registered.map(({ args }) => deposit(context, args.idCommitment)))
    return found.flatMap((item) => (item ? [item] : []))
  },
}

async function deposit(
  { account, addresses, abis, reader, now }: ExitContext,
  idCommitment: bigint,
): Promise<Omit<ExitItem, 'contract'> | undefined> {
  const registry = { address: addresses['MembershipRegistry']!, abi: abis.MembershipRegistry } as const
  const read = <N extends 'grace' | 'exitDelay'>(functionName: N) =>
    reader.readContract({ ...registry, functionName })
  const member = await reader.readContract({
    ...registry,
    functionName: 'member',
    args: [idCommitment, account],
  })
  if (member.state !== ACTIVE && member.state !== EXITED) return undefined
  const [amount] = await reader.readContract({ ...registry, functionName: 'price', args: [member.rateLimit] })

  const endOfTree = member.expiry + (await read('grace'))
  const ready = member.state === EXITED ? member.withdrawableAt : endOfTree + (await read('exitDelay')) + 1
  const next: ExitStep =
    member.state === ACTIVE && now <= endOfTree
      ? { kind: 'call', does: 'leave', functionName: 'exit', args: [idCommitment] }
      : now < ready
        ? { kind: 'wait', until: ready, then: 'withdraw the deposit' }
        : {
            kind: 'call',
            does: 'withdraw the deposit',
            functionName: 'withdraw',
            args: [idCommitment, account],
          }
  return { what: `deposit of membership ${member.index}`, amount, next }
}
