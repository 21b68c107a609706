import { encodeAbiParameters, keccak256, type Address, type Hex } from 'viem'

/** What the Milestones evaluator goes by; its hash is the `details` of the deal. */
export interface MilestonePlan {
  /** Who says what is done. */
  readonly inspector: Address
  /** What the payee shall have got in all after each milestone, smallest units. */
  readonly totals: readonly bigint[]
  readonly salt: Hex
}

/** How the evaluator encodes a plan. */
export const PLAN = {
  type: 'tuple',
  components: [
    { name: 'inspector', type: 'address' },
    { name: 'totals', type: 'uint128[]' },
    { name: 'salt', type: 'bytes32' },
  ],
} as const

/** The `details` of a deal about `plan`. */
export const planDetails = (plan: MilestonePlan): Hex => keccak256(encodeAbiParameters([PLAN], [plan]))

/** What the inspector signs once the first `done` milestones are reached, as EIP-712. */
export function inspectionTypedData(evaluator: Address, chainId: number, deal: Hex, done: number) {
  return {
    domain: { name: 'Teahouse Milestones', version: '1', chainId, verifyingContract: evaluator },
    types: {
      Inspection: [
        { name: 'deal', type: 'bytes32' },
        { name: 'done', type: 'uint256' },
      ],
    },
    primaryType: 'Inspection',
    message: { deal, done: BigInt(done) },
  } as const
}

/** For `deals.evaluate`: pays what is due for the first `done` milestones. `signature` is the inspector's. */
export const inspectionEvidence = (plan: MilestonePlan, done: number, signature: Hex): Hex =>
  encodeAbiParameters([PLAN, { type: 'uint256' }, { type: 'bytes' }], [plan, BigInt(done), signature])
