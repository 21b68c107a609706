import { readFile } from 'node:fs/promises'
import { formatAmount } from '@teahouse/client'
import type { Command } from 'commander'
import { action, leaf } from '../../command.ts'
import { CliError } from '../../errors.ts'
import { withOperatorId } from '../../operator/config-text.ts'
import { confirmed, sent, withYes, type ConfirmFlags } from '../../operator/confirm.ts'
import { openFolder, withDir, type FolderFlags, type OpenedFolder } from '../../operator/folder.ts'
import { asOwner, withOwner, type OwnerFlags } from '../../operator/owner.ts'
import { amount } from '../../parse.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { say } from '../../texts/say.ts'

type StakeFlags = FolderFlags & OwnerFlags & ConfirmFlags

export function stakeCommand(node: Command, world: World): void {
  const command = leaf(node, {
    name: 'stake',
    does: "add to the operator's own stake; the first time, also make the operator. Asks before it sends",
    examples: [
      ['node stake 150', 'shows what it costs, and asks'],
      ['node stake 50 --yes --owner-key owner.json', 'more of it, from a cold key'],
    ],
  }).argument('<amount>', 'tokens', amount)
  withYes(withOwner(withDir(command))).action(action<CommonOptions & StakeFlags>(world, stake))
}

async function stake(session: Session, [given]: readonly unknown[], flags: StakeFlags): Promise<void> {
  const opened = await openFolder(session, flags)
  const { config, operator, folder } = opened
  const desk = await asOwner(session, opened, flags)
  const { node, payee } = operator
  let id = config.operatorId || (await desk.find(node))
  const isNew = id === 0
  const prepared = await desk.stake({
    id,
    node,
    payee,
    amount: given as bigint,
    onCreated: (made) => (id = made),
  })
  const done = await confirmed(session, prepared, flags)
  if (config.operatorId !== id) await noteOperator(opened, id)
  if (operator.owner !== desk.owner) await folder.write({ ...operator, owner: desk.owner })
  const { staked, minimum } = await desk.state(id)
  const value = { operatorId: id, created: isNew, staked, minimum, transactions: sent(done) }
  session.output.result(value, [
    say`Operator ${id}${isNew ? say`, made just now` : ''}`,
    say`Staked   ${formatAmount(staked)} tokens (at least ${formatAmount(minimum)} to serve)`,
    say`Next     teahouse node ${staked < minimum ? 'stake' : 'register'}`,
  ])
}

/** Writes the operator's id where the node reads it. Throws CliError BAD_CONFIG. */
async function noteOperator({ folder: { configFile: path } }: OpenedFolder, id: number): Promise<void> {
  const text = withOperatorId(await readFile(path, 'utf8'), id)
  if (text === undefined) {
    const message = `The stake is there, but ${path} has no line "operatorId"; write "operatorId": ${id} into it`
    throw new CliError(message, { code: 'BAD_CONFIG', path })
  }
  const { writeSecretFile } = await import('@teahouse/nodes')
  await writeSecretFile(path, text)
}
