import { utf8 } from '../account/text.ts'
import { readLink, writeLink, type LinkFault, type LinkKind } from '../link.ts'
import { DealError } from './terms.ts'

/** Longer than the longest signed act. */
const LONGEST = 65_000
const OFFER: LinkKind = {
  ...{ scheme: 'teahouse:deal/', domain: 'teahouse deal offer', version: 1, longest: LONGEST },
}
const SIGNED: LinkKind = {
  ...{ scheme: 'teahouse:signed/', domain: 'teahouse deal signed', version: 1, longest: LONGEST },
}

/** The text of an offer (`writeOffer`), or of what somebody signed for one (`writeSigned`), as a link that a chat carries. */
export const dealLink = (text: string): string =>
  writeLink(text.startsWith('{"teahouse-signed"') ? SIGNED : OFFER, utf8(text))

/** The text in a link; a text that is no link is given back as it is. Throws DealError BAD_OFFER if the link is not whole. */
export function dealText(given: string): string {
  const text = given.trim()
  const kind = [OFFER, SIGNED].find(({ scheme }) => text.startsWith(scheme))
  return kind ? new TextDecoder().decode(readLink(kind, text, bad)) : text
}

const WHY: Readonly<Record<LinkFault, string>> = {
  format: 'the link is not one',
  checksum: 'the link is not whole',
  version: 'a newer release made the link',
}

function bad(fault: LinkFault): DealError {
  return new DealError(`The offer can't be used: ${WHY[fault]}`, { code: 'BAD_OFFER', why: WHY[fault] })
}
