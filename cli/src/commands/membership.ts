import { MAX_RATE_LIMIT, formatAmount, type MembershipStatus, type Remaining } from '@teahouse/client'
import type { Command } from 'commander'
import { action, group, leaf } from '../command.ts'
import { showDate } from '../output.ts'
import { wholeNumber } from '../parse.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { say, type Said, type Text } from '../texts/say.ts'

const DEFAULT_LIMIT = 20

export function membershipCommands(program: Command, world: World): void {
  const membership = group(program, 'membership', 'join the network as a member who may send')

  leaf(membership, {
    name: 'join',
    does: 'register on chain for one term; takes a deposit, returned on leaving, and a fee',
    examples: [
      ['membership join', `up to ${DEFAULT_LIMIT} messages an epoch`],
      ['membership join --rate-limit 100 --home 2', 'more of them; the fee goes to operator 2'],
    ],
  })
    .option('--rate-limit <number>', 'messages an epoch', wholeNumber(1, MAX_RATE_LIMIT), DEFAULT_LIMIT)
    .option(
      '--home <operator>',
      'id of the operator who gets the fee; 0 burns it (default: whose node sends it, or nobody)',
      wholeNumber(0, 2 ** 31),
    )
    .action(action<CommonOptions & { rateLimit: number; home?: number }>(world, join))

  leaf(membership, {
    name: 'status',
    does: 'show whether this account may send, how much in this epoch, and until when',
    examples: [
      ['membership status', ''],
      ['membership status --json', ''],
    ],
  }).action(action(world, status))

  leaf(membership, {
    name: 'renew',
    does: 'add a term to the membership; takes the fee',
    examples: [['membership renew', '']],
  }).action(action(world, renew))

  leaf(membership, {
    name: 'exit',
    does: 'leave at once; the deposit can be withdrawn after the exit delay',
    examples: [['membership exit', '']],
  }).action(action(world, exit))

  leaf(membership, {
    name: 'withdraw',
    does: 'take the deposit back, an exit delay after leaving',
    examples: [['membership withdraw', '']],
  }).action(action(world, withdraw))
}

async function join(
  session: Session,
  _: readonly unknown[],
  options: { rateLimit: number; home?: number },
): Promise<void> {
  session.output.progress(say`Joining: waiting for the block with the registration …`)
  const joined = await session.withClient(({ membership }) => membership.join(options))
  session.output.result({ ...joined }, [
    say`Joined as member ${joined.index}: ${joined.rateLimit} messages an epoch until ${showDate(joined.expiry)}`,
    say`Paid     ${formatAmount(joined.deposit)} deposit, ${formatAmount(joined.fee)} fee, ${joined.gasUsed} gas`,
    say`In       ${joined.hash}`,
  ])
}

async function status(session: Session): Promise<void> {
  const { found, remaining } = await session.withClient(async ({ membership }) => {
    const status = await membership.status()
    const maySend = status.state === 'active' || status.state === 'grace'
    // What the nodes can't tell now is no reason to say nothing.
    return {
      found: status,
      remaining: maySend ? await membership.remaining().catch(() => undefined) : undefined,
    }
  })
  session.output.result({ ...found, ...(remaining && { remaining }) }, statusLines(found, remaining))
}

function statusLines(found: MembershipStatus, remaining: Remaining | undefined): Text[] {
  const { state, index, rateLimit, expiry, epochSeconds, members, renewal } = found
  const lines = [say`State    ${STATES[state]}`]
  if (index !== undefined) lines.push(say`Member   ${index} of ${members}`)
  if (rateLimit !== undefined) lines.push(say`Limit    ${rateLimit} messages in ${epochSeconds} s`)
  if (remaining) lines.push(say`Left     ${remaining.left} messages until ${showDate(remaining.until)}`)
  if (expiry !== undefined) lines.push(say`Until    ${showDate(expiry)}`)
  if (renewal?.due === 'grace')
    lines.push(say`Renew    the term is over; the membership ends in ${lasting(renewal.secondsLeft)}`)
  else if (renewal) lines.push(say`Renew    the term ends in ${lasting(renewal.secondsLeft)}`)
  if (renewal) lines.push(say`Renew with: teahouse membership renew`)
  if (state === 'none') lines.push(say`Join with: teahouse membership join`)
  return lines
}

function lasting(seconds: number): Said {
  if (seconds >= 2 * 86_400) return say`${Math.floor(seconds / 86_400)} days`
  if (seconds >= 2 * 3_600) return say`${Math.floor(seconds / 3_600)} hours`
  return say`${Math.floor(seconds / 60)} minutes`
}

async function renew(session: Session): Promise<void> {
  const tx = await session.withClient(({ membership }) => membership.renew())
  session.output.result({ ...tx }, [say`Renewed in ${tx.hash}`])
}

async function exit(session: Session): Promise<void> {
  const tx = await session.withClient(({ membership }) => membership.exit())
  session.output.result({ ...tx }, [say`Left in ${tx.hash}`])
}

async function withdraw(session: Session): Promise<void> {
  const tx = await session.withClient(({ membership }) => membership.withdraw())
  session.output.result({ ...tx }, [say`Withdrawn in ${tx.hash}`])
}

const STATES = {
  none: say`none`,
  active: say`active`,
  grace: say`grace`,
  expired: say`expired`,
  exited: say`exited`,
  slashed: say`slashed`,
} as const
