import { ed25519 } from '@noble/curves/ed25519.js'
import { fromUtf8, utf8 } from '../text.ts'
import { ContactError } from './errors.ts'
import { decodeFields, encodeFields } from './fields.ts'

/**
 * What makes a person a contact. Nobody signs it: the channel it came by (a link, a code on a screen, a friend's
 * conversation) says how far it is to be believed, and only comparing safety numbers makes it sure.
 */
export interface ContactCard {
  /** The chat identity, 32 bytes (Ed25519). */
  readonly key: Uint8Array
  /** As the person wants to be called; checked by `contactName`. */
  readonly name: string
  /** What helps to reach it, for the conversation layer; at most 512 bytes. */
  readonly hint?: Uint8Array
}

const MAX_NAME = 64
const MAX_HINT_BYTES = 512
const FIELD = { key: 1, name: 2, hint: 3 } as const

/** Control and format characters, which make one name look like another; not the joiners that scripts and emoji need. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/u
/** What is shown as nothing: joiners, fillers, selectors; and Braille without a dot. */
const BLANK = /[\p{Default_Ignorable_Code_Point}\u2800]/gu
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u

/** A name as it is kept: NFC, trimmed. Throws ContactError BAD_NAME unless it has 1 to 64 characters, and one can be seen. */
export function contactName(text: string): string {
  const name = text.normalize('NFC').trim()
  const isShort = [...name].length <= MAX_NAME
  if (isShort && VISIBLE.test(name.replace(BLANK, '')) && !UNSEEN.test(name)) return name
  throw new ContactError(`A name has 1 to ${MAX_NAME} visible characters`, { code: 'BAD_NAME' })
}

/** A name as it is compared: what can't be seen, case and width tell nobody apart. */
export const foldedName = (name: string): string =>
  name.replace(BLANK, '').normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()

/** Throws ContactError BAD_NAME or BAD_CARD. */
export function encodeCard({ key, name, hint }: ContactCard): Uint8Array {
  checkKey(key)
  if (hint && (hint.length === 0 || hint.length > MAX_HINT_BYTES)) throw badCard('hint')
  return encodeFields({ [FIELD.key]: key, [FIELD.name]: utf8(contactName(name)), [FIELD.hint]: hint })
}

/** Throws ContactError BAD_NAME or BAD_CARD. */
export function decodeCard(bytes: Uint8Array): ContactCard {
  const fields = decodeFields(bytes)
  const key = fields?.get(FIELD.key)
  if (!fields || !key) throw badCard('key')
  checkKey(key)
  const name = fromUtf8(fields.get(FIELD.name) ?? new Uint8Array())
  if (name === undefined || contactName(name) !== name) throw badCard('name')
  const hint = fields.get(FIELD.hint)
  if (hint && (hint.length === 0 || hint.length > MAX_HINT_BYTES)) throw badCard('hint')
  return { key, name, ...(hint && { hint }) }
}

/** A point of small order would verify signatures that nobody made. */
function checkKey(key: Uint8Array): void {
  try {
    if (!ed25519.Point.fromBytes(key).isSmallOrder()) return
  } catch (cause) {
    throw badCard('key', cause)
  }
  throw badCard('key')
}

function badCard(field: string, cause?: unknown): ContactError {
  const message = `This is not a valid contact: its ${field} is wrong`
  return new ContactError(message, { code: 'BAD_CARD', field }, { cause })
}
