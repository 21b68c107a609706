import type { Address, Hex } from 'viem'
import type { Item, Statement } from '../statement.ts'

type OfDeal = (id: Hex, statement: Statement) => string
type WithAmount = (id: Hex, statement: Statement, amount: bigint) => string

/** How one language says what is signed. */
export interface Phrases {
  /** The whole deal, as a clause. */
  readonly deal: (statement: Statement) => string
  /** Ends a sentence about something that can be used until a second. */
  readonly until: (text: string, deadline: number) => string
  readonly sentence: (text: string) => string
  readonly acts: {
    readonly Funding: (whole: string) => string
    readonly Acceptance: (whole: string, statement: Statement) => string
    readonly Release: OfDeal
    readonly Refund: OfDeal
    readonly Answer: OfDeal
    readonly PartRelease: WithAmount
    readonly Ruling: WithAmount
    readonly Settlement: WithAmount
    readonly Dispute: (id: Hex, statement: Statement, advancer: Address) => string
  }
  /** What somebody signs for the evaluator. */
  readonly verdict: (id: Hex, statement: Statement, items: readonly Item[]) => string
}
