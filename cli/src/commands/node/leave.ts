import { createExit, formatAmount, type ExitItem } from '@teahouse/client'
import { presentDeployment } from '@teahouse/protocol/chain/deployments'
import type { Command } from 'commander'
import { action, leaf } from '../../command.ts'
import { CliError } from '../../errors.ts'
import { agree, confirmed, sent, withYes, type ConfirmFlags } from '../../operator/confirm.ts'
import { openFolder, withDir, type FolderFlags } from '../../operator/folder.ts'
import { requireOperator } from '../../operator/id.ts'
import { asOwner, ownerKey, withOwner, type OwnerFlags } from '../../operator/owner.ts'
import { counted, showDate } from '../../output.ts'
import { amount } from '../../parse.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { recognised } from '../../texts/recognised.ts'
import { say, type Text } from '../../texts/say.ts'

type LeaveFlags = CommonOptions & FolderFlags & OwnerFlags & ConfirmFlags

/** `unstake` and `withdraw`: how what an operator has comes back. */
export function leaveCommands(node: Command, world: World): void {
  const unstake = leaf(node, {
    name: 'unstake',
    does: 'start moving stake out; it can be slashed until it has thawed and is withdrawn. Asks before it sends',
    examples: [
      ['node unstake', 'all of it; takes the announcement back too'],
      ['node unstake 50 --yes', 'a part'],
    ],
  }).argument('[amount]', 'tokens (default: all)', amount)
  withYes(withOwner(withDir(unstake))).action(action<LeaveFlags>(world, startThaw))

  const withdraw = leaf(node, {
    name: 'withdraw',
    does: 'take what has thawed and what membership fees have brought. What vouchers bring goes to the payee by itself',
    examples: [
      ['node withdraw', 'shows what there is, and asks'],
      ['node withdraw --yes --wait', 'stays until all has thawed'],
    ],
  }).option('--wait', 'go on when something has thawed')
  withYes(withOwner(withDir(withdraw))).action(action<LeaveFlags & { wait?: boolean }>(world, take))
}

async function startThaw(session: Session, [given]: readonly unknown[], flags: LeaveFlags): Promise<void> {
  const opened = await openFolder(session, flags)
  const id = requireOperator(opened)
  const desk = await asOwner(session, opened, flags)
  const done = await confirmed(
    session,
    await desk.unstake({ id, amount: given as bigint | undefined }),
    flags,
  )
  const { staked, thawing, thawedAt } = await desk.state(id)
  session.output.result({ operatorId: id, staked, thawing, thawedAt, transactions: sent(done) }, [
    say`Operator ${id}`,
    say`Staked   ${formatAmount(staked)} tokens`,
    say`Thawing  ${formatAmount(thawing)} tokens, until ${showDate(thawedAt)}`,
    say`Next     teahouse node withdraw`,
  ])
}

/** What `withdraw` takes; everything else that a deployment holds is a matter of `teahouse exit`. */
const TAKES: ReadonlySet<string> = new Set(['withdraw', 'claimFees', 'claimOwed', 'claim', 'claimNative'])
const KEPT_BY: ReadonlySet<string> = new Set(['OperatorStaking', 'MembershipRegistry', 'PaymentChannels'])

function isIncomeOrThawed({ contract, next }: ExitItem): boolean {
  return KEPT_BY.has(contract) && (next.kind === 'call' ? TAKES.has(next.functionName) : next.kind === 'wait')
}

async function take(
  session: Session,
  _: readonly unknown[],
  flags: LeaveFlags & { wait?: boolean },
): Promise<void> {
  const { output, world } = session
  const opened = await openFolder(session, flags)
  const id = requireOperator(opened)
  const account = await ownerKey(session, flags)
  const { rpcUrl } = opened.network
  const way = await createExit({ rpcUrl, deployment: presentDeployment(opened.network), account })
  const there = (await way.survey()).filter(isIncomeOrThawed)
  for (const item of there) output.progress(say`  ${shown(item)}`)
  if (there.length > 0) await agree(session, say`This takes gas only`, flags)
  const { done, refused } = await way.run({
    wait: flags.wait ?? false,
    only: isIncomeOrThawed,
    signal: world.signal,
    onDone: ({ what, does, hash }) =>
      output.progress(say`  done: ${recognised(does)} (${recognised(what)}), in ${hash}`),
    onWait: (until) => output.progress(say`Waiting until ${showDate(until)}; Ctrl-C is safe`),
  })
  const left = (await way.survey()).filter(isIncomeOrThawed)
  const balances = await (await asOwner(session, opened, flags)).balances(opened.operator.payee)
  const { payee } = opened.operator
  const value = { operatorId: id, done, left, payee, payeeTokens: balances.tokens, owner: account.address }
  output.result(value, [
    say`Operator ${id}`,
    say`Taken    ${counted(done.length, 'step')}`,
    ...left.map((item) => say`Left     ${shown(item)}`),
    say`Payee    ${payee} has ${formatAmount(balances.tokens)} tokens`,
  ])
  if (refused.length > 0) {
    const [{ error }] = refused as [(typeof refused)[number]]
    const message = `The chain refused ${refused.length} of the steps: ${error.message}`
    throw new CliError(message, { code: 'PARTLY_TAKEN', refused: refused.length })
  }
}

function shown({ what, amount: tokens, next }: ExitItem): Text {
  const item = say`${recognised(what)}${tokens > 0n ? say`, ${formatAmount(tokens)} tokens` : ''}`
  if (next.kind === 'wait') return say`${item}: ${recognised(next.then)} from ${showDate(next.until)} on`
  return next.kind === 'call' ? say`${item}: ${recognised(next.does)}` : item
}
