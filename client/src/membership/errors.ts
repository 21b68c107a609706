import { TeahouseError } from '@teahouse/protocol/errors'

export class MembershipError extends TeahouseError<
  | { readonly code: 'ALREADY_MEMBER'; readonly index: number }
  | { readonly code: 'NOT_A_MEMBER' }
  | { readonly code: 'BAD_RATE_LIMIT'; readonly rateLimit: number }
  | { readonly code: 'LEDGER_UNSETTLED' }
> {}
