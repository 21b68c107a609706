import { readDisclosure, writeDisclosure } from '../../client/src/deals/disclosure.ts'
import { readOffer, writeOffer } from '../../client/src/deals/offer.ts'
import {
  arbiterSecret,
  arbiterCard,
  openDisclosure,
  readArbiterCard,
  sealDisclosure,
} from '../../client/src/deals/sealing.ts'
import { readSigned, signAct, writeSigned } from '../../client/src/deals/signed.ts'
import { EXAMPLES, OFFERS, PEOPLE, PLACE } from '../../client/src/deals/testing/deals.ts'

const [OFFER] = OFFERS
const SIGNED = await signAct(OFFER!, { act: 'Funding', deadline: OFFER!.terms.deliverBy }, PEOPLE.payer, {
  confirm: () => true,
})
const DISCLOSURE = {
  ...{ chainId: PLACE.chainId, escrow: PLACE.escrow, deal: OFFER!.deal },
  ...{ arbiter: PEOPLE.arbiter.address, by: PEOPLE.payer.address },
  messages: [{ from: 'other' as const, sentAt: 1, text: 'on Monday' }],
}
const SECRET = arbiterSecret(new Uint8Array(32))
const CARD = await arbiterCard(PEOPLE.arbiter, SECRET)
const SEALED = sealDisclosure(DISCLOSURE, await readArbiterCard(CARD))

/** What people hand to each other about deals. */
export const dealParsers = [
  {
    name: 'offer of a deal',
    takes: 'text' as const,
    good: OFFERS.map(writeOffer),
    parse: (text: string) => readOffer(text, PLACE),
  },
  {
    name: 'signed act of a deal',
    takes: 'text' as const,
    good: [writeSigned(SIGNED)],
    parse: (text: string) => readSigned(text, PLACE),
  },
  ...EXAMPLES.map(({ template }) => ({
    name: `parameters of the template ${template.name}`,
    takes: 'text' as const,
    good: EXAMPLES.map(({ json }) => JSON.stringify(json)),
    parse: (text: string) => template.parse(jsonOf(text), PLACE.unit),
  })),
  {
    name: 'evidence for an arbiter',
    takes: 'text' as const,
    good: [writeDisclosure(DISCLOSURE)],
    parse: readDisclosure,
  },
  { name: 'card of an arbiter', takes: 'text' as const, good: [CARD], parse: readArbiterCard },
  {
    name: 'sealed evidence for an arbiter',
    takes: 'bytes' as const,
    good: [SEALED],
    parse: (bytes: Uint8Array) => openDisclosure(bytes, SECRET),
  },
]

/** What is no JSON is a text, which no template takes. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
