import type { ServiceRecord } from '@teahouse/protocol/chain'
import type { Address } from 'viem'

export type OperatorRecord = Omit<ServiceRecord, 'node' | 'operatorId'>

export interface OperatorKeys {
  readonly node: Address
  readonly payee: Address
}

export interface StakeOptions extends OperatorKeys {
  /** 0 makes a new operator. */
  readonly id: number
  readonly amount: bigint
  /** Told the id of a new operator as soon as it is known. */
  readonly onCreated?: (id: number) => void
}

export interface RegisterOptions {
  readonly id: number
  readonly record: OperatorRecord
  /** The node's own RLN membership, under which it sends what comes without a proof. Its holder is the owner. */
  readonly membership?: { readonly commitment: bigint; readonly rateLimit: number } | undefined
  /** Wei that the node key shall have at least, for its own transactions. */
  readonly nodeCoins: bigint
}

export interface RotateOptions extends OperatorKeys {
  readonly id: number
  /** What a new node announces, if the old one did. */
  readonly record?: OperatorRecord | undefined
  readonly nodeCoins: bigint
}
