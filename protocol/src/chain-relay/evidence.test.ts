import fc from 'fast-check'
import {
  bytesToHex,
  encodeAbiParameters,
  encodeFunctionData,
  getAddress,
  type Address,
  type Hex,
  zeroAddress,
} from 'viem'
import { describe, expect, it } from 'vitest'
import { isTeahouseError } from '../errors.ts'
import { abis, type ContractAddresses, type Evaluators } from '../chain/index.ts'
import { readAction } from './actions.ts'

const addressOf = (at: number): Address => getAddress(`0x${String(at).padStart(40, '0')}`)
const CONTRACTS = Object.fromEntries(
  Object.keys(abis).map((name, at) => [name, addressOf(at + 1)]),
) as ContractAddresses
const [PAYER, PAYEE, NODE, INSPECTOR, ORACLE] = [90, 91, 92, 93, 94].map(addressOf) as [
  Address,
  Address,
  Address,
  Address,
  Address,
]
const EVALUATORS: Evaluators = {
  CabRide: addressOf(50),
  Milestones: addressOf(51),
  ParametricInsurance: addressOf(52),
}
const WORD: Hex = `0x${'ab'.repeat(32)}`
const TERMS = {
  ...{ payer: PAYER, payee: PAYEE, arbiter: zeroAddress, evaluator: EVALUATORS.CabRide },
  ...{
    amount: 1n,
    collateral: 0n,
    arbiterFee: 0n,
    bond: 0n,
    deliverBy: 9,
    disputeWindow: 9,
    rulingWindow: 9,
  },
  ...{ defaultToPayee: 0, appFeeRecipient: zeroAddress, appFeeBps: 0, details: WORD },
}
const PLAN = encodeAbiParameters(
  [
    { type: 'tuple', components: [{ type: 'address' }, { type: 'uint128[]' }, { type: 'bytes32' }] },
    { type: 'uint256' },
    { type: 'bytes' },
  ],
  [[INSPECTOR, [1n], WORD], 1n, '0x'],
)
const POLICY = encodeAbiParameters([{ type: 'address' }, { type: 'bytes32' }], [ORACLE, WORD])

function asked(evaluator: Address, evidence: Hex, evaluators?: Evaluators) {
  const args = [{ ...TERMS, evaluator }, evidence] as const
  const data = encodeFunctionData({ abi: abis.Escrow, functionName: 'evaluate', args })
  return readAction(CONTRACTS, { to: CONTRACTS.Escrow, data }, NODE, evaluators)
}
const codeOf = (task: () => unknown): string | undefined => {
  try {
    task()
    return undefined
  } catch (error) {
    return isTeahouseError(error) ? error.code : String(error)
  }
}

describe('an evaluator that a node asks for somebody', () => {
  it.each([
    ['CabRide', '0x' as Hex, PAYER],
    ['Milestones', PLAN, INSPECTOR],
    ['ParametricInsurance', POLICY, ORACLE],
  ] as const)('is %s, and it is known whose key has signed', (name, evidence, signer) => {
    const action = asked(EVALUATORS[name], evidence, EVALUATORS)
    expect(action).toMatchObject({
      functionName: 'evaluate',
      person: PAYER,
      signers: [signer],
      deadline: undefined,
    })
  })
})

describe('when it must refuse', () => {
  it.each([
    ['an evaluator of somebody', () => asked(NODE, '0x', EVALUATORS)],
    ['any, without those of the deployment', () => asked(EVALUATORS.CabRide, '0x')],
    ['evidence without a plan', () => asked(EVALUATORS.Milestones, '0x', EVALUATORS)],
    ['evidence without a policy', () => asked(EVALUATORS.ParametricInsurance, '0x12', EVALUATORS)],
  ])('%s', (_, task) => {
    expect(codeOf(task)).toBe('NOT_RELAYED')
  })

  it('anything as evidence, with a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom(...Object.values(EVALUATORS)), (bytes, evaluator) => {
        expect([undefined, 'NOT_RELAYED']).toContain(
          codeOf(() => asked(evaluator, bytesToHex(bytes), EVALUATORS)),
        )
      }),
    )
  })
})
