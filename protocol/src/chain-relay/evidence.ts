import { type Address, decodeAbiParameters, type Hex, isAddressEqual } from 'viem'
import type { Evaluators } from '../chain/index.ts'
import { notRelayed } from './errors.ts'

/** `contracts/escrow/evaluators/Milestones.sol`: the plan comes first in its evidence. */
const PLAN = [
  {
    type: 'tuple',
    components: [
      { name: 'inspector', type: 'address' },
      { name: 'totals', type: 'uint128[]' },
      { name: 'salt', type: 'bytes32' },
    ],
  },
] as const
/** `contracts/escrow/evaluators/ParametricInsurance.sol`: a policy, which names its oracle first. */
const ORACLE = [{ type: 'address' }] as const

/**
 * Who signed the evidence of a deal whose evaluator is one of the deployment. Others run code that nobody here knows.
 * Throws ChainRelayError NOT_RELAYED.
 */
export function evidenceSigners(
  evaluators: Evaluators | undefined,
  { evaluator, payer }: { readonly evaluator: Address; readonly payer: Address },
  evidence: Hex,
): readonly Address[] {
  const isOne = (name: keyof Evaluators): boolean =>
    evaluators !== undefined && isAddressEqual(evaluators[name], evaluator)
  if (isOne('CabRide')) return [payer]
  try {
    if (isOne('Milestones')) return [decodeAbiParameters(PLAN, evidence)[0].inspector]
    if (isOne('ParametricInsurance')) return [decodeAbiParameters(ORACLE, evidence)[0]]
  } catch (cause) {
    throw notRelayed('the evidence can not be read', cause)
  }
  throw notRelayed(`the evaluator ${evaluator} is none of the deployment`)
}
