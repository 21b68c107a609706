import type { Address, Hex, TypedDataDefinition } from 'viem'
import type { DealTerms } from './terms.ts'

/** How a token writes its amounts. What is signed has smallest units only; the escrow's address names the token. */
export interface Unit {
  readonly symbol: string
  readonly decimals: number
}

/** Where deals are made: one escrow on one chain, what it holds, and the contracts that may judge. */
export interface DealPlace {
  readonly chainId: number
  readonly escrow: Address
  /** Of the escrow's token: read it from the chain, never from an offer. */
  readonly unit: Unit
  /** Evaluators by the name that templates call them by. Add your own here. */
  readonly evaluators: Readonly<Record<string, Address>>
}

/** Terms, and what their `details` is the hash of: all that two people agree on. */
export interface Agreed {
  readonly terms: DealTerms
  /** Of the template, in its encoding; `terms.details` binds it. */
  readonly data: Hex
}

/** Who takes part in a deal. */
export interface Parties {
  readonly payer: Address
  readonly payee: Address
  /** Left out: a deal without disputes, for templates that have an evaluator. */
  readonly arbiter?: Address | undefined
  /** Who gets a fee on what the payee earns undisputed, in basis points (at most 1000). */
  readonly app?: { readonly recipient: Address; readonly bps: number } | undefined
}

export type Locale = 'en' | 'zh-Hans'
export const LOCALES: readonly Locale[] = ['en', 'zh-Hans']

/** A text in every language. */
export type Words = Readonly<Record<Locale, string>>

/** What somebody signs for an evaluator, and the keys of the cases of which it is the evidence. */
export interface Verdict {
  readonly typed: TypedDataDefinition
  readonly cases: readonly string[]
}

/** One thing that a template's evaluator may decide, and what it gives. */
export interface Case {
  /** Names it within the deal, such as `code` or `milestone 2`. */
  readonly key: string
  /** Unix seconds: from this one on; without it from the funding on. */
  readonly from?: number | undefined
  /** Unix seconds: before this one; without it until the evaluator can't be asked any more. */
  readonly before?: number | undefined
  /** What the payee shall have got of the pot in all, smallest units, before the app fee. */
  readonly total: bigint
  /** True: the payer gets the rest and the deal ends. */
  readonly final: boolean
  /** Completes "if …" (en) and "若……" (zh-Hans). */
  readonly when: Words
}
