import { TeahouseError } from '@teahouse/protocol/errors'

/** Why a circuit task stopped. */
export type CircuitsErrorDetail =
  | { readonly code: 'COMPILE_FAILED'; readonly output: string }
  | { readonly code: 'USAGE'; readonly hint: string }
  | { readonly code: 'SETUP_FAILED'; readonly step: string }
  | { readonly code: 'STALE'; readonly differences: readonly string[] }
  | { readonly code: 'BAD_CEREMONY'; readonly reason: string }

export class CircuitsError extends TeahouseError<CircuitsErrorDetail> {}
