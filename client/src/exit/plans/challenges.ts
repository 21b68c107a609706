import type { DeploymentAbis } from '@teahouse/protocol/chain/deployments'
import { type ContractFunctionArgs, decodeFunctionData, formatEther, type Hex, isAddressEqual } from 'viem'
import type { ExitContext, ExitItem, ExitPlan, ExitStep } from '../plan.ts'

type Receipt = ContractFunctionArgs<DeploymentAbis['RetrievalCourt'], 'nonpayable', 'lapse'>[0]

/** IRetrievalCourt.Stage */
const [OPEN, DRAWN] = [1, 2]

/**
 * Bonds (in coins) of the challenges that the account brought. One that nobody draws lapses; one that the node leaves
 * unanswered convicts it; the bond comes back in both cases. An answer in time earns it for the node.
 */
export const challengesPlan: ExitPlan = {
  contract: 'RetrievalCourt',
  async find(context) {
    const opened = await context.events('RetrievalCourt', 'Challenged')
    const mine = opened.filter(({ args }) => isAddressEqual(args.payer, context.account))
    const newest = new Map(mine.map(({ args, transactionHash }) => [args.id, transactionHash]))
    const items = await Promise.all([...newest].map(([id, hash]) => challenge(context, id, hash)))
    return items.flatMap((item) => (item ? [item] : []))
  },
}

async function challenge(
  context: ExitContext,
  id: Hex,
  transaction: Hex,
): Promise<Omit<ExitItem, 'contract'> | undefined> {
  const { account, addresses, abis, reader, now } = context
  const { stage, payer, bond, deadline } = await reader.readContract({
    address: addresses['RetrievalCourt']!,
    abi: abis.RetrievalCourt,
    functionName: 'caseOf',
    args: [id],
  })
  if ((stage !== OPEN && stage !== DRAWN) || !isAddressEqual(payer, account)) return undefined
  const then = stage === OPEN ? 'let the challenge lapse' : 'convict the node'
  const receipt = await receiptIn(context, transaction)
  const next: ExitStep =
    now <= deadline
      ? { kind: 'wait', until: deadline + 1, then }
      : receipt
        ? { kind: 'call', does: then, functionName: stage === OPEN ? 'lapse' : 'convict', args: [receipt] }
        : {
            kind: 'blocked',
            why: 'only who has the receipt can end it: it was challenged through another contract',
          }
  return { what: `challenge ${id}, bond of ${formatEther(bond)} coins`, amount: 0n, next }
}

/** The receipt that a transaction challenged: no event repeats it. */
async function receiptIn({ abis, reader }: ExitContext, hash: Hex): Promise<Receipt | undefined> {
  const { input } = await reader.getTransaction({ hash })
  const decode = (data: Hex): Receipt | undefined => {
    const { functionName, args } = decodeFunctionData({ abi: abis.RetrievalCourt, data })
    if (functionName === 'challenge' || functionName === 'challengeFor') return args[0]
    return undefined
  }
  try {
    return decode(input)
  } catch {
    return undefined // sent by a contract
  }
}
