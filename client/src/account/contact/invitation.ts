import { readLink, writeLink } from '../../link.ts'
import { decodeCard, encodeCard, type ContactCard } from './card.ts'
import { ContactError } from './errors.ts'
import { decodeFields, encodeFields } from './fields.ts'
import { decodeGift, encodeGift, type Gift } from './gift.ts'

/** How somebody gets to know the inviter, and perhaps becomes a member at its cost. */
export interface Invitation {
  readonly card: ContactCard
  readonly gift?: Gift
}

const LINK = { scheme: 'teahouse:invite/', domain: 'teahouse/invitation/1', version: 1, longest: 4_096 }
const FIELD = { card: 1, gift: 2 } as const

/** The text of a link or QR code. With a gift in it, whoever reads the text can take the gift. Throws ContactError. */
export function writeInvitation({ card, gift }: Invitation): string {
  const fields = { [FIELD.card]: encodeCard(card), [FIELD.gift]: gift && encodeGift(gift) }
  return writeLink(LINK, encodeFields(fields))
}

/** Reads it; spaces around it, and line breaks that a mail program put in, don't matter. Throws ContactError. */
export function readInvitation(text: string): Invitation {
  const fields = decodeFields(readLink(LINK, text, bad))
  const card = fields?.get(FIELD.card)
  if (!fields || !card) throw bad('content')
  const wrapped = fields.get(FIELD.gift)
  if (!wrapped) return { card: decodeCard(card) }
  const gift = decodeGift(wrapped)
  if (!gift) throw bad('content')
  return { card: decodeCard(card), gift }
}

const EXPLAINED = {
  format: 'This is not an invitation',
  checksum: 'The invitation is not whole: copy all of it',
  version: 'A newer release made this invitation',
  content: 'The invitation holds something that it can not hold',
} as const

const bad = (why: keyof typeof EXPLAINED): ContactError =>
  new ContactError(EXPLAINED[why], { code: 'BAD_INVITATION', why })
