import type { Command } from 'commander'
import { accountName } from './parse.ts'
import { openSession, type CommonOptions, type Session, type World } from './session.ts'

export interface LeafInit {
  readonly name: string
  readonly does: string
  /** Lines after `teahouse`, each with what it is for. */
  readonly examples: readonly (readonly [command: string, meaning: string])[]
  /** What --json does, if it is not one object at the end. */
  readonly json?: string
}

/** Longer examples don't push the meanings of the others aside. */
const WIDE = 72
const JSON_TEXT = 'print one JSON object; notices and errors as JSON lines on standard error'

/** Adds a command that does something: with examples in its help, and the options that all commands share. */
export function leaf(parent: Command, { name, does, examples, json = JSON_TEXT }: LeafInit): Command {
  const widths = examples.map(([command]) => command.length)
  const width = Math.max(0, ...widths.filter((length) => length <= WIDE))
  const shown = examples.map(([command, meaning]) => `  $ teahouse ${command.padEnd(width)}  ${meaning}`)
  return parent
    .command(name)
    .description(does)
    .option('--account <name>', 'account to act for (default: TEAHOUSE_ACCOUNT, or "default")', accountName)
    .option('--network <file>', 'network description (default: the nearest .teahouse/local.json)')
    .option('--no-rpc', 'ask nodes about the chain, and let them send what the account signs')
    .option('--json', json)
    .addHelpText('after', `\nExamples:\n${shown.join('\n')}`)
}

/** A command that only holds others. */
export function group(parent: Command, name: string, does: string): Command {
  return parent.command(name).description(does)
}

/** Makes an action of a function of the session, the positional arguments and the options. */
export function action<Options extends CommonOptions>(
  world: World,
  run: (session: Session, args: readonly unknown[], options: Options) => Promise<void>,
) {
  return async (...all: unknown[]): Promise<void> => {
    const command = all.at(-1) as Command
    const options = command.opts<Options>()
    await run(openSession(world, options), all.slice(0, -2), options)
  }
}
