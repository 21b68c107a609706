import { TeahouseError } from '../errors.ts'

/** What came over /teahouse/blob/1 does not say what it has to. */
export class BlobWireError extends TeahouseError<{
  readonly code: 'BAD_REQUEST' | 'BAD_ANSWER'
  readonly what: string
}> {}

export function malformed(code: 'BAD_REQUEST' | 'BAD_ANSWER', what: string): BlobWireError {
  const side = code === 'BAD_REQUEST' ? 'request' : 'answer'
  return new BlobWireError(`The ${side} can't be used: ${what}`, { code, what })
}
