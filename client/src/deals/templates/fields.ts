import { randomBytes } from '@noble/hashes/utils.js'
import { bytesToHex, getAddress, isAddress, type Hex } from 'viem'
import { z } from 'zod'
import { parseAmount } from '../../amounts.ts'
import type { Unit } from '../agreed.ts'
import { isSignature, isWord } from '../hex.ts'

const MAX_UINT40 = 2 ** 40 - 1
const WORD_BYTES = 32
/** Characters of a text that two people agree on. */
export const MAX_TEXT = 500

/** How long people have to react, and what it costs to call the arbiter; see DealTerms. */
export interface Reaction {
  readonly disputeWindow: number
  readonly rulingWindow: number
  readonly arbiterFee: bigint
  readonly bond: bigint
}

export const address = z
  .string()
  .refine((value) => isAddress(value, { strict: false }), 'is not an address')
  .transform((value) => getAddress(value))

export const word = z
  .string()
  .refine(isWord, 'is not 32 bytes in hex')
  .transform((value) => value.toLowerCase() as Hex)

export const signature = z.string().refine(isSignature, 'is not a signature as contracts take it')

/** 32 bytes that tell deals of otherwise equal terms apart; random if left out. */
export const salt = word.default(() => bytesToHex(randomBytes(WORD_BYTES)))

export const bps = z.int().min(0).max(10_000)

/** Unix seconds, or ISO 8601 with a time zone: `2026-11-26T12:00:00Z`. Parts of a second are refused. */
export const time = z.union([
  z.int().positive().max(MAX_UINT40),
  z.iso
    .datetime({ offset: true, precision: 0 })
    .transform((text) => Date.parse(text) / 1_000)
    .refine((seconds) => seconds > 0 && seconds <= MAX_UINT40, 'is out of range'),
])

export const seconds = z.int().nonnegative().max(MAX_UINT40)

export const text = z
  .string()
  .min(1)
  .max(MAX_TEXT)
  .refine((value) => isPlain(value), 'has line breaks, control or direction characters')

/** What can be shown within a sentence without changing how the rest of it reads. */
export const isPlain = (value: string): boolean =>
  value.isWellFormed() && value.trim() === value && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)

/** A decimal text in whole tokens, such as "12.5": never a JSON number, which could lose decimals. */
export const amountIn = ({ decimals }: Unit) =>
  z.string().transform((given, context): bigint => {
    try {
      return parseAmount(given, decimals)
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'is no amount' })
      return z.NEVER
    }
  })

/** An integer as a JSON number or as a decimal text. */
export const integer = z
  .union([z.int(), z.string().regex(/^-?\d{1,77}$/, 'is not an integer')])
  .transform((value) => BigInt(value))

const DEFAULT_WINDOW = 3_600

export const reactionIn = (unit: Unit) => ({
  disputeWindow: seconds.default(DEFAULT_WINDOW),
  rulingWindow: seconds.default(DEFAULT_WINDOW),
  arbiterFee: amountIn(unit).default(0n),
  bond: amountIn(unit).default(0n),
})

/** What terms say about reactions. */
export const reactionOf = ({ disputeWindow, rulingWindow, arbiterFee, bond }: Reaction): Reaction => ({
  ...{ disputeWindow, rulingWindow, arbiterFee, bond },
})
