import type { Command } from 'commander'
import { parseEther } from 'viem'
import { action, leaf } from '../../command.ts'
import { usage } from '../../errors.ts'
import { confirmed, sent, withYes, type ConfirmFlags } from '../../operator/confirm.ts'
import { openFolder, withDir, type FolderFlags } from '../../operator/folder.ts'
import { requireOperator } from '../../operator/id.ts'
import { asOwner, withOwner, type OwnerFlags } from '../../operator/owner.ts'
import { recordOf } from '../../operator/record.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { say } from '../../texts/say.ts'

interface RegisterFlags extends FolderFlags, OwnerFlags, ConfirmFlags {
  readonly nodeCoins?: bigint
}

/** Some hundred settlements at 1 gwei; `node plan` says what a given traffic takes. */
const DEFAULT_NODE_COINS = '0.01'

export function registerCommand(node: Command, world: World): void {
  const command = leaf(node, {
    name: 'register',
    does: 'announce the node on chain, give its key coins for gas, and join for it if it has a membership of its own',
    examples: [
      ['node register', 'shows what it costs, and asks'],
      ['node register --node-coins 0.05 --yes', 'the node key shall have that many coins'],
    ],
  }).option(
    '--node-coins <coins>',
    `coins that the node key shall have at least (default: ${DEFAULT_NODE_COINS})`,
    coins,
  )
  withYes(withOwner(withDir(command))).action(action<CommonOptions & RegisterFlags>(world, register))
}

async function register(session: Session, _: readonly unknown[], flags: RegisterFlags): Promise<void> {
  const { nodeCoins = parseEther(DEFAULT_NODE_COINS) } = flags
  const opened = await openFolder(session, flags)
  const { config, operator } = opened
  const id = requireOperator(opened)
  const record = await recordOf(config, operator.peerId)
  const { readIdentity } = await import('@teahouse/nodes')
  const { identityFile } = config.rln
  const membership = identityFile === undefined ? undefined : await readIdentity(identityFile)
  const desk = await asOwner(session, opened, flags)
  const prepared = await desk.register({ id, record, membership, nodeCoins })
  const done = await confirmed(session, prepared, flags)
  const { multiaddrs, services } = record
  const value = { operatorId: id, peerId: operator.peerId, multiaddrs, services, transactions: sent(done) }
  session.output.result(value, [
    say`Operator ${id} announces ${operator.peerId}`,
    ...multiaddrs.map((address) => say`  at     ${address}`),
    say`Next     teahouse node run --dir FOLDER; then teahouse node doctor`,
  ])
}

/** Coins, as wei. */
export function coins(text: string): bigint {
  if (/^\d{1,9}(\.\d{1,18})?$/.test(text)) return parseEther(text)
  throw usage(say`"${text}" is no amount of coins`, say`For example 0.01`)
}
