import { TeahouseError } from '../errors.ts'

/** Why bytes from the wire, or bytes meant for it, are refused. Sizes are in bytes. */
export type WireErrorDetail =
  | { readonly code: 'TOO_LARGE'; readonly size: number; readonly limit: number }
  | { readonly code: 'MALFORMED'; readonly what: string }
  | { readonly code: 'INVALID_TOPIC'; readonly topic: string }
  | { readonly code: 'TRUNCATED'; readonly size: number; readonly expected: number | undefined }
  | { readonly code: 'CLOSED' }
  | { readonly code: 'RESET' }
  | { readonly code: 'TIMED_OUT'; readonly afterMs: number }
  | { readonly code: 'ABORTED' }

/** An encoding, framing or topic error of this module. */
export class WireError extends TeahouseError<WireErrorDetail> {}
