import type { Ending } from './challenge-book.ts'

/** What `/info` says of receipts and challenges. */
export interface CourtsInfo {
  /** Signed since the start, and those that run. */
  readonly receipts: { readonly issued: number; readonly running: number }
  /** Ever, by how they stand; `unanswerable` of the open ones are those for which the content is not here, or whose time is over. */
  readonly challenges: Readonly<Record<'open' | 'unanswerable' | Ending, number>>
  /** Up to which block challenges were read, if any were, and how many seconds of the chain that is behind. */
  readonly read: { readonly block?: number | undefined; readonly behindSeconds: number }
}
