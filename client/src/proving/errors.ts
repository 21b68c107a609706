import { TeahouseError } from '@teahouse/protocol/errors'

/** A prepared slot can't be used. It is gone from the store; its message id is wasted. */
export class SlotError extends TeahouseError<
  /** Its bytes are not what was written: damaged, or tampered with. */
  | { readonly code: 'DAMAGED'; readonly key: string }
  /** It was copied or restored to this place, so it may have been used elsewhere. */
  | { readonly code: 'COPIED'; readonly key: string }
  /** There is a slot with this epoch, message id and root. */
  | { readonly code: 'OCCUPIED'; readonly key: string }
> {}
