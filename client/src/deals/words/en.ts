import { isAddressEqual, zeroAddress, type Address } from 'viem'
import type { Item, Shares, Statement } from '../statement.ts'
import type { Phrases } from './phrases.ts'
import { money, percent, span, stamp } from './units.ts'

const join = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)!}`

function shares({ payer, payee, app }: Shares, { place: { unit } }: Statement): string {
  const parts: [bigint, string][] = [
    [payee, 'the payee'],
    [app, 'the app as its fee'],
    [payer, 'the payer'],
  ]
  return join(
    parts.filter(([amount]) => amount > 0n).map(([amount, who]) => `${money(amount, unit)} to ${who}`),
  )
}

const isNone = (address: Address): boolean => isAddressEqual(address, zeroAddress)

function item(one: Item, statement: Statement): string {
  const { place, terms } = statement
  const { unit } = place
  switch (one.kind) {
    case 'accept':
      return (
        `the payee locks ${money(one.collateral, unit)} as collateral within ${span(one.within, 'en')} after that and by ` +
        `${stamp(one.by)}, else all goes back to the payer, who may take it back until then`
      )
    case 'release':
      return `the payer may release it at any time (${shares(one.pays, statement)})`
    case 'case': {
      const { when, from, before, final } = one.of
      const time = [from && `from ${stamp(from)} on`, before && `before ${stamp(before)}`]
        .filter(Boolean)
        .join(' ')
      const all = final ? 'and that ends it' : 'in all by then'
      return `if ${when.en}${time && ` ${time}`}, ${shares(one.pays, statement) || 'nothing is paid'}, ${all}`
    }
    case 'refund':
      return `the payee may give it back at any time (${shares(one.pays, statement)})`
    case 'dispute':
      return dispute(one, statement)
    case 'silence':
      return (
        `if it has not ended by ${stamp(one.until)}${isNone(terms.arbiter) ? '' : ', nor been brought before the arbiter'}, then ` +
        `${percent(one.bps)} of what is left goes to the payee ` +
        `(of the whole: ${shares(one.pays, statement)})`
      )
  }
}

function dispute(one: Extract<Item, { kind: 'dispute' }>, statement: Statement): string {
  const { unit } = statement.place
  const bonds =
    one.answerWithin === undefined
      ? ''
      : `, depositing ${money(one.bond, unit)}, which the other one has to match within ${span(one.answerWithin, 'en')} or loses all that is left`
  const paid =
    one.bond > 0n
      ? 'from the two deposits, by what each one lost'
      : 'taken off first, or what is left if that is less'
  const fee = one.fee > 0n ? `for a fee of ${money(one.fee, unit)}, ${paid}` : 'without a fee'
  return (
    `either may call the arbiter ${one.arbiter} until ${stamp(one.until)}${bonds}, who then has ${span(one.rulingWithin, 'en')} to split what ` +
    `is left between the two, ${fee}, and no app fee is due from then on; if the arbiter is silent, ${percent(one.silentBps)} of what ` +
    `is left goes to the payee (of the whole: ${shares(one.silent, statement)}) and nothing to the arbiter`
  )
}

function deal(statement: Statement): string {
  const { terms, place, about } = statement
  const { payer, payee, amount, evaluator, deliverBy, appFeeBps, appFeeRecipient } = terms
  const judged = isNone(evaluator) ? '' : `, judged by the contract ${evaluator}`
  const app = isNone(appFeeRecipient)
    ? ''
    : ` (app fee: ${percent(appFeeBps)} of what the payee earns undisputed, to ${appFeeRecipient})`
  return [
    `the payer ${payer} locks ${money(amount, place.unit)} in the escrow ${place.escrow} on chain ${place.chainId} for the payee ` +
      `${payee}, for ${about.en}, due by ${stamp(deliverBy)}${judged}${app}`,
    ...statement.items.map((one) => item(one, statement)),
    'and both together may split it in any other way',
  ].join('; ')
}

/** What is said in English. */
export const en: Phrases = {
  deal,
  until: (sentence, deadline) => `${sentence} (this signature can be used until ${stamp(deadline)}).`,
  sentence: (text) => `${text}.`,
  acts: {
    Funding: (whole) => `Signing this, the payer agrees that ${whole}`,
    Acceptance: (whole, { terms, place }) =>
      `Signing this, the payee ${terms.payee} locks ${money(terms.collateral, place.unit)} as collateral and agrees that ${whole}`,
    Release: (id, { terms, place, pot }) =>
      `Signing this, the payer ${terms.payer} gives all that the deal ${id} still holds, at most ${money(pot, place.unit)}, to the payee ` +
      `${terms.payee}${appFee(terms.appFeeBps, terms.appFeeRecipient)}, which ends it`,
    Refund: (id, { terms, place, pot }) =>
      `Signing this, the signer lets all that the deal ${id} still holds, at most ${money(pot, place.unit)}, go to the payer ` +
      `${terms.payer}, which ends it; only the payee ${terms.payee} can sign it once the payee is bound`,
    Answer: (id, { terms, place }) =>
      `Signing this, the signer deposits ${money(terms.bond, place.unit)} for the side of the deal ${id} that was called before the arbiter ` +
      `${terms.arbiter}, who rules within ${span(terms.rulingWindow, 'en')} for a fee of ${money(terms.arbiterFee, place.unit)}, paid from both deposits by what each side lost`,
    PartRelease: (id, { terms, place, pot }, total) =>
      `Signing this, the payer ${terms.payer} lets the payee ${terms.payee} have ${money(total, place.unit)} in all of the ` +
      `${money(pot, place.unit)} of the deal ${id}${appFee(terms.appFeeBps, terms.appFeeRecipient)}`,
    Dispute: (id, { terms, place }, advancer) =>
      `Signing this, the signer calls the arbiter ${terms.arbiter} to the deal ${id}` +
      (terms.bond > 0n
        ? `, with ${money(terms.bond, place.unit)} that ${advancer} deposits`
        : ` (advanced by ${advancer})`) +
      `, who rules within ${span(terms.rulingWindow, 'en')} for a fee of ${money(terms.arbiterFee, place.unit)}`,
    Ruling: (id, { terms, place }, amount) =>
      `Signing this, the arbiter ${terms.arbiter} gives ${money(amount, place.unit)} of what the deal ${id} still holds to the payee ` +
      `${terms.payee}, ${money(terms.arbiterFee, place.unit)} as the fee to itself${terms.bond > 0n ? ' from the deposits' : ', or what is left if that is less'}, ` +
      `and the rest to the payer ${terms.payer}, which ends it`,
    Settlement: (id, { terms, place, pot }, total) =>
      `Signing this, the signer agrees that of the ${money(pot, place.unit)} of the deal ${id} the payee ${terms.payee} has ` +
      `${money(total, place.unit)} in all and the payer ${terms.payer} the rest, without an app fee, which ends it once the other one agrees`,
  },
  verdict: (id, statement, items) =>
    `Signing this for the deal ${id} means: ${items.map((one) => item(one, statement)).join('; ')}`,
}

const appFee = (bps: number, recipient: string): string =>
  bps > 0 ? `, less an app fee of ${percent(bps)} of what is earned to ${recipient} if nobody disputes` : ''
