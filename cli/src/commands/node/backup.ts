import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { action, leaf } from '../../command.ts'
import { CliError } from '../../errors.ts'
import { operatorFolder, withDir, type FolderFlags } from '../../operator/folder.ts'
import { nodePassphrase, withPassphraseFile, type PassphraseFlags } from '../../operator/node-key.ts'
import { counted } from '../../output.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { say } from '../../texts/say.ts'

type BackupFlags = CommonOptions & FolderFlags & PassphraseFlags

export function backupCommands(node: Command, world: World): void {
  const backup = leaf(node, {
    name: 'backup <file>',
    does: 'write what must not be lost into a file, encrypted: configuration, keys, vouchers, leases, roots. The node must be stopped',
    examples: [
      ['node backup node.backup', 'under the passphrase of the node key; the archive: teahouse store export'],
    ],
  })
  withPassphraseFile(withDir(backup)).action(action<BackupFlags>(world, backUp))
  const restore = leaf(node, {
    name: 'restore <file>',
    does: 'make the folder of a node from a backup. It signs nothing that the node may have signed otherwise since',
    examples: [
      ['node restore node.backup --dir node', 'the old node must be gone'],
      [
        'node restore node.backup --dir node --adopt',
        'no other node uses its membership any more, and none will',
      ],
    ],
  }).option('--adopt', "take over the node's own membership; two nodes that use one lose its deposit")
  withPassphraseFile(withDir(restore)).action(action<BackupFlags & { adopt?: boolean }>(world, putBack))
}

async function backUp(session: Session, [file]: readonly unknown[], flags: BackupFlags): Promise<void> {
  const { world, output } = session
  const folder = operatorFolder(session, flags)
  await folder.read()
  const path = resolve(world.cwd, String(file))
  if (existsSync(path)) throw new CliError(`${path} is there already`, { code: 'FILE_EXISTS', path })
  const passphrase = await nodePassphrase(world, flags)
  const { backUpNode, writeSecretFile } = await import('@teahouse/nodes')
  const { bytes, files } = await backUpNode(folder.path, passphrase, { env: world.env })
  await writeSecretFile(path, bytes)
  output.result({ file: path, bytes: bytes.length, files }, [
    say`Wrote    ${counted(files.length, 'file')} into ${path}, under the passphrase of the node key`,
    say`Not in it: the archive (teahouse store export), and what the chain tells again`,
  ])
}

async function putBack(
  session: Session,
  [file]: readonly unknown[],
  flags: BackupFlags & { adopt?: boolean },
): Promise<void> {
  const { world, output } = session
  const folder = operatorFolder(session, flags)
  const path = resolve(world.cwd, String(file))
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new CliError(`Can't read ${path}`, { code: 'NO_FILE', path }, { cause })
  })
  const passphrase = await nodePassphrase(world, flags)
  const { restoreNode } = await import('@teahouse/nodes')
  const files = await restoreNode(folder.path, bytes, passphrase, {
    adopt: flags.adopt ?? false,
    env: world.env,
  })
  output.result({ dir: folder.path, files }, [
    say`Restored ${counted(files.length, 'file')} into ${folder.path}`,
    say`The node will sign no roots of hours that had begun before it starts, grant no message ids of this epoch and the next,`,
    say`and ${flags.adopt ? say`lend proofs from the next epoch on` : say`not start with a membership of its own, unless restored with --adopt`}.`,
    say`Two nodes with one key contradict each other and lose their stake: make sure that the old one is gone.`,
  ])
}
