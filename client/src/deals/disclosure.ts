import { getAddress, keccak256, stringToHex, type Address, type Hex } from 'viem'
import { z } from 'zod'
import { address, word } from './templates/fields.ts'
import { DealError } from './terms.ts'

/** A message as one party shows it. */
export interface ShownMessage {
  /** Who is said to have said it. */
  readonly from: 'discloser' | 'other'
  /** Milliseconds since 1970, by the clock of who said it. */
  readonly sentAt: number
  readonly text: string
}

/**
 * Messages that one party of a deal shows its arbiter. They were chosen by who shows them, and conversations are deniable: no signature of the other side
 * is on them, either side could have written them all, and an arbiter weighs them like a screenshot. What is binding is signed (SignedAct).
 */
export interface Disclosure {
  readonly chainId: number
  readonly escrow: Address
  readonly deal: Hex
  /** The only reader that it is for. */
  readonly arbiter: Address
  /** Who shows it: the payer or the payee. */
  readonly by: Address
  readonly messages: readonly ShownMessage[]
}

/** Characters of a disclosure as text. */
export const MAX_DISCLOSURE_CHARS = 1_000_000
const MAX_MESSAGES = 1_000
const VERSION = 1
const LAST_TIME_MS = 8.64e15

const Fields = z.strictObject({
  'teahouse-disclosure': z.literal(VERSION),
  chainId: z.int().positive(),
  escrow: address,
  deal: word,
  arbiter: address,
  by: address,
  messages: z
    .array(
      z.strictObject({
        from: z.literal(['discloser', 'other']),
        sentAt: z.int().nonnegative().max(LAST_TIME_MS),
        text: z.string(),
      }),
    )
    .min(1)
    .max(MAX_MESSAGES),
})

/** The text of a disclosure: JSON in one form, so that its hash can be referred to. Throws DealError BAD_DISCLOSURE. */
export function writeDisclosure(disclosure: Disclosure): string {
  const { chainId, deal } = disclosure
  const [escrow, arbiter, by] = [disclosure.escrow, disclosure.arbiter, disclosure.by].map((one) =>
    getAddress(one),
  )
  const messages = disclosure.messages.map(({ from, sentAt, text }) => ({ from, sentAt, text }))
  const fields = { 'teahouse-disclosure': VERSION, chainId, escrow, deal, arbiter, by, messages }
  const text = JSON.stringify(fields)
  readDisclosure(text)
  return text
}

/** keccak256 of the text in UTF-8: what two people can refer to, without showing what it says. */
export const disclosureHash = (text: string): Hex => keccak256(stringToHex(text))

/** Reads a disclosure. Says nothing about whether it is true. Throws DealError BAD_DISCLOSURE. */
export function readDisclosure(text: string): Disclosure {
  if (text.length > MAX_DISCLOSURE_CHARS) throw bad('it is too long')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw bad('it is no JSON', cause)
  }
  const parsed = Fields.safeParse(json)
  if (!parsed.success) throw bad(`its field ${parsed.error.issues[0]?.path.join('.') ?? ''} can't be read`)
  if (JSON.stringify(parsed.data) !== text) throw bad('it is not written in its one form')
  const { 'teahouse-disclosure': _, ...disclosure } = parsed.data
  return disclosure
}

function bad(why: string, cause?: unknown): DealError {
  return new DealError(`The disclosure can't be used: ${why}`, { code: 'BAD_DISCLOSURE', why }, { cause })
}
