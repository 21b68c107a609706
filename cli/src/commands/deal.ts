import { formatAmount, type Client, type DealStatus, type TxResult } from '@teahouse/client'
import type { Command } from 'commander'
import type { Address, Hex } from 'viem'
import { action, group, leaf } from '../command.ts'
import { EXAMPLE, address, amount, deal as dealId, duration, percent, signature } from '../parse.ts'
import type { CommonOptions, Session, World } from '../session.ts'

const OPEN = `deal open --payee ${EXAMPLE.payee} --arbiter ${EXAMPLE.arbiter} --amount 20`

export function dealCommands(program: Command, world: World): void {
  const deal = group(program, 'deal', 'trade through the escrow, with an arbiter for disputes')

  leaf(deal, {
    name: 'open',
    does: 'agree to terms as the payer and lock the amount',
    examples: [
      [OPEN, 'delivery within an hour'],
      [`${OPEN} --deliver-in 2d --arbiter-fee 1`, ''],
    ],
  })
    .requiredOption('--payee <address>', 'who delivers', address)
    .requiredOption('--arbiter <address>', 'who rules on a dispute', address)
    .requiredOption('--amount <amount>', 'tokens to lock', amount)
    .option('--deliver-in <duration>', 'time to deliver (default: 1h)', duration)
    .option('--dispute-window <duration>', 'time after it to call the arbiter (default: 1h)', duration)
    .option('--ruling-window <duration>', 'time that the arbiter then has (default: 1h)', duration)
    .option(
      '--default-to-payee <percent>',
      "the payee's share if the arbiter is silent (default: 50)",
      percent,
    )
    .option('--arbiter-fee <amount>', 'what a ruling costs, out of the amount (default: 0)', amount)
    .action(action<CommonOptions & OpenFlags>(world, open))

  const simple = (name: 'release' | 'refund' | 'dispute' | 'expire', does: string, done: string): void => {
    leaf(deal, { name, does, examples: [[`deal ${name} ${EXAMPLE.deal}`, '']] })
      .argument('<deal>', 'id, as printed by deal open', dealId)
      .action(
        action(world, (session, [id]) =>
          act(session, id as Hex, done, ({ deals }) => deals[name](id as Hex)),
        ),
      )
  }
  simple('release', 'payer: pay everything to the payee', 'Released')
  simple('refund', 'payee: give everything back to the payer', 'Refunded')
  simple('dispute', 'either party: call the arbiter', 'Disputed')
  simple('expire', 'anyone, once the last window is over: the outcome that the terms foresee', 'Expired')

  leaf(deal, {
    name: 'rule',
    does: 'arbiter: split a disputed deal; what the payee and the arbiter do not get goes to the payer',
    examples: [[`deal rule ${EXAMPLE.deal} 12.5`, '12.5 tokens to the payee']],
  })
    .argument('<deal>', 'id', dealId)
    .argument('<payee-amount>', 'tokens for the payee', amount)
    .action(
      action(world, (session, [id, share]) =>
        act(session, id as Hex, 'Ruled', ({ deals }) => deals.rule(id as Hex, share as bigint)),
      ),
    )

  leaf(deal, {
    name: 'settle',
    does: 'both parties: close by a split that both sign; without --signature prints yours for the other party',
    examples: [
      [`deal settle ${EXAMPLE.deal} 15`, 'prints a signature to hand over'],
      [
        `deal settle ${EXAMPLE.deal} 15 --signature ${EXAMPLE.signature}`,
        'closes, with the signature of the other party',
      ],
    ],
  })
    .argument('<deal>', 'id', dealId)
    .argument('<payee-amount>', 'tokens for the payee', amount)
    .option('--signature <hex>', "the other party's signature", signature)
    .action(action<CommonOptions & { signature?: Hex }>(world, settle))

  leaf(deal, {
    name: 'status',
    does: 'show the terms of a deal and how it stands; without an id, those whose opening was interrupted',
    examples: [
      [`deal status ${EXAMPLE.deal}`, ''],
      ['deal status --json', 'what was to be opened when a command or a connection broke off'],
    ],
  })
    .argument('[deal]', 'id', dealId)
    .action(action(world, status))
}

interface OpenFlags {
  readonly payee: Address
  readonly arbiter: Address
  readonly amount: bigint
  readonly deliverIn?: number
  readonly disputeWindow?: number
  readonly rulingWindow?: number
  readonly defaultToPayee?: number
  readonly arbiterFee?: bigint
}

async function open(session: Session, _: readonly unknown[], flags: OpenFlags): Promise<void> {
  const {
    payee,
    arbiter,
    amount: locked,
    deliverIn,
    disputeWindow,
    rulingWindow,
    defaultToPayee,
    arbiterFee,
  } = flags
  const terms = {
    payee,
    arbiter,
    amount: locked,
    deliverIn,
    disputeWindow,
    rulingWindow,
    defaultToPayee,
    arbiterFee,
    onOpening: (deal: Hex) => session.output.notice({ opening: deal }, `Opening  ${deal}`),
  }
  session.output.progress('Locking the amount: waiting for the block …')
  const opened = await session.withClient(({ deals }) => deals.open(terms))
  session.output.result({ ...opened }, [
    `Deal     ${opened.deal}`,
    `Locked   ${formatAmount(locked)} tokens until ${date(opened.terms.deliverBy)}`,
    `In       ${opened.hash}`,
  ])
}

async function act(
  session: Session,
  deal: Hex,
  done: string,
  task: (client: Client) => Promise<TxResult>,
): Promise<void> {
  session.output.progress('Waiting for the block …')
  const tx = await session.withClient(task)
  session.output.result({ deal, ...tx }, [`${done} in ${tx.hash}`])
}

async function settle(
  session: Session,
  args: readonly unknown[],
  options: { signature?: Hex },
): Promise<void> {
  const [deal, share] = args as [Hex, bigint]
  const { signature: theirs } = options
  if (theirs) return act(session, deal, 'Settled', ({ deals }) => deals.settle(deal, share, theirs))
  const signed = await session.withClient(({ deals }) => deals.signSettlement(deal, share))
  session.output.result({ deal, payeeAmount: share, signature: signed }, [
    `Signature  ${signed}`,
    `The other party runs: teahouse deal settle ${deal} ${formatAmount(share)} --signature ${signed}`,
  ])
}

async function status(session: Session, [id]: readonly unknown[]): Promise<void> {
  if (id === undefined) return pending(session)
  const found = await session.withClient(({ deals }) => deals.status(id as Hex))
  session.output.result({ ...found }, show(found))
}

async function pending(session: Session): Promise<void> {
  const found = await session.withClient(({ deals }) => deals.pending())
  const lines = found.flatMap((deal, at) => (at > 0 ? ['', ...show(deal)] : show(deal)))
  session.output.result({ deals: found }, lines.length > 0 ? lines : ['No opening was interrupted'])
}

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

function show({ deal, state, terms, endsAt, left, closed }: DealStatus): string[] {
  const lines = [
    `Deal     ${deal}`,
    `State    ${closed ? `${state}: ${closed.outcome}` : STATES[state]}`,
    `Amount   ${formatAmount(terms.amount)} tokens`,
    `Payer    ${terms.payer}`,
    `Payee    ${terms.payee}`,
    `Arbiter  ${terms.arbiter} (fee ${formatAmount(terms.arbiterFee)})`,
    `Deliver  by ${date(terms.deliverBy)}; disputes until ${date(terms.deliverBy + terms.disputeWindow)}`,
  ]
  if (left > 0n && left !== terms.amount) lines.push(`Left     ${formatAmount(left)} tokens`)
  if (endsAt !== undefined) lines.push(`${ENDS[state] ?? 'Ends    '} until ${date(endsAt)}`)
  if (closed) {
    const { toPayer, toPayee, toArbiter, toApp } = closed
    const shares = { payer: toPayer, payee: toPayee, arbiter: toArbiter, app: toApp }
    const paid = Object.entries(shares).filter(([, share]) => share > 0n)
    lines.push(`Paid     ${paid.map(([who, share]) => `${formatAmount(share)} to the ${who}`).join(', ')}`)
  }
  return lines
}

const date = (unixSeconds: number): string => new Date(unixSeconds * 1000).toISOString()
