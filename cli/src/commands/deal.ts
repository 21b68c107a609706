import { formatAmount } from '@teahouse/client'
import type { Command } from 'commander'
import type { Address, Hex } from 'viem'
import { action, group } from '../command.ts'
import { agree } from '../operator/confirm.ts'
import { EXAMPLE, address, amount, duration, percent } from '../parse.ts'
import type { Session, World } from '../session.ts'
import { actCommands } from './deal/acts.ts'
import { agreeCommands } from './deal/agree.ts'
import { costOf } from './deal/chain-view.ts'
import { deliverCommands } from './deal/deliver.ts'
import { step, type StepFlags } from './deal/flags.ts'
import { offerCommand } from './deal/offer.ts'
import { statusCommand } from './deal/status.ts'
import { showDate } from '../output.ts'
import { say } from '../texts/say.ts'

const OPEN = `deal open --payee ${EXAMPLE.payee} --arbiter ${EXAMPLE.arbiter} --amount 20`

export function dealCommands(program: Command, world: World): void {
  const deal = group(program, 'deal', 'trade through the escrow, with an arbiter for disputes')

  offerCommand(deal, world)
  agreeCommands(deal, world)
  deliverCommands(deal, world)
  actCommands(deal, world)
  statusCommand(deal, world)

  step(deal, {
    name: 'open',
    does: 'offer and fund at once, as the payer: for people who have agreed in other words',
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
    .action(action<StepFlags & OpenFlags>(world, open))
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

async function open(session: Session, _: readonly unknown[], flags: StepFlags & OpenFlags): Promise<void> {
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
    onOpening: (deal: Hex) => session.output.notice({ opening: deal }, say`Opening  ${deal}`),
  }
  const what = say`You lock ${formatAmount(locked)} tokens for ${payee}; ${arbiter} rules on a dispute`
  await agree(session, say`${what}\n${await costOf(session, 'fund', flags)}`, flags)
  session.output.progress(say`Locking the amount: waiting for the block …`)
  const opened = await session.withClient(({ deals }) => deals.open(terms), flags)
  session.output.result({ ...opened }, [
    say`Deal     ${opened.deal}`,
    say`Locked   ${formatAmount(locked)} tokens until ${showDate(opened.terms.deliverBy)}`,
    say`In       ${opened.hash}`,
  ])
}
