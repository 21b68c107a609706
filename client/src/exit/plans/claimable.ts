import { type Abi, formatEther } from 'viem'
import type { ExitContext, ExitItem, ExitPlan } from '../plan.ts'

/** What a contract could not pay out to the account when it was due; every contract that holds tokens or coins keeps it so. */
export const claimablePlan = (contract: string): ExitPlan => ({
  contract,
  async find(context) {
    const [tokens, coins] = await Promise.all([
      waiting(context, contract, 'claimable'),
      waiting(context, contract, 'claimableNative'),
    ])
    const items: Omit<ExitItem, 'contract'>[] = []
    if (tokens > 0n)
      items.push({
        what: 'payment that could not be made before',
        amount: tokens,
        next: { kind: 'call', does: 'claim what waits', functionName: 'claim', args: [context.account] },
      })
    if (coins > 0n)
      items.push({
        what: `payment of ${formatEther(coins)} coins that could not be made before`,
        amount: 0n, // of tokens
        next: {
          kind: 'call',
          does: 'claim what waits',
          functionName: 'claimNative',
          args: [context.account],
        },
      })
    return items
  },
})

async function waiting(
  { account, addresses, abis, reader }: ExitContext,
  contract: string,
  functionName: 'claimable' | 'claimableNative',
): Promise<bigint> {
  const abi: Abi | undefined = (abis as Readonly<Record<string, Abi>>)[contract]
  if (!abi?.some((item) => item.type === 'function' && item.name === functionName)) return 0n
  const call = { address: addresses[contract]!, abi, functionName, args: [account] }
  return (await reader.readContract(call)) as bigint
}
