import type { Address } from 'viem'

const ID = { name: 'id', type: 'uint32' } as const
const SERVICE = { name: 'service', type: 'uint32' } as const
const AMOUNT = { name: 'amount', type: 'uint128' } as const
const NODE = { name: 'node', type: 'address' } as const
const PAYEE = { name: 'payee', type: 'address' } as const
const FEE_REGISTRY = { name: 'feeRegistry', type: 'address' } as const
const OPERATOR_ID = { name: 'operatorId', type: 'uint32' } as const
/** Every type ends so: the signer's next nonce at that contract (`nonces`), and unix seconds until which the signature is good. */
const TAIL = [
  { name: 'nonce', type: 'uint256' },
  { name: 'deadline', type: 'uint40' },
] as const

/** EIP-712 types of what anyone may send for somebody who signed it: `thawFor` takes a signed `Thaw`, and so on. */
export const SIGNED_ACTIONS = {
  OperatorStaking: {
    CreateOperator: [NODE, PAYEE, FEE_REGISTRY, ...TAIL],
    SetKeys: [ID, NODE, PAYEE, ...TAIL],
    SetFeeRegistry: [ID, FEE_REGISTRY, ...TAIL],
    Stake: [ID, SERVICE, AMOUNT, ...TAIL],
    Thaw: [ID, SERVICE, AMOUNT, ...TAIL],
    SetTerms: [
      ID,
      SERVICE,
      { name: 'thawSeconds', type: 'uint40' },
      { name: 'rewardCut', type: 'uint16' },
      ...TAIL,
    ],
    SetAdjudicator: [
      ID,
      SERVICE,
      { name: 'adjudicator', type: 'address' },
      { name: 'accepted', type: 'bool' },
      ...TAIL,
    ],
    Delegate: [ID, SERVICE, AMOUNT, { name: 'version', type: 'uint32' }, ...TAIL],
    Undelegate: [ID, SERVICE, { name: 'shares', type: 'uint128' }, ...TAIL],
  },
  ServiceRegistry: {
    Announce: [
      OPERATOR_ID,
      { name: 'peerId', type: 'bytes' },
      { name: 'multiaddrs', type: 'string[]' },
      { name: 'services', type: 'uint32' },
      { name: 'clusterId', type: 'uint32' },
      { name: 'priceHint', type: 'uint128' },
      ...TAIL,
    ],
    Retire: [OPERATOR_ID, ...TAIL],
  },
} as const

/** EIP-712 domain of what is signed for the contract `name` of a deployment, which is at `contract`. */
export function actionDomain(name: keyof typeof SIGNED_ACTIONS, contract: Address, chainId: number) {
  return { name: `Teahouse ${name}`, version: '1', chainId, verifyingContract: contract } as const
}
