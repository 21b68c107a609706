import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { action, group, leaf } from '../command.ts'
import { CliError, usage } from '../errors.ts'
import type { CommonOptions, Session, World } from '../session.ts'
import { PROJECT_TEMPLATES, writeProject, type ProjectTemplate } from './app/project.ts'
import { say } from '../texts/say.ts'

/** `teahouse app`: programs of one's own with deals. */
export function appCommands(program: Command, world: World): void {
  const app = group(program, 'app', 'begin a program of your own with deals, and run it on the local network')

  leaf(app, {
    name: 'new',
    does: 'write a small project that runs at once: a deal, and tests of all that can go wrong with it',
    examples: [
      ['app new my-cab --template cab', 'a fare, a code on arrival, steps of cancelling'],
      ['app new my-shop --template market', 'milestones'],
    ],
  })
    .argument('<name>', 'folder to make', projectName)
    .addOption(
      new Option('--template <name>', 'what to begin with').choices(PROJECT_TEMPLATES).makeOptionMandatory(),
    )
    .action(action<CommonOptions & { template: ProjectTemplate }>(world, begin))

  for (const [name, file, does] of [
    ['run', 'main.ts', 'run the program of a project on the local network'],
    ['test', 'test.ts', 'run the tests of a project on the local network'],
  ] as const) {
    leaf(app, { name, does, examples: [[`app ${name}`, 'in the folder of the project']] })
      .argument('[folder]', 'the project', '.')
      .action(
        action(world, (session, [folder]) =>
          start(session, resolve(world.cwd, folder as string), name, file),
        ),
      )
  }
}

/** The last part becomes the name of a package. */
function projectName(text: string): string {
  const name = text.split(/[/\\]/).at(-1)
  if (name !== undefined && /^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name)) return text
  throw usage(say`"${text}" is not a name for a project`, say`For example my-cab`)
}

async function begin(
  session: Session,
  [name]: readonly unknown[],
  { template }: { template: ProjectTemplate },
): Promise<void> {
  const folder = resolve(session.world.cwd, name as string)
  const files = await writeProject(folder, template)
  session.output.result({ folder, template, files }, [
    say`Made     ${folder}: ${files.join(', ')}`,
    '',
    say`While \`npm start\` is up in the folder of Teahouse:`,
    `  cd ${name as string}`,
    `  npm start`,
    `  npm test`,
  ])
}

/** With the Node that runs this command: it takes TypeScript as it is. Throws CliError APP_FAILED, USAGE. */
async function start(
  { world, home }: Session,
  folder: string,
  what: 'run' | 'test',
  file: string,
): Promise<void> {
  if (!existsSync(join(folder, file)))
    throw usage(
      say`There is no ${file} in ${folder}`,
      say`Make a project: teahouse app new NAME --template cab`,
    )
  const args = [...(what === 'test' ? ['--test', '--test-reporter=spec'] : []), file]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd: folder,
    env: { ...process.env, ...world.env, TEAHOUSE_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: world.signal,
    killSignal: 'SIGINT',
  })
  child.stdout.on('data', (chunk: Buffer) => world.stdout.write(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => world.stderr.write(chunk.toString()))
  const exitCode = await new Promise<number | null>((done) => {
    child.once('error', () => done(null)).once('close', (code) => done(code))
  })
  if (exitCode !== 0)
    throw new CliError(`${file} ended with ${exitCode ?? 'a signal'}`, { code: 'APP_FAILED', file })
}
