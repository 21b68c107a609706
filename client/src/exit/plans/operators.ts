import { isAddressEqual } from 'viem'
import type { ExitContext } from '../plan.ts'

/** The operators that have the account in one of these roles. */
export async function operatorsOf(context: ExitContext, ...roles: ('owner' | 'payee')[]) {
  const { account, addresses, abis, reader, events } = context
  const staking = { address: addresses['OperatorStaking']!, abi: abis.OperatorStaking } as const
  const created = await events('OperatorStaking', 'OperatorCreated')
  const operators = await Promise.all(
    created.map(async ({ args: { id } }) => {
      return { id, ...(await reader.readContract({ ...staking, functionName: 'operator', args: [id] })) }
    }),
  )
  return operators.filter((operator) => roles.some((role) => isAddressEqual(operator[role], account)))
}
