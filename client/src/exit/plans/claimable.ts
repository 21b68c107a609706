import type { Abi } from 'viem'
import type { ExitContext, ExitItem, ExitPlan } from '../plan.ts'

/** What a contract could not pay out to the account when it was due; every contract that holds tokens keeps it so. */
export const claimablePlan = (contract: string): ExitPlan => ({
  contract,
  find: (context) => claimableOf(context, contract),
})

async function claimableOf(
  { account, addresses, abis, reader }: ExitContext,
  contract: string,
): Promise<Omit<ExitItem, 'contract'>[]> {
  const abi: Abi | undefined = (abis as Readonly<Record<string, Abi>>)[contract]
  if (!abi?.some((item) => item.type === 'function' && item.name === 'claimable')) return []
  const call = { address: addresses[contract]!, abi, functionName: 'claimable', args: [account] }
  const amount = (await reader.readContract(call)) as bigint
  if (amount === 0n) return []
  const next = { kind: 'call', does: 'claim what waits', functionName: 'claim', args: [account] } as const
  return [{ what: 'payment that could not be made before', amount, next }]
}
