import { getAddress, isAddressEqual, type Address, type Hex, type TypedDataDefinition } from 'viem'
import { z } from 'zod'
import type { DealPlace, Locale, Verdict } from './agreed.ts'
import { OfferFields, offerFrom, offerJson, type Offer } from './offer.ts'
import { sentenceOf, type Signable } from './sentence.ts'
import { isSignedBy, notSigned, signedBy, type DealSigner } from './signer.ts'
import { address, seconds, signature, word } from './templates/fields.ts'
import { TEMPLATES } from './templates/index.ts'
import type { AnyTemplate } from './templates/template.ts'
import { DealError, actTypedData, fundingTypedData } from './terms.ts'

/** What people sign for the escrow itself. */
export type EscrowAct = Exclude<Signable, { readonly act: 'Verdict' }>

/** An allowance for what the act locks (ERC-2612), so that its signer needs no gas: arguments of the token's `permit`. */
export interface SignedPermit {
  readonly value: bigint
  readonly deadline: bigint
  readonly v: number
  readonly r: Hex
  readonly s: Hex
}

/** An act that somebody signed: binding, and to be sent by anyone. */
export interface SignedAct {
  readonly offer: Offer
  readonly act: EscrowAct
  readonly signer: Address
  readonly signature: Hex
  readonly permit?: SignedPermit | undefined
}

/** Shown the sentence before anything is signed; true: sign it. */
export type Confirm = (sentence: string) => boolean | Promise<boolean>

export interface SignOptions {
  readonly confirm: Confirm
  readonly locale?: Locale
}

/** Characters of a signed act as text. */
export const MAX_SIGNED_CHARS = 45_000
const VERSION = 1

/** EIP-712 typed data of an act: what a wallet shows and signs. */
export function typedDataOf(
  { terms, deal, statement: { place } }: Offer,
  act: EscrowAct,
): TypedDataDefinition {
  const { chainId, escrow } = place
  const typed =
    act.act === 'Funding'
      ? fundingTypedData(terms, act.deadline, chainId, escrow)
      : actTypedData({ ...act, deal }, chainId, escrow)
  return typed as unknown as TypedDataDefinition
}

/** Whose signature the escrow takes for an act: any of these; anybody's if there is none. */
export function signersOf(
  { terms: { payer, payee, arbiter } }: Offer,
  { act }: EscrowAct,
): readonly Address[] {
  switch (act) {
    case 'Funding':
    case 'Release':
    case 'PartRelease':
      return [payer]
    case 'Acceptance':
      return [payee]
    case 'Ruling':
      return [arbiter]
    case 'Refund':
    case 'Dispute':
    case 'Settlement':
      return [payer, payee]
    case 'Answer':
      return []
  }
}

/** What an act takes from who signs it, smallest units; a dispute that somebody else advances takes nothing. */
export function locksOf({ terms }: Offer, act: EscrowAct, signer: Address): bigint {
  switch (act.act) {
    case 'Funding':
      return terms.amount
    case 'Acceptance':
      return terms.collateral
    case 'Answer':
      return terms.bond
    case 'Dispute':
      return isAddressEqual(act.advancer, signer) ? terms.bond : 0n
    default:
      return 0n
  }
}

/**
 * Shows the sentence, and has it signed if that is confirmed.
 * @throws DealError NOT_SIGNED: not confirmed, not theirs to sign, or the wallet said no.
 */
export async function signAct(
  offer: Offer,
  act: EscrowAct,
  signer: DealSigner,
  { confirm, locale = 'en' }: SignOptions,
): Promise<SignedAct> {
  if (!maySign(offer, act, signer.address)) throw notSigned(`${act.act} is not for ${signer.address} to sign`)
  if (!(await confirm(sentenceOf(offer.statement, act, locale)))) throw notSigned('it was not confirmed')
  const signature = await signedBy(signer, typedDataOf(offer, act))
  return { offer, act, signer: getAddress(signer.address), signature }
}

/**
 * Shows what a verdict means (`cabRide.cancellation`, `marketplace.inspection`), and has it signed for the evaluator if that is confirmed. The signature
 * goes into the evidence. Throws DealError NOT_SIGNED.
 */
export async function signVerdict(
  offer: Offer,
  { typed, cases }: Verdict,
  signer: DealSigner,
  { confirm, locale = 'en' }: SignOptions,
): Promise<Hex> {
  if (!(await confirm(sentenceOf(offer.statement, { act: 'Verdict', cases }, locale))))
    throw notSigned('it was not confirmed')
  return await signedBy(signer, typed)
}

function maySign(offer: Offer, act: EscrowAct, signer: Address): boolean {
  const signers = signersOf(offer, act)
  return signers.length === 0 || signers.some((one) => isAddressEqual(one, signer))
}

const amount = z
  .string()
  .regex(/^(0|[1-9]\d{0,38})$/)
  .transform((text) => BigInt(text))
const plain = { deadline: seconds }

const Act = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal(['Funding', 'Acceptance', 'Release', 'Refund', 'Answer']), ...plain }),
  z.strictObject({ act: z.literal('PartRelease'), total: amount, ...plain }),
  z.strictObject({ act: z.literal('Dispute'), advancer: address, ...plain }),
  z.strictObject({ act: z.literal(['Ruling', 'Settlement']), payeeAmount: amount, ...plain }),
])

const SignedFields = z.strictObject({
  'teahouse-signed': z.literal(VERSION),
  offer: OfferFields,
  act: Act,
  signer: address,
  signature,
  permit: z
    .strictObject({ value: amount, deadline: amount, v: z.literal([27, 28]), r: word, s: word })
    .optional(),
})

/** The text of a signed act: JSON in one form. */
export function writeSigned({ offer, act, signer, signature: by, permit }: SignedAct): string {
  const plainValue = (_: string, value: unknown): unknown =>
    typeof value === 'bigint' ? value.toString() : value
  const fields = {
    ...{ 'teahouse-signed': VERSION, offer: offerJson(offer), act: orderedAct(act), signer, signature: by },
    ...(permit && { permit: orderedPermit(permit) }),
  }
  return JSON.stringify(fields, plainValue)
}

function orderedAct(act: EscrowAct): EscrowAct {
  const { act: name, deadline } = act
  switch (act.act) {
    case 'PartRelease':
      return { act: act.act, total: act.total, deadline }
    case 'Dispute':
      return { act: act.act, advancer: act.advancer, deadline }
    case 'Ruling':
    case 'Settlement':
      return { act: act.act, payeeAmount: act.payeeAmount, deadline }
    default:
      return { act: name, deadline } as EscrowAct
  }
}

const orderedPermit = ({ value, deadline, v, r, s }: SignedPermit) => ({ value, deadline, v, r, s })

/**
 * Reads what somebody signed, for one place: the offer as `readOffer` would, and the signature is one of who may sign this.
 * @throws DealError BAD_SIGNED, BAD_OFFER.
 */
export async function readSigned(
  text: string,
  place: DealPlace,
  templates: readonly AnyTemplate[] = TEMPLATES,
): Promise<SignedAct> {
  const { offer: fields, act, signer, signature: by, permit } = fieldsOf(text)
  const offer = offerFrom(fields, place, templates)
  const signed: SignedAct = { offer, act, signer, signature: by, permit }
  if (writeSigned(signed) !== text) throw bad('it is not written in its one form')
  if (!maySign(offer, act, signer)) throw bad(`${act.act} is not for ${signer} to sign`)
  if (permit && permit.value !== locksOf(offer, act, signer)) throw bad('its permit is about another amount')
  if (await isSignedBy(signer, typedDataOf(offer, act), by)) return signed
  throw bad(`the signature is not one of ${signer}`)
}

function fieldsOf(text: string): z.output<typeof SignedFields> {
  if (text.length > MAX_SIGNED_CHARS) throw bad('it is too long')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw bad('it is no JSON', cause)
  }
  const parsed = SignedFields.safeParse(json)
  if (parsed.success) return parsed.data
  throw bad(`its field ${parsed.error.issues[0]?.path.join('.') ?? ''} can't be read`)
}

function bad(why: string, cause?: unknown): DealError {
  return new DealError(`What was signed can't be used: ${why}`, { code: 'BAD_SIGNED', why }, { cause })
}
