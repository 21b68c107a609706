import { encodeAbiParameters, keccak256, toHex, type Address, type Hex } from 'viem'

/** What LateParcel.sol goes by; its hash is the `details` of the deal. Times in unix seconds. */
export interface Parcel {
  readonly promisedBy: number
  readonly bpsPerHour: number
  readonly salt: Hex
}

const PARCEL = {
  type: 'tuple',
  components: [
    { name: 'promisedBy', type: 'uint40' },
    { name: 'bpsPerHour', type: 'uint16' },
    { name: 'salt', type: 'bytes32' },
  ],
} as const

/** A salt of its own makes the details of each parcel different. */
export const newParcel = (promisedBy: number, bpsPerHour: number): Parcel => ({
  promisedBy,
  bpsPerHour,
  salt: toHex(crypto.getRandomValues(new Uint8Array(32))),
})

export const parcelDetails = (parcel: Parcel): Hex => keccak256(encodeAbiParameters([PARCEL], [parcel]))

/** What the recipient signs: EIP-712 typed data of a deal and the time of the delivery. */
export const receiptTypedData = (evaluator: Address, chainId: number, deal: Hex, at: number) =>
  ({
    domain: { name: 'LateParcel', version: '1', chainId, verifyingContract: evaluator },
    types: {
      Receipt: [
        { name: 'deal', type: 'bytes32' },
        { name: 'at', type: 'uint40' },
      ],
    },
    primaryType: 'Receipt',
    message: { deal, at },
  }) as const

/** For `deals.evaluate`. */
export const receiptEvidence = (parcel: Parcel, at: number, signature: Hex): Hex =>
  encodeAbiParameters([PARCEL, { type: 'uint40' }, { type: 'bytes' }], [parcel, at, signature])
