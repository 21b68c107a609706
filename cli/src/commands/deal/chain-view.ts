import { formatAmount } from '@teahouse/client'
import { GAS } from '@teahouse/protocol/chain'
import { createPublicClient, http } from 'viem'
import type { Session } from '../../session.ts'
import type { RelayFlags } from './flags.ts'
import { say, type Said } from '../../texts/say.ts'

/** Approving what is locked, where it is needed. */
const APPROVAL_GAS = 46_000

/** A step, and what it takes: gas as measured (snapshots/), and whether it locks tokens. */
const STEPS = {
  fund: { gas: GAS.Escrow.fund, locks: true },
  accept: { gas: GAS.Escrow.accept, locks: true },
  release: { gas: GAS.Escrow.release, locks: false },
  refund: { gas: GAS.Escrow.refund, locks: false },
  expire: { gas: GAS.Escrow.expire, locks: false },
  dispute: { gas: GAS.Escrow.dispute, locks: false },
  answer: { gas: GAS.Escrow.answer, locks: true },
  rule: { gas: GAS.Escrow.rule, locks: false },
  settle: { gas: GAS.Escrow['settle, both signed'], locks: false },
  evaluate: { gas: GAS.Escrow['evaluate, final'], locks: false },
  send: { gas: GAS.Escrow.fundFor, locks: true },
} as const
export type Step = keyof typeof STEPS

/** What a step costs, for a person: about so much gas, and so many coins at the present price. */
export async function costOf(session: Session, step: Step, { relay }: RelayFlags): Promise<Said> {
  const { rpcUrl } = await session.network()
  if (relay || rpcUrl === undefined) return say`Nodes send it; it takes no coins`
  const { gas, locks } = STEPS[step]
  const most = BigInt(gas + (locks ? APPROVAL_GAS : 0))
  const about = most.toLocaleString('en')
  try {
    const { maxFeePerGas } = await createPublicClient({ transport: http(rpcUrl) }).estimateFeesPerGas()
    const coins = formatAmount(most * maxFeePerGas, 18)
    return say`About ${about} gas, at most ${coins} coins at the present price`
  } catch {
    return say`About ${about} gas` // what is wrong with the chain, the step itself will say
  }
}

/** The chain's time in unix seconds: what deadlines go by. A local chain may be ahead of this machine's clock. */
export async function chainTime(session: Session): Promise<number> {
  const { rpcUrl } = await session.network()
  const here = Math.floor(Date.now() / 1_000)
  if (rpcUrl === undefined) return here
  const block = await createPublicClient({ transport: http(rpcUrl) })
    .getBlock()
    .catch(() => undefined)
  return block ? Math.max(Number(block.timestamp), here) : here
}
