import { fromUtf8, utf8 } from '../text.ts'
import { decodeCard, encodeCard, foldedName, type ContactCard } from './card.ts'
import { ContactError } from './errors.ts'
import { decodeFields, encodeFields } from './fields.ts'

/**
 * A card that a common friend passes on inside a conversation. The conversation proves which friend it was, to the one who reads it and
 * to nobody else; the card itself is signed by nobody. It says "this friend knows somebody by this key", and no more.
 */
export interface Introduction {
  readonly card: ContactCard
  /** What the friend says about it, at most 280 characters. */
  readonly note?: string
}

/** What an introduction changes for the one who gets it. None of them makes a contact verified. */
export type IntroductionMeaning =
  /** Nobody known: it may be taken in as introduced by this friend. */
  | 'new'
  /** The key is known; its own name for it stays. */
  | 'known'
  /** It is one's own. */
  | 'self'
  /** Another key than that of a contact by this name: somebody changed keys, shares a name, or is being passed off. */
  | 'other-key'

const VERSION = 1
const MAX_NOTE = 280
const FIELD = { card: 1, note: 2 } as const

/** Throws ContactError BAD_NAME, BAD_CARD, BAD_INTRODUCTION for a note that is too long. */
export function encodeIntroduction({ card, note }: Introduction): Uint8Array {
  if (note !== undefined && (note === '' || [...note].length > MAX_NOTE)) throw bad()
  const fields = { [FIELD.card]: encodeCard(card), [FIELD.note]: note === undefined ? undefined : utf8(note) }
  return Uint8Array.of(VERSION, ...encodeFields(fields))
}

/** Throws ContactError BAD_INTRODUCTION, BAD_CARD, BAD_NAME. */
export function decodeIntroduction(bytes: Uint8Array): Introduction {
  const fields = bytes[0] === VERSION ? decodeFields(bytes.subarray(1)) : undefined
  const card = fields?.get(FIELD.card)
  if (!fields || !card) throw bad()
  const note = fields.get(FIELD.note)
  if (!note) return { card: decodeCard(card) }
  const text = fromUtf8(note)
  if (!text || [...text].length > MAX_NOTE) throw bad()
  return { card: decodeCard(card), note: text }
}

/** What `card` means to somebody with these contacts. */
export function meaningOf(
  { key, name }: ContactCard,
  { self, contacts }: { self: Uint8Array; contacts: readonly Pick<ContactCard, 'key' | 'name'>[] },
): IntroductionMeaning {
  if (isSame(key, self)) return 'self'
  if (contacts.some((contact) => isSame(contact.key, key))) return 'known'
  const folded = foldedName(name)
  return contacts.some((contact) => foldedName(contact.name) === folded) ? 'other-key' : 'new'
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at])

const bad = (): ContactError => new ContactError('This is not an introduction', { code: 'BAD_INTRODUCTION' })
