import { getAddress, isAddressEqual, type Hex } from 'viem'
import { z } from 'zod'
import type { Agreed, DealPlace, Locale } from './agreed.ts'
import { isBytes } from './hex.ts'
import { describeDeal } from './sentence.ts'
import { statementOf, type Statement } from './statement.ts'
import { TEMPLATES } from './templates/index.ts'
import type { AnyTemplate } from './templates/template.ts'
import { address, seconds, word } from './templates/fields.ts'
import { checkTerms, DealError, dealId, type DealTerms } from './terms.ts'

/** What one party proposes: nobody is bound by it before somebody signs. */
export interface Offer extends Agreed {
  /** Name of the template that made it. */
  readonly template: string
  /** The deal's name on chain. */
  readonly deal: Hex
  /** What it means. */
  readonly statement: Statement
}

/** Characters of an offer as text. */
export const MAX_OFFER_CHARS = 40_000
const MAX_DATA_CHARS = 30_000
const VERSION = 1

const amount = z
  .string()
  .regex(/^(0|[1-9]\d{0,38})$/)
  .transform((text) => BigInt(text))
const share = z.int().min(0).max(10_000)

const Terms = z.strictObject({
  payer: address,
  payee: address,
  arbiter: address,
  evaluator: address,
  amount,
  collateral: amount,
  arbiterFee: amount,
  bond: amount,
  deliverBy: seconds,
  disputeWindow: seconds,
  rulingWindow: seconds,
  defaultToPayee: share,
  appFeeRecipient: address,
  appFeeBps: share,
  details: word,
})

export const OfferFields = z.strictObject({
  'teahouse-deal': z.literal(VERSION),
  template: z.string().min(1).max(50),
  chainId: z.int().positive(),
  escrow: address,
  deal: word,
  terms: Terms,
  data: z.string().max(MAX_DATA_CHARS).refine(isBytes),
})

/**
 * An offer of what a template made: `offerOf(cabRide, cabRide.terms(parties, params, place), place)`.
 * @throws DealError OTHER_TEMPLATE, BAD_TERMS (as the contract would, `nowSeconds` given).
 */
export function offerOf(
  template: AnyTemplate,
  agreed: Agreed,
  place: DealPlace,
  nowSeconds: number = Math.floor(Date.now() / 1_000),
): Offer {
  checkTerms(agreed.terms, nowSeconds)
  return known(template, agreed, place)
}

/** The text of an offer: JSON in one form, smallest units as decimal texts. */
export const writeOffer = (offer: Offer): string => JSON.stringify(offerJson(offer))

/** An offer as a plain object, its fields in their order. */
export function offerJson({ template, terms, data, deal, statement }: Offer): z.input<typeof OfferFields> {
  const { chainId } = statement.place
  const escrow = getAddress(statement.place.escrow)
  return { 'teahouse-deal': VERSION, template, chainId, escrow, deal, terms: plainTerms(terms), data }
}

/**
 * Reads an offer for one place. Nothing in it is believed: the template makes the same terms again, their hash is the deal's id, and the
 * text is the one that `writeOffer` gives. Whether its time is over is `checkTerms`' to say.
 * @throws DealError BAD_OFFER.
 */
export function readOffer(
  text: string,
  place: DealPlace,
  templates: readonly AnyTemplate[] = TEMPLATES,
): Offer {
  const offer = offerFrom(fieldsOf(text), place, templates)
  if (writeOffer(offer) !== text) throw bad('it is not written in its one form')
  return offer
}

/** The offer that these fields are. Throws DealError BAD_OFFER. */
export function offerFrom(
  fields: z.output<typeof OfferFields>,
  place: DealPlace,
  templates: readonly AnyTemplate[],
): Offer {
  if (fields.chainId !== place.chainId) throw bad(`it is for chain ${fields.chainId}`)
  if (!isAddressEqual(fields.escrow, place.escrow)) throw bad(`it is for the escrow ${fields.escrow}`)
  const template = templates.find(({ name }) => name === fields.template)
  if (!template) throw bad(`its template ${JSON.stringify(fields.template)} is unknown`)
  const offer = attempt(
    () => known(template, fields, place),
    `its terms are none of the template ${template.name}`,
  )
  // Deadlines aside, what the contract would refuse is no offer.
  attempt(() => checkTerms(offer.terms, 0), 'the contract would refuse its terms')
  if (offer.deal !== fields.deal) throw bad('its id is that of other terms')
  return offer
}

/** The offer in one sentence. */
export const describeOffer = ({ statement }: Offer, locale: Locale = 'en'): string =>
  describeDeal(statement, locale)

/** An offer of terms that are on chain already: `deals.terms`, and the data that somebody kept. Throws DealError BAD_OFFER. */
export function offerFor(
  agreed: Agreed,
  place: DealPlace,
  templates: readonly AnyTemplate[] = TEMPLATES,
): Offer {
  for (const template of templates) {
    try {
      return known(template, agreed, place)
    } catch (error) {
      if (!(error instanceof DealError)) throw error
    }
  }
  throw bad('no template made its terms')
}

function known(template: AnyTemplate, { terms: given, data }: Agreed, place: DealPlace): Offer {
  const terms = checksummed(given)
  const statement = statementOf({ terms, data }, template, place)
  const deal = dealId(terms, place.chainId, place.escrow)
  return { template: template.name, terms, data, deal, statement }
}

/** One deal has one text, whatever letter case its addresses came in. */
function checksummed(terms: DealTerms): DealTerms {
  const { payer, payee, arbiter, evaluator, appFeeRecipient } = terms
  return {
    ...terms,
    ...{ payer: getAddress(payer), payee: getAddress(payee), arbiter: getAddress(arbiter) },
    ...{ evaluator: getAddress(evaluator), appFeeRecipient: getAddress(appFeeRecipient) },
    details: terms.details.toLowerCase() as Hex,
  }
}

const plainTerms = (terms: DealTerms): z.input<typeof Terms> =>
  Object.fromEntries(
    Object.keys(Terms.shape).map((name) => {
      const value = terms[name as keyof DealTerms]
      return [name, typeof value === 'bigint' ? value.toString() : value]
    }),
  ) as z.input<typeof Terms>

function fieldsOf(text: string): z.output<typeof OfferFields> {
  if (text.length > MAX_OFFER_CHARS) throw bad('it is too long')
  const json = attempt((): unknown => JSON.parse(text), 'it is no JSON')
  const parsed = OfferFields.safeParse(json)
  if (parsed.success) return parsed.data
  throw bad(`its field ${parsed.error.issues[0]?.path.join('.') ?? ''} can't be read`)
}

function attempt<T>(task: () => T, why: string): T {
  try {
    return task()
  } catch (cause) {
    throw bad(why, cause)
  }
}

function bad(why: string, cause?: unknown): DealError {
  return new DealError(`The offer can't be used: ${why}`, { code: 'BAD_OFFER', why }, { cause })
}
