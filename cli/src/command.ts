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

const JSON_TEXT = 'print one JSON object; notices and errors as JSON lines on standard error'

/** Adds a command that does something: with examples in its help, and the options that all commands share. */
export function leaf(parent: Command, { name, does, examples, json = JSON_TEXT }: LeafInit): Command {
  const command = parent
    .command(name)
    .description(does)
    .option('--account <name>', 'account to act for (default: TEAHOUSE_ACCOUNT, or "default")', accountName)
    .option('--network <file>', 'network description (default: the nearest .teahouse/local.json)')
    .option('--no-rpc', 'ask nodes about the chain, and let them send what the account signs')
    .option('--lang <language>', 'language of what people read: en or zh-Hans (default: the locale’s)')
    .option('--json', json)
  setExamples(command, examples)
  return command
}

const EXAMPLES = new WeakMap<Command, LeafInit['examples']>()

/** Examples that the help of a command shows. */
export function setExamples(command: Command, examples: LeafInit['examples']): void {
  EXAMPLES.set(command, examples)
}

export const examplesOf = (command: Command): LeafInit['examples'] => EXAMPLES.get(command) ?? []

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
    // `pay` takes the options that stand behind `pay history`, too.
    const options = command.optsWithGlobals<Options>()
    await run(openSession(world, options), all.slice(0, -2), options)
  }
}
