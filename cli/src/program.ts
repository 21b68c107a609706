import { formatAmount } from '@teahouse/client'
import { Command, CommanderError } from 'commander'
import { accountCommands } from './commands/account.ts'
import { setExamples } from './command.ts'
import { chatCommands } from './commands/chat.ts'
import { appCommands } from './commands/app.ts'
import { courtCommands } from './commands/court.ts'
import { dealCommands } from './commands/deal.ts'
import { exitCommand } from './commands/exit.ts'
import { fileCommands } from './commands/file.ts'
import { marketCommand } from './commands/market.ts'
import { membershipCommands } from './commands/membership.ts'
import { messageCommands } from './commands/messages.ts'
import { nodeCommands } from './commands/node.ts'
import { payCommands } from './commands/pay.ts'
import { storeCommands } from './commands/store.ts'
import { explain } from './explain.ts'
import { toJson } from './output.ts'
import type { World } from './session.ts'
import { speak } from './texts/help.ts'
import { catalogueOf, givenLanguage, languageOf, readLanguage } from './texts/language.ts'
import { say, shown } from './texts/say.ts'

const VERSION = '0.1.0'

const EXAMPLES = [
  ['account new', 'an account with coins and tokens'],
  ['membership join', 'so that it may send'],
  ['chat card', 'so that others can write to you'],
  ['listen /my-table/1/chat/utf8', 'in a terminal of its own'],
  ['send /my-table/1/chat/utf8 "The tea is ready"', ''],
  ['history /my-table/1/chat/utf8', ''],
] as const

/** All commands. Parsing runs one of them. */
export function createProgram(world: World): Command {
  const program = new Command('teahouse')
    .description('Talk, store and trade on a network of paid nodes.')
    .version(VERSION, '-V, --version', 'show the version')
    .option('--lang <language>', 'language of what people read: en or zh-Hans (default: the locale’s)')
  setExamples(program, EXAMPLES)
  accountCommands(program, world)
  membershipCommands(program, world)
  chatCommands(program, world)
  messageCommands(program, world)
  payCommands(program, world)
  dealCommands(program, world)
  appCommands(program, world)
  courtCommands(program, world)
  nodeCommands(program, world)
  storeCommands(program, world)
  fileCommands(program, world)
  marketCommand(program, world)
  exitCommand(program, world)
  const catalogue = catalogueOf(languageOf(world.env))
  speak(program, catalogue)
  const codes = shown(say`Exit codes: 0 done, 1 failed, 2 wrong command line.`, catalogue)
  program.addHelpText('after', `\n${codes}`)
  return withManners(program, world)
}

/** Runs one command line (without node and script). Returns the exit code; writes errors to stderr. */
export async function run(args: readonly string[], given: World): Promise<number> {
  let world = given
  try {
    const wanted = givenLanguage(args)
    if (wanted !== undefined) world = { ...world, env: { ...world.env, TEAHOUSE_LANG: readLanguage(wanted) } }
    await createProgram(world).parseAsync([...args], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0 // --help, --version
    if (world.signal.aborted) return 130
    if (args.includes('--json')) {
      const { exitCode, ...shownError } = explain(error)
      world.stderr.write(`${toJson({ error: shownError })}\n`)
      return exitCode
    }
    const catalogue = catalogueOf(languageOf(world.env))
    const { exitCode, message, hint, paid } = explain(error, catalogue)
    const lines = [
      say`error: ${message}`,
      paid && say`paid: ${formatAmount(paid)} tokens`,
      hint && say`hint: ${hint}`,
    ].flatMap((line) => (line ? [shown(line, catalogue)] : []))
    world.stderr.write(`${lines.join('\n')}\n`)
    return exitCode
  }
}

/** Commander throws instead of ending the process, and leaves errors to `run`. */
function withManners(command: Command, world: World): Command {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void world.stdout.write(text),
      writeErr: (text) => void world.stderr.write(text),
      outputError: () => undefined,
    })
  for (const child of command.commands) withManners(child, world)
  return command
}
