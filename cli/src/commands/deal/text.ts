import { formatAmount, type DealNow, type DealStatus } from '@teahouse/client'

const STATES = {
  opening: 'opening: written down, not on the chain (yet)',
  offered: 'offered: waiting for the payee to lock its collateral',
  funded: 'funded',
  challenged: 'challenged: waiting for the other side to answer',
  disputed: 'disputed',
  closed: 'closed',
}

const ENDS: Partial<Record<DealStatus['state'], string>> = {
  offered: 'Accept  ',
  challenged: 'Answer  ',
  disputed: 'Ruling  ',
}

export const showDate = (unixSeconds: number): string => new Date(unixSeconds * 1000).toISOString()

/** A deal as a person reads it. */
export function showDeal({ deal, state, terms, endsAt, left, closed }: DealStatus): string[] {
  const lines = [
    `Deal     ${deal}`,
    `State    ${closed ? `${state}: ${closed.outcome}` : STATES[state]}`,
    `Amount   ${formatAmount(terms.amount)} tokens`,
    `Payer    ${terms.payer}`,
    `Payee    ${terms.payee}`,
    `Arbiter  ${terms.arbiter} (fee ${formatAmount(terms.arbiterFee)})`,
    `Deliver  by ${showDate(terms.deliverBy)}; disputes until ${showDate(terms.deliverBy + terms.disputeWindow)}`,
  ]
  if (left > 0n && left !== terms.amount) lines.push(`Left     ${formatAmount(left)} tokens`)
  if (endsAt !== undefined) lines.push(`${ENDS[state] ?? 'Ends    '} until ${showDate(endsAt)}`)
  if (closed) {
    const { toPayer, toPayee, toArbiter, toApp } = closed
    const shares = { payer: toPayer, payee: toPayee, arbiter: toArbiter, app: toApp }
    const paid = Object.entries(shares).filter(([, share]) => share > 0n)
    lines.push(`Paid     ${paid.map(([who, share]) => `${formatAmount(share)} to the ${who}`).join(', ')}`)
  }
  return lines
}

/** What may be done in a deal now, by whom and until when, and what comes if nobody does anything. */
export function showMoves({ can, silence }: DealNow): string[] {
  const moves = can.map(({ move, who, until, locks }) => {
    const by = until === undefined ? '' : `, until ${showDate(until)}`
    return `         ${move}: ${who.join(' or ')}${by}${locks > 0n ? `; locks ${formatAmount(locks)} tokens` : ''}`
  })
  const lines = moves.length > 0 ? ['Now      may be done:', ...moves] : []
  if (!silence) return lines
  const { payer, payee } = silence.pays
  const shares = `${formatAmount(payee)} to the payee, ${formatAmount(payer)} to the payer`
  return [...lines, `Else     from ${showDate(silence.from)} on: ${shares}`]
}
