import { TeahouseError } from '@teahouse/protocol/errors'

/** Why the conversation layer refuses something. Sizes are in bytes; no detail holds a key, a name or content. */
export class ChatError extends TeahouseError<
  | { readonly code: 'TOO_LARGE'; readonly size: number; readonly limit: number }
  | { readonly code: 'BAD_LEVEL'; readonly level: number }
  | { readonly code: 'BAD_PADDING' }
  | { readonly code: 'BAD_CONTENT'; readonly why: string }
  | { readonly code: 'BAD_CARD'; readonly why: string }
  | { readonly code: 'BAD_RECORD'; readonly why: string }
  | { readonly code: 'BAD_LIST'; readonly why: string }
  /** Nobody publishes it, or it is not followed. */
  | { readonly code: 'NO_LIST' }
  | { readonly code: 'UNKNOWN_CONTACT' }
  | { readonly code: 'AMBIGUOUS_NAME'; readonly matches: number }
  | { readonly code: 'NAME_TAKEN' }
  | { readonly code: 'BLOCKED' }
  | { readonly code: 'SELF' }
  | { readonly code: 'UNKNOWN_MESSAGE' }
  | { readonly code: 'AMBIGUOUS_MESSAGE'; readonly matches: number }
  | { readonly code: 'NOT_A_FILE' }
  /** A stranger sent it, whom nobody has accepted: nothing is asked of the network on a stranger's behalf. */
  | { readonly code: 'IS_REQUEST'; readonly account: string }
  | { readonly code: 'NO_DEVICES' }
  | { readonly code: 'NOT_STARTED' | 'UNCHANGED' }
> {}
