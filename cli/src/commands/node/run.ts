import type { Command } from 'commander'
import { action, leaf } from '../../command.ts'
import { usage } from '../../errors.ts'
import { operatorFolder, withDir, type FolderFlags } from '../../operator/folder.ts'
import { keyOpener, withPassphraseFile, type PassphraseFlags } from '../../operator/node-key.ts'
import type { CommonOptions, Session, World } from '../../session.ts'
import { say } from '../../texts/say.ts'

interface RunFlags extends FolderFlags, PassphraseFlags {
  readonly config?: string
  readonly printConfig?: boolean
}

export function runCommand(node: Command, world: World): void {
  const command = leaf(node, {
    name: 'run',
    does: 'run a service node until Ctrl-C or SIGTERM; logs JSON lines on standard output',
    examples: [
      ['node run --dir node', 'what `node init` made; asks for the passphrase of its key'],
      ['node run --config node.json', ''],
      ['node run --config node.json --print-config', 'the configuration in force, secrets left out'],
    ],
  })
    .option('--config <file>', 'configuration; TEAHOUSE_* variables override it')
    .option('--print-config', 'print the configuration and end')
  withPassphraseFile(withDir(command)).action(action<CommonOptions & RunFlags>(world, run))
}

async function run(session: Session, _: readonly unknown[], flags: RunFlags): Promise<void> {
  const { world } = session
  const path = configOf(session, flags)
  const { createLog, loadConfig, redact, runNode } = await import('@teahouse/nodes')
  const load = () => loadConfig(path, world.env)
  const config = await load()
  if (flags.printConfig) world.stdout.write(`${JSON.stringify(redact(config), null, 2)}\n`)
  else await runNode(config, createLog(config.log.level), load, keyOpener(world, flags))
}

function configOf(session: Session, { config, dir }: RunFlags): string {
  if (config !== undefined && dir === undefined) return config
  if (config === undefined && (dir !== undefined || session.world.env['TEAHOUSE_NODE_DIR']))
    return operatorFolder(session, { ...(dir !== undefined && { dir }) }).configFile
  throw usage(say`Name one configuration`, say`--dir FOLDER or --config FILE`)
}
