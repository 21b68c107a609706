import { attackEvaluator, type Agree, type DevChain, type Finding } from '@teahouse/client/deals/trial'
import { join } from 'node:path'
import type { Address, Hex } from 'viem'
import { compile } from './compile.ts'
import { newParcel, parcelDetails, receiptEvidence, receiptTypedData } from './parcel.ts'

const HOURS_LATE = 3
const BPS_PER_HOUR = 500

/** A parcel that is three hours late, and so costs 15 % less; the recipient signs for it. */
export const parcels =
  (evaluator: Address, chainId: number): Agree =>
  ({ payer, amount, now }) => {
    const parcel = newParcel(now, BPS_PER_HOUR)
    const at = now + HOURS_LATE * 3_600
    return {
      terms: { details: parcelDetails(parcel) },
      evidence: async (deal) =>
        receiptEvidence(
          parcel,
          at,
          await payer.signTypedData(receiptTypedData(evaluator, chainId, deal, at)),
        ),
      payeeAmount: (amount * BigInt(10_000 - HOURS_LATE * BPS_PER_HOUR)) / 10_000n,
    }
  }

/** Compiles the evaluator, deploys it and has it attacked; none if it holds. */
export async function tryEvaluator(
  chain: DevChain & { readonly chainId: number },
  deploy: (creationCode: Hex) => Promise<Address>,
  onAttack?: (name: string) => void,
): Promise<readonly Finding[]> {
  const code = compile(join(import.meta.dirname, 'LateParcel.sol')).get('LateParcel')!
  const evaluator = await deploy(code)
  return attackEvaluator({
    ...chain,
    evaluator,
    agree: parcels(evaluator, chain.chainId),
    ...(onAttack && { onAttack }),
  })
}
