import type { Hex, LocalAccount } from 'viem'
import type { DealTerms } from '../terms.ts'

/** What a deal is agreed with. */
export interface Parties {
  readonly payer: LocalAccount
  readonly payee: LocalAccount
  /** What the payer locks, in the smallest unit; an agreement must do for any. */
  readonly amount: bigint
  /** The chain's time, unix seconds. */
  readonly now: number
}

/** One deal for an evaluator, and the evidence that decides it as its parties want. */
export interface Agreement {
  /** What the evaluator needs of the terms; `details` must differ each time, as in deals among strangers. */
  readonly terms: Pick<DealTerms, 'details'> &
    Partial<Pick<DealTerms, 'collateral' | 'deliverBy' | 'defaultToPayee'>>
  readonly evidence: (deal: Hex) => Hex | Promise<Hex>
  /** What the payee shall have got by it in all, collateral included. */
  readonly payeeAmount: bigint
  /** Whether the evidence closes the deal; true unless it says otherwise. */
  readonly isFinal?: boolean
}

/** Makes another agreement each time. */
export type Agree = (parties: Parties) => Agreement | Promise<Agreement>

/** What is wrong with an evaluator. */
export interface Finding {
  readonly code: keyof typeof FINDINGS
  /** What was done, and what came of it. */
  readonly text: string
}

/** What can be found, and why it matters. */
export const FINDINGS = {
  NO_CODE: 'there is no contract at the address: every deal that names it ends by its default',
  CAN_CHANGE:
    'its code can change what it remembers, or what it is: who makes it do so decides deals under way',
  REFUSES_HONEST: 'what the parties agreed on as evidence decides nothing',
  WRONG_SHARE: 'the payee gets something else than agreed',
  BAD_ANSWER: 'the escrow takes two words, a total within the pot and 0 or 1, and nothing else',
  TOO_MUCH_GAS: 'it comes near the 500,000 gas that it is given: with a little more it decides nothing',
  KNOWS_ITS_GAS: 'its answer depends on the gas that is left',
  KNOWS_WHO_ASKS: 'its answer depends on who sends the transaction, which anybody may have sent',
  GUESSED: 'what anybody can make up decides a deal',
  FORGED: 'evidence that somebody changed decides otherwise than the evidence that was given',
  REPLAYED: 'the evidence of one deal decides another',
  STUCK: 'a deal that names it can not be closed by its parties or by time',
  MONEY_MOVED: 'somebody has more or less than the deals gave',
} as const
