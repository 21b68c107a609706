import { formatAmount, type PreparedSteps } from '@teahouse/client'
import type { Command } from 'commander'
import { CliError } from '../errors.ts'
import type { Session } from '../session.ts'
import { recognised } from '../texts/recognised.ts'
import { say, type Text } from '../texts/say.ts'

export interface ConfirmFlags {
  readonly yes?: boolean
}

export const withYes = (command: Command): Command => command.option('--yes', 'go on without asking')

type Done = Awaited<ReturnType<PreparedSteps['run']>>

/**
 * Shows what is to be sent and what it costs at most, and sends it once that is agreed to: by --yes, or on a terminal. What is not agreed to is
 * not begun. Throws CliError NOT_CONFIRMED; what sending throws.
 */
export async function confirmed(
  session: Session,
  prepared: PreparedSteps,
  flags: ConfirmFlags,
): Promise<Done> {
  const { steps, coins, tokens } = prepared
  const { output } = session
  if (steps.length === 0) return []
  for (const { does, gas } of steps)
    output.progress(say`  ${recognised(does)}  (${gas.toLocaleString('en')} gas)`)
  const ether = formatAmount(coins, 18)
  const price =
    tokens > 0n
      ? say`This takes at most ${ether} coins and ${formatAmount(tokens)} tokens`
      : say`This takes at most ${ether} coins`
  await agree(session, price, flags)
  return prepared.run(({ does, hash }) => output.progress(say`  done: ${recognised(does)}, in ${hash}`))
}

/** Asks whether to go on. Throws CliError NOT_CONFIRMED. */
export async function agree({ world, output }: Session, what: Text, { yes }: ConfirmFlags): Promise<void> {
  const text = output.shown(what)
  output.progress(/[.。]$/.test(text) ? text : say`${text}.`)
  if (yes) return
  const answer = await world.ask?.(output.shown(say`Go on? [y/N] `))
  if (answer !== undefined && /^y(es)?$/i.test(answer)) return
  throw new CliError('Nothing was sent', { code: 'NOT_CONFIRMED' })
}

/** What was sent, for --json. */
export const sent = (done: Done) => done.map(({ name, hash, gasUsed }) => ({ name, hash, gasUsed }))
