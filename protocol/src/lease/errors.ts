import { TeahouseError } from '../errors.ts'

/** What came over /teahouse/lease/1 does not say what it has to. */
export class LeaseWireError extends TeahouseError<{
  readonly code: 'BAD_REQUEST' | 'BAD_ANSWER'
  readonly what: string
}> {}

export function malformed(code: 'BAD_REQUEST' | 'BAD_ANSWER', what: string): LeaseWireError {
  const side = code === 'BAD_REQUEST' ? 'request' : 'answer'
  return new LeaseWireError(`The ${side} can't be used: ${what}`, { code, what })
}
