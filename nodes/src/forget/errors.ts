import { TeahouseError } from '@teahouse/protocol/errors'

export class ForgetError extends TeahouseError<
  /** A deny list can't be read, or a line of it (from 1 on) is no hash. */
  | { readonly code: 'BAD_DENY_LIST'; readonly path: string; readonly line?: number }
  /** Processes that share the archive have yet to say what was in its hour; unix seconds from which on it can be forgotten. */
  | { readonly code: 'HOUR_OPEN'; readonly from: number }
  /** The node has no such message, and had none that it forgot. */
  | { readonly code: 'NOT_HERE' }
> {}
