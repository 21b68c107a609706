import { TeahouseError } from '@teahouse/protocol/errors'

/** The word lists a phrase may come from, by BCP 47 tag. */
export type PhraseLanguage = 'en' | 'zh-Hans'

/** Words of a phrase are named by their place, counted from 1, and never repeated. */
export class AccountError extends TeahouseError<
  | {
      readonly code: 'BAD_PHRASE'
      readonly words: number
      /** `length`: not 12, 15, 18, 21 or 24 words; `checksum`: a word is wrong, or two have changed places. */
      readonly why: 'length' | 'unknown-words' | 'checksum'
      /** Words of no list. */
      readonly unknown: readonly number[]
    }
  | {
      readonly code: 'MIXED_LANGUAGES'
      readonly words: number
      readonly of: Readonly<Record<PhraseLanguage, readonly number[]>>
      readonly unknown: readonly number[]
    }
  | { readonly code: 'BAD_STRENGTH'; readonly bits: number }
  | { readonly code: 'BAD_PERSONA'; readonly persona: number }
  | { readonly code: 'BAD_INDEX'; readonly index: number }
> {}
