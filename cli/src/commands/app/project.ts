import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError } from '../../errors.ts'

/** Kinds of deals that a project can begin with; the examples of the same names. */
export const PROJECT_TEMPLATES = ['cab', 'market', 'insurance', 'deposit'] as const
export type ProjectTemplate = (typeof PROJECT_TEMPLATES)[number]

const FILES = ['app.ts', 'main.ts', 'test.ts']
/** Beside what is compiled of a package, and in a checkout. */
const EXAMPLES = ['../../../examples/', '../../../../examples/']
/** What a project imports, by name. */
const PACKAGES = ['@teahouse/client', 'viem'] as const

/** Where a package that this command uses is installed. */
function packageFolder(name: string): string {
  const entry = fileURLToPath(import.meta.resolve(name))
  for (let folder = dirname(entry); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && !folder.endsWith('_esm')) return folder
  }
}

/** This command's own package. */
function ownFolder(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

function examplesFolder(): string {
  const folders = EXAMPLES.map((path) => fileURLToPath(new URL(path, import.meta.url)))
  return folders.find((folder) => existsSync(join(folder, 'cab/app.ts'))) ?? folders[0]!
}

/**
 * Writes a project that runs at once: its files, a package.json, and links to the packages of this installation, so that nothing is downloaded.
 * Gives the files. Throws CliError FILE_EXISTS; nothing that is there is touched.
 */
export async function writeProject(folder: string, template: ProjectTemplate): Promise<readonly string[]> {
  const path = resolve(folder)
  await mkdir(dirname(path), { recursive: true })
  await mkdir(path).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    throw new CliError(`${path} is there already`, { code: 'FILE_EXISTS', path }, { cause })
  })
  for (const file of FILES) await cp(join(examplesFolder(), template, file), join(path, file))
  const name = basename(path)
  const packages: Record<string, string> = { teahouse: ownFolder() }
  for (const each of PACKAGES) packages[each] = packageFolder(each)
  await writeFile(join(path, 'package.json'), await manifest(path, name, packages))
  await writeFile(join(path, 'README.md'), readme(name, template))
  await writeFile(join(path, '.gitignore'), 'node_modules/\n')
  for (const [each, target] of Object.entries(packages)) await link(target, join(path, 'node_modules', each))
  if (process.platform !== 'win32')
    await link(join(packages['teahouse']!, 'bin/teahouse.mjs'), join(path, 'node_modules/.bin/teahouse'))
  return [...FILES, 'package.json', 'README.md', '.gitignore']
}

async function link(target: string, at: string): Promise<void> {
  await mkdir(dirname(at), { recursive: true })
  await symlink(target, at, 'junction')
}

/** Dependencies of a checkout or an installation beside the project are named by their folder, as npm does it. */
async function manifest(
  path: string,
  name: string,
  packages: Readonly<Record<string, string>>,
): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packages['viem']!, 'package.json'), 'utf8')) as {
    version: string
  }
  const beside = (folder: string) => `file:${relative(path, folder).replaceAll('\\', '/')}`
  const { '@teahouse/client': client, teahouse } = packages
  const content = {
    ...{ name: name.toLowerCase(), version: '0.0.1', private: true, type: 'module' },
    scripts: { start: 'teahouse app run', test: 'teahouse app test' },
    dependencies: { '@teahouse/client': beside(client!), viem: version },
    devDependencies: { teahouse: beside(teahouse!) },
  }
  return `${JSON.stringify(content, null, 2)}\n`
}

const readme = (name: string, template: ProjectTemplate): string => `# ${name}

A mini-app with deals, begun from the template \`${template}\`.

    npm start      runs main.ts on the local network
    npm test       runs test.ts there: what comes of a deal when something goes wrong

The local network is that of \`npm start\` in the folder of Teahouse. If this folder lies elsewhere, name the network's: \`TEAHOUSE_HOME=…/.teahouse npm start\`.
Nothing has to be installed: \`node_modules\` has links to the installation that made this. What the calls mean: docs/deals.md there.
`
