import { TeahouseError } from '@teahouse/protocol/errors'

export type MembershipFailure =
  | {
      readonly code: 'LEDGER_MISMATCH'
      readonly block: string
      readonly expected: string
      readonly actual: string
    }
  | { readonly code: 'REORGANISED'; readonly block: string }
  | { readonly code: 'NOT_READY' }
  | { readonly code: 'BAD_PEER_ADDRESS'; readonly address: string }

/** The members could not be followed: the RPC address withholds or invents changes, or the chain moved while reading. */
export class MembershipError extends TeahouseError<MembershipFailure> {}
