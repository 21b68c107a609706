import { formatAmount, type DealNow, type DealStatus } from '@teahouse/client'
import { showDate } from '../../output.ts'
import { say, type Said, type Text } from '../../texts/say.ts'

const STATES = {
  opening: say`opening: written down, not on the chain (yet)`,
  offered: say`offered: waiting for the payee to lock its collateral`,
  funded: say`funded`,
  challenged: say`challenged: waiting for the other side to answer`,
  disputed: say`disputed`,
  closed: say`closed`,
}

const ENDS: Partial<Record<DealStatus['state'], Said>> = {
  offered: say`Accept  `,
  challenged: say`Answer  `,
  disputed: say`Ruling  `,
}

/** A deal as a person reads it. */
export function showDeal({ deal, state, terms, endsAt, left, closed }: DealStatus): Text[] {
  const lines = [
    say`Deal     ${deal}`,
    say`State    ${closed ? `${state}: ${closed.outcome}` : STATES[state]}`,
    say`Amount   ${formatAmount(terms.amount)} tokens`,
    say`Payer    ${terms.payer}`,
    say`Payee    ${terms.payee}`,
    say`Arbiter  ${terms.arbiter} (fee ${formatAmount(terms.arbiterFee)})`,
    say`Deliver  by ${showDate(terms.deliverBy)}; disputes until ${showDate(terms.deliverBy + terms.disputeWindow)}`,
  ]
  if (left > 0n && left !== terms.amount) lines.push(say`Left     ${formatAmount(left)} tokens`)
  if (endsAt !== undefined) lines.push(say`${ENDS[state] ?? say`Ends    `} until ${showDate(endsAt)}`)
  if (closed) {
    const { toPayer, toPayee, toArbiter, toApp } = closed
    const shares = { payer: toPayer, payee: toPayee, arbiter: toArbiter, app: toApp }
    const paid = Object.entries(shares).filter(([, share]) => share > 0n)
    lines.push(say`Paid     ${paid.map(([who, share]) => `${formatAmount(share)} to the ${who}`).join(', ')}`)
  }
  return lines
}

/** What may be done in a deal now, by whom and until when, and what comes if nobody does anything. */
export function showMoves({ can, silence }: DealNow): Text[] {
  const moves = can.map(({ move, who, until, locks }) => {
    const by = until === undefined ? '' : `, until ${showDate(until)}`
    return `         ${move}: ${who.join(' or ')}${by}${locks > 0n ? `; locks ${formatAmount(locks)} tokens` : ''}`
  })
  const lines = moves.length > 0 ? [say`Now      may be done:`, ...moves] : []
  if (!silence) return lines
  const { payer, payee } = silence.pays
  const shares = `${formatAmount(payee)} to the payee, ${formatAmount(payer)} to the payer`
  return [...lines, say`Else     from ${showDate(silence.from)} on: ${shares}`]
}
