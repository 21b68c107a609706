import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { fromBase64Url, toBase64Url, utf8 } from '../text.ts'
import { decodeCard, encodeCard, type ContactCard } from './card.ts'
import { ContactError } from './errors.ts'
import { decodeFields, encodeFields } from './fields.ts'
import { decodeGift, encodeGift, type Gift } from './gift.ts'

/** How somebody gets to know the inviter, and perhaps becomes a member at its cost. */
export interface Invitation {
  readonly card: ContactCard
  readonly gift?: Gift
}

const SCHEME = 'teahouse:invite/'
const VERSION = 1
const CHECKSUM_BYTES = 4
const LONGEST = 4_096
const FIELD = { card: 1, gift: 2 } as const

/** The text of a link or QR code. With a gift in it, whoever reads the text can take the gift. Throws ContactError. */
export function writeInvitation({ card, gift }: Invitation): string {
  const fields = { [FIELD.card]: encodeCard(card), [FIELD.gift]: gift && encodeGift(gift) }
  const body = concatBytes(Uint8Array.of(VERSION), encodeFields(fields))
  return SCHEME + toBase64Url(concatBytes(body, checksum(body)))
}

/** Reads it; spaces around it, and line breaks that a mail program put in, don't matter. Throws ContactError. */
export function readInvitation(text: string): Invitation {
  const link = text.length <= LONGEST ? text.replace(/\s+/g, '') : ''
  const bytes = link.startsWith(SCHEME) ? fromBase64Url(link.slice(SCHEME.length)) : undefined
  if (!bytes || bytes.length <= CHECKSUM_BYTES) throw bad('format')
  const body = bytes.subarray(0, -CHECKSUM_BYTES)
  const given = bytes.subarray(-CHECKSUM_BYTES)
  if (!checksum(body).every((byte, at) => byte === given[at])) throw bad('checksum')
  if (body[0] !== VERSION) throw bad('version')
  const fields = decodeFields(body.subarray(1))
  const card = fields?.get(FIELD.card)
  if (!fields || !card) throw bad('content')
  const wrapped = fields.get(FIELD.gift)
  if (!wrapped) return { card: decodeCard(card) }
  const gift = decodeGift(wrapped)
  if (!gift) throw bad('content')
  return { card: decodeCard(card), gift }
}

const checksum = (body: Uint8Array): Uint8Array =>
  sha256(concatBytes(utf8('teahouse/invitation/1'), body)).subarray(0, CHECKSUM_BYTES)

const EXPLAINED = {
  format: 'This is not an invitation',
  checksum: 'The invitation is not whole: copy all of it',
  version: 'A newer release made this invitation',
  content: 'The invitation holds something that it can not hold',
} as const

const bad = (why: keyof typeof EXPLAINED): ContactError =>
  new ContactError(EXPLAINED[why], { code: 'BAD_INVITATION', why })
