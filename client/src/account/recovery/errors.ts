import { TeahouseError } from '@teahouse/protocol/errors'

/** Shares are named by their place in what was given, counted from 1, and never repeated. */
export class ShareError extends TeahouseError<
  | { readonly code: 'BAD_SPLIT'; readonly threshold: number; readonly shares: number }
  | {
      readonly code: 'BAD_SHARE'
      readonly share: number
      /** `checksum`: mistyped or cut off. */
      readonly why: 'format' | 'checksum' | 'version'
    }
  /** Of another splitting than most of the others. */
  | { readonly code: 'FOREIGN_SHARE'; readonly shares: readonly number[] }
  | { readonly code: 'SAME_SHARE'; readonly shares: readonly number[] }
  | { readonly code: 'TOO_FEW_SHARES'; readonly given: number; readonly needed: number }
  /** Each is whole, but they do not belong together: somebody made one up. */
  | { readonly code: 'FORGED_SHARE' }
> {}
