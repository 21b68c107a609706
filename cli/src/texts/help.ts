import type { Command } from 'commander'
import { examplesOf } from '../command.ts'
import { shown, type Catalogue } from './say.ts'

/** Longer examples don't push the meanings of the others aside. */
const WIDE = 72

/** Has a command and those below it give help in the language of a catalogue, with their examples. */
export function speak(command: Command, catalogue: Catalogue | undefined): void {
  const say = (text: string) => shown({ key: text, values: [] }, catalogue)
  command.configureHelp({
    commandDescription: (one) => say(one.description()),
    subcommandDescription: (one) => say(one.summary() || one.description()),
    argumentDescription: ({ description }) => say(description),
    optionDescription(option) {
      const { description, argChoices, negate } = option
      const defaultValue = option.defaultValue as string | number | boolean | undefined
      const notes: string[] = []
      if (argChoices) notes.push(shown({ key: 'choices: {0}', values: [argChoices.join(', ')] }, catalogue))
      const usual = defaultValue === undefined || negate ? '' : String(defaultValue)
      if (usual !== '' && (option.required || option.optional))
        notes.push(shown({ key: 'default: {0}', values: [usual] }, catalogue))
      return notes.length > 0 ? `${say(description)} (${notes.join(', ')})` : say(description)
    },
    styleTitle: say,
  })
  command.helpOption('-h, --help', 'show this help')
  const examples = examplesOf(command)
  const width = Math.max(0, ...examples.map(([line]) => line.length).filter((length) => length <= WIDE))
  const lines = examples.map(([line, meaning]) => `  $ teahouse ${line.padEnd(width)}  ${say(meaning)}`)
  if (lines.length > 0) command.addHelpText('after', `\n${say('Examples:')}\n${lines.join('\n')}`)
  for (const child of command.commands) speak(child, catalogue)
}
