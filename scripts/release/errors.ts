import { TeahouseError } from '@teahouse/protocol/errors'

/** A release can't be made, or is not what it says it is. */
export class ReleaseError extends TeahouseError<
  | { readonly code: 'COMMAND_FAILED'; readonly command: string }
  | { readonly code: 'KEY_UNUSABLE'; readonly path: string }
  | { readonly code: 'BAD_SIGNATURE' | 'NOT_SIGNED'; readonly folder: string }
  | { readonly code: 'BAD_SUM' | 'NOT_NAMED' | 'NO_DECLARATION'; readonly file: string }
> {}
