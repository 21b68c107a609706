import { encodeAbiParameters, keccak256, stringToHex, type Address, type Hex } from 'viem'

/** What the ParametricInsurance evaluator goes by; its hash is the `details` of the deal. */
export interface Policy {
  readonly oracle: Address
  /** Hash of what is measured, in the oracle's words: `subjectOf`. */
  readonly subject: Hex
  /** A reading that reaches it pays. In the oracle's units. */
  readonly threshold: bigint
  /** Unix seconds from which on readings count. */
  readonly from: number
  /** What the insured gets, smallest units. */
  readonly payout: bigint
  readonly salt: Hex
}

/** What an oracle measured, and when (unix seconds). */
export interface Reading {
  readonly value: bigint
  readonly time: number
}

/** How the evaluator encodes a policy. */
export const POLICY = {
  type: 'tuple',
  components: [
    { name: 'oracle', type: 'address' },
    { name: 'subject', type: 'bytes32' },
    { name: 'threshold', type: 'int256' },
    { name: 'from', type: 'uint40' },
    { name: 'payout', type: 'uint128' },
    { name: 'salt', type: 'bytes32' },
  ],
} as const
const READING = {
  type: 'tuple',
  components: [
    { name: 'value', type: 'int256' },
    { name: 'time', type: 'uint40' },
  ],
} as const

/** How oracles name what they measure: keccak256 of the words in UTF-8. */
export const subjectOf = (words: string): Hex => keccak256(stringToHex(words))

/** The `details` of a deal about `policy`. */
export const policyDetails = (policy: Policy): Hex => keccak256(encodeAbiParameters([POLICY], [policy]))

/** What an oracle signs for a reading, as EIP-712: it is good for every policy on the subject. */
export function readingTypedData(evaluator: Address, chainId: number, subject: Hex, reading: Reading) {
  return {
    domain: { name: 'Teahouse ParametricInsurance', version: '1', chainId, verifyingContract: evaluator },
    types: {
      Reading: [
        { name: 'subject', type: 'bytes32' },
        { name: 'value', type: 'int256' },
        { name: 'time', type: 'uint40' },
      ],
    },
    primaryType: 'Reading',
    message: { subject, ...reading },
  } as const
}

/** For `deals.evaluate`: pays the insured out. `signature` is the oracle's. */
export const readingEvidence = (policy: Policy, reading: Reading, signature: Hex): Hex =>
  encodeAbiParameters([POLICY, READING, { type: 'bytes' }], [policy, reading, signature])
