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

type Outcome = NonNullable<DealStatus['closed']>['outcome']
const OUTCOMES: Readonly<Record<Outcome, Said>> = {
  released: say`released`,
  refunded: say`refunded`,
  settled: say`settled`,
  ruled: say`ruled`,
  accepted: say`accepted`,
  defaulted: say`defaulted`,
  evaluated: say`evaluated`,
  unanswered: say`unanswered`,
}

type Possible = DealNow['can'][number]
/** In other languages, with the word that the command line has for it. */
const MOVES: Readonly<Record<Possible['move'], Said>> = {
  fund: say`fund`,
  accept: say`accept`,
  release: say`release`,
  releasePart: say`releasePart`,
  refund: say`refund`,
  settle: say`settle`,
  evaluate: say`evaluate`,
  dispute: say`dispute`,
  answer: say`answer`,
  rule: say`rule`,
  expire: say`expire`,
}

const ROLES: Readonly<Record<Possible['who'][number], Said>> = {
  payer: say`payer`,
  payee: say`payee`,
  arbiter: say`arbiter`,
  anyone: say`anyone`,
}

/** A deal as a person reads it. */
export function showDeal({ deal, state, terms, endsAt, left, closed }: DealStatus): Text[] {
  const lines = [
    say`Deal     ${deal}`,
    say`State    ${closed ? say`${STATES[state]}: ${OUTCOMES[closed.outcome]}` : STATES[state]}`,
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
    const paid = [
      ...toThe(toPayer, (share) => say`${share} to the payer`),
      ...toThe(toPayee, (share) => say`${share} to the payee`),
      ...toThe(toArbiter, (share) => say`${share} to the arbiter`),
      ...toThe(toApp, (share) => say`${share} to the app`),
    ]
    lines.push(say`Paid     ${paid.reduce((some, one) => say`${some}, ${one}`)}`)
  }
  return lines
}

const toThe = (share: bigint, say: (share: string) => Said): Said[] =>
  share > 0n ? [say(formatAmount(share))] : []

/** What may be done in a deal now, by whom and until when, and what comes if nobody does anything. */
export function showMoves({ can, silence }: DealNow): Text[] {
  const moves = can.map(({ move, who, until, locks }) => {
    const by = until === undefined ? '' : say`, until ${showDate(until)}`
    const people = who.map((one) => ROLES[one]).reduce((some, one) => say`${some} or ${one}`)
    return say`         ${MOVES[move]}: ${people}${by}${locks > 0n ? say`; locks ${formatAmount(locks)} tokens` : ''}`
  })
  const lines = moves.length > 0 ? [say`Now      may be done:`, ...moves] : []
  if (!silence) return lines
  const { payer, payee } = silence.pays
  const shares = say`${say`${formatAmount(payee)} to the payee`}, ${say`${formatAmount(payer)} to the payer`}`
  return [...lines, say`Else     from ${showDate(silence.from)} on: ${shares}`]
}
