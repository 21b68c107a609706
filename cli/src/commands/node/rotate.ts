import { existsSync } from 'node:fs'
import { copyFile, rename } from 'node:fs/promises'
import { CallError, connectOperator } from '@teahouse/client'
import type { Command } from 'commander'
import { privateKeyToAccount } from 'viem/accounts'
import type { Address } from 'viem'
import { action, group, leaf } from '../../command.ts'
import { CliError, usage } from '../../errors.ts'
import { confirmed, sent, withYes, type ConfirmFlags } from '../../operator/confirm.ts'
import {
  openFolder,
  withDir,
  type FolderFlags,
  type OpenedFolder,
  type OperatorFile,
} from '../../operator/folder.ts'
import { requireOperator } from '../../operator/id.ts'
import {
  keyOpener,
  provenPassphrase,
  sealNodeKey,
  withPassphraseFile,
  type PassphraseFlags,
} from '../../operator/node-key.ts'
import { nodeApi } from '../../operator/node-api.ts'
import { asOwner, withOwner, type OwnerFlags } from '../../operator/owner.ts'
import { recordOf } from '../../operator/record.ts'
import { address, EXAMPLE } from '../../parse.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { say } from '../../texts/say.ts'

type RotateFlags = CommonOptions & FolderFlags & OwnerFlags & ConfirmFlags & PassphraseFlags

/** `rotate node` and `rotate payee`: other keys for the same operator. Both go on where they were interrupted. */
export function rotateCommands(node: Command, world: World): void {
  const rotate = group(node, 'rotate', 'replace the node key or the payee; stake, id and good standing stay')
  const rotateNode = leaf(rotate, {
    name: 'node',
    does: 'make a new node key, name it on chain, and put it in the place of the old one, whose coins go to it. The node must be stopped',
    examples: [
      ['node rotate node', 'shows what it costs, and asks; run it again after an interruption'],
      ['node rotate node --yes', ''],
    ],
  })
  withPassphraseFile(withYes(withOwner(withDir(rotateNode)))).action(action<RotateFlags>(world, replaceNode))
  const rotatePayee = leaf(rotate, {
    name: 'payee',
    does: 'have the income go elsewhere from now on. The node must be stopped, and have collected all vouchers',
    examples: [[`node rotate payee ${EXAMPLE.payee}`, '']],
  }).argument('<address>', 'where the income goes', address)
  withYes(withOwner(withDir(rotatePayee))).action(action<RotateFlags>(world, replacePayee))
}

async function openStopped(session: Session, flags: FolderFlags): Promise<OpenedFolder> {
  const opened = await openFolder(session, flags)
  const api = nodeApi(opened.config, session.world.signal)
  if (await api.isUp())
    throw new CliError(`The node runs, at ${api.url}`, { code: 'NODE_RUNS', apiUrl: api.url })
  return opened
}

async function replaceNode(session: Session, _: readonly unknown[], flags: RotateFlags): Promise<void> {
  const opened = await openStopped(session, flags)
  const id = requireOperator(opened)
  const { config, folder, operator } = opened
  const desk = await asOwner(session, opened, flags)
  const next = operator.rotation ?? (await newKey(session, opened, flags))
  const nextFile = folder.file(next.keyFile)
  const { node: now, payee, announced } = await desk.state(id)
  const record = announced && now !== next.node ? await recordOf(config, next.peerId) : undefined
  const done = await confirmed(
    session,
    await desk.rotate({ id, node: next.node, payee, record, nodeCoins: 0n }),
    flags,
  )
  // The file of the new key is gone from its own place once it has taken that of the old one.
  if (existsSync(nextFile)) {
    await moveCoins(session, opened, next.node, flags)
    await copyFile(config.keyFile, folder.file(`node.key.${operator.node}.json`))
    await rename(nextFile, config.keyFile)
  }
  const { rotation: _done, ...rest } = operator
  await folder.write({ ...rest, node: next.node, peerId: next.peerId })
  const value = {
    operatorId: id,
    node: next.node,
    peerId: next.peerId,
    before: operator.node,
    transactions: sent(done),
  }
  session.output.result(value, [
    say`Operator ${id}`,
    say`Node     ${next.node}, ${next.peerId}`,
    say`Before   ${operator.node}; its key stays in node.key.${operator.node}.json`,
    say`Next     teahouse node run`,
  ])
}

/** On disk, and noted, before the chain hears of it: a key that is named there is never lost. */
async function newKey(
  { world }: Session,
  { config, folder, operator }: OpenedFolder,
  flags: PassphraseFlags,
): Promise<NonNullable<OperatorFile['rotation']>> {
  const passphrase = await provenPassphrase(config.keyFile, world, flags)
  const { newNodeKey, peerIdOfKey, writeSecretFile } = await import('@teahouse/nodes')
  const key = newNodeKey()
  const rotation = { keyFile: 'node.key.next.json', node: key.account.address, peerId: peerIdOfKey(key) }
  await writeSecretFile(folder.file(rotation.keyFile), await sealNodeKey(key.privateKey, passphrase, world))
  await folder.write({ ...operator, rotation })
  return rotation
}

/** What the old node key has left for gas goes to the new one; nothing, if that is less than sending it costs. */
async function moveCoins(
  session: Session,
  { config, network }: OpenedFolder,
  to: Address,
  flags: PassphraseFlags,
): Promise<void> {
  const { readNodeKey } = await import('@teahouse/nodes')
  const old = await readNodeKey(config.keyFile, keyOpener(session.world, flags))
  const { sendAllCoins } = await connectOperator({ network, account: privateKeyToAccount(old.privateKey) })
  await sendAllCoins(to).then(
    ({ hash }) =>
      session.output.progress(say`  done: send the coins of the old node key to the new one, in ${hash}`),
    (error: unknown) => {
      if (!(error instanceof CallError) || error.code !== 'NO_GAS') throw error
    },
  )
}

async function replacePayee(session: Session, [to]: readonly unknown[], flags: RotateFlags): Promise<void> {
  const payee = to as Address
  const opened = await openStopped(session, flags)
  const id = requireOperator(opened)
  const { config, folder, operator } = opened
  if (operator.rotation)
    throw usage(say`A rotation of the node key is not finished`, say`teahouse node rotate node`)
  const { beginPayee, pendingVouchers } = await import('@teahouse/nodes')
  const pending = pendingVouchers(config.dataDir)
  if (pending > 0n) {
    const hint = 'Start the node, and stop it with: teahouse node drain. They pay the present payee only'
    throw new CliError('There are vouchers that are not collected', {
      code: 'VOUCHERS_PENDING',
      pending,
      hint,
    })
  }
  const desk = await asOwner(session, opened, flags)
  const name = async () => {
    const { node } = await desk.state(id)
    return await confirmed(session, await desk.rotate({ id, node, payee, nodeCoins: 0n }), flags)
  }
  const isNew = operator.payee !== payee
  const done = isNew ? await beginPayee(config.dataDir, name) : await name()
  if (isNew) await folder.write({ ...operator, payee })
  session.output.result({ operatorId: id, payee, before: operator.payee, transactions: sent(done) }, [
    say`Operator ${id}`,
    say`Payee    ${payee}`,
    say`Before   ${operator.payee}`,
    say`Next     teahouse node run`,
  ])
}
