import { TeahouseError } from '@teahouse/protocol/errors'

export class ContactError extends TeahouseError<
  | { readonly code: 'BAD_NAME' }
  | { readonly code: 'BAD_CARD'; readonly field: string }
  | {
      readonly code: 'BAD_INVITATION'
      /** `checksum`: the link is not whole; `version`: a newer release made it. */
      readonly why: 'format' | 'checksum' | 'version' | 'content'
    }
  | { readonly code: 'BAD_VERIFICATION' }
  | { readonly code: 'BAD_INTRODUCTION' }
> {}
