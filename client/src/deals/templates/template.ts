import { isAddressEqual, keccak256, zeroAddress, type Address, type Hex } from 'viem'
import type { z } from 'zod'
import type { Agreed, Case, DealPlace, Parties, Unit, Words } from '../agreed.ts'
import { DealError, type DealTerms } from '../terms.ts'
import type { Reaction } from './fields.ts'

/** What a template takes from its parameters. */
export interface Shape {
  readonly amount: bigint
  readonly collateral?: bigint
  readonly deliverBy: number
  /** The payee's share of what is left if nobody decides anything, in basis points. Without an evaluator: if the arbiter is silent. */
  readonly defaultToPayee: number
  readonly reaction: Reaction
  /** What the evaluator hashes to `details`. */
  readonly details: Hex
  /** What the parameters are read from again, together with the terms. */
  readonly data: Hex
}

/**
 * A kind of deal: typed parameters, and how they become terms and come back. Write one of your own for an evaluator of your own; `template`
 * makes what people use of it.
 */
export interface TemplateSpec<P> {
  /** Lower case letters and dashes; unique among the templates that an application knows. */
  readonly name: string
  /** What it is about, completes "… for …" (en) and stands for itself (zh-Hans). */
  readonly about: (params: P) => Words
  /** Name of its evaluator in `DealPlace.evaluators`; none if the parties and the arbiter decide. */
  readonly evaluator?: string
  /** Reads parameters from JSON: amounts as decimal texts in whole tokens, exactly, times as unix seconds or ISO 8601. */
  readonly schema: (unit: Unit) => z.ZodType<P>
  readonly shape: (params: P, parties: Parties) => Shape
  /** The parameters that `shape` made these of; whatever it gives for others is found out. Throws for what it can't read. */
  readonly params: (agreed: Agreed) => P
  /** What the evaluator may decide. */
  readonly cases: (params: P, terms: DealTerms) => readonly Case[]
}

/** What a template tells about a deal that it made, whatever its parameters are. */
export interface Told {
  readonly about: Words
  readonly cases: readonly Case[]
}

/** A template as those see it who only read deals. */
export interface AnyTemplate {
  readonly name: string
  /** Throws DealError OTHER_TEMPLATE unless this template made exactly this. */
  readonly tell: (agreed: Agreed, place: DealPlace) => Told
}

export interface Template<P> extends TemplateSpec<P>, AnyTemplate {
  /**
   * Terms and data of a deal with these parameters.
   * @throws DealError NO_EVALUATOR if the place has no such evaluator. The terms are checked when they are offered, by `checkTerms`.
   */
  readonly terms: (parties: Parties, params: P, place: DealPlace) => Agreed
  /** Parameters from JSON. Throws DealError BAD_PARAMS, naming the first field that can't be read. */
  readonly parse: (json: unknown, unit: Unit) => P
  /** The parameters of what this template made. Throws DealError OTHER_TEMPLATE for anything else, down to the last field. */
  readonly read: (agreed: Agreed, place: DealPlace) => P
}

/** Makes a template from what is particular about it. */
export function template<P>(spec: TemplateSpec<P>): Template<P> {
  const make = (parties: Parties, params: P, place: DealPlace): Agreed => {
    const {
      amount,
      collateral = 0n,
      deliverBy,
      defaultToPayee,
      reaction,
      details,
      data,
    } = spec.shape(params, parties)
    const { payer, payee, arbiter = zeroAddress, app } = parties
    const terms: DealTerms = {
      ...{ payer, payee, arbiter, evaluator: evaluatorOf(spec, place), amount, collateral },
      ...{ arbiterFee: reaction.arbiterFee, bond: reaction.bond, deliverBy },
      ...{ disputeWindow: reaction.disputeWindow, rulingWindow: reaction.rulingWindow, defaultToPayee },
      ...{ appFeeRecipient: app?.recipient ?? zeroAddress, appFeeBps: app?.bps ?? 0, details },
    }
    return { terms, data }
  }
  const read = (agreed: Agreed, place: DealPlace): P => {
    const params = attempt(() => spec.params(agreed))
    const again = params && attempt(() => make(partiesOf(agreed.terms), params, place))
    if (params && again && isSame(agreed, again)) return params
    const text = `These are no terms of the template ${spec.name}`
    throw new DealError(text, { code: 'OTHER_TEMPLATE', template: spec.name })
  }
  return {
    ...spec,
    terms: make,
    parse(json, unit) {
      const parsed = spec.schema(unit).safeParse(json)
      if (parsed.success) return parsed.data
      const [{ path, message } = { path: [], message: 'unreadable' }] = parsed.error.issues
      const field = path.join('.')
      throw new DealError(`The ${spec.name} can't be read: ${field} ${message}`, {
        ...{ code: 'BAD_PARAMS', template: spec.name, field, why: message },
      })
    },
    read,
    tell(agreed, place) {
      const params = read(agreed, place)
      return { about: spec.about(params), cases: spec.cases(params, agreed.terms) }
    },
  }
}

/** Who takes part, as terms have it. */
export function partiesOf({ payer, payee, arbiter, appFeeRecipient, appFeeBps }: DealTerms): Parties {
  const none = (address: Address) => isAddressEqual(address, zeroAddress)
  const app =
    none(appFeeRecipient) && appFeeBps === 0 ? undefined : { recipient: appFeeRecipient, bps: appFeeBps }
  return { payer, payee, arbiter: none(arbiter) ? undefined : arbiter, app }
}

/** The hash of data that is its own preimage. */
export const hashOf = (data: Hex): Hex => keccak256(data)

function evaluatorOf(
  { name, evaluator }: Pick<TemplateSpec<never>, 'name' | 'evaluator'>,
  place: DealPlace,
): Address {
  if (evaluator === undefined) return zeroAddress
  const found = Object.hasOwn(place.evaluators, evaluator) ? place.evaluators[evaluator] : undefined
  if (found) return found
  const text = `The template ${name} needs the evaluator ${evaluator}, and none is known here`
  throw new DealError(text, { code: 'NO_EVALUATOR', evaluator })
}

function attempt<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch {
    return undefined
  }
}

/** Same down to the letter case of data; addresses may differ in theirs. */
function isSame(one: Agreed, other: Agreed): boolean {
  const plain = ({ terms, data }: Agreed) =>
    JSON.stringify([data, ...FIELDS.map((field) => String(terms[field]).toLowerCase())])
  return plain(one) === plain(other)
}

const FIELDS = [
  ...(['payer', 'payee', 'arbiter', 'evaluator', 'amount', 'collateral', 'arbiterFee', 'bond'] as const),
  ...(['deliverBy', 'disputeWindow', 'rulingWindow', 'defaultToPayee'] as const),
  ...(['appFeeRecipient', 'appFeeBps', 'details'] as const),
] as const satisfies readonly (keyof DealTerms)[]
