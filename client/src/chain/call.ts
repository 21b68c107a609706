import type { ContractName } from '@teahouse/protocol/chain'

/** One call that changes the chain; `action` completes the sentence "the chain refused to …". */
export interface Call {
  readonly action: string
  readonly contract: ContractName
  readonly functionName: string
  readonly args: readonly unknown[]
  /** Coins to send along, in wei. */
  readonly value?: bigint
}
