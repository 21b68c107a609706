import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { declare } from './declare.ts'
import { emit, isCompiled } from './emit.ts'
import { BIN, publishedManifest } from './manifest.ts'
import { manifestOf, ROOT, sourcesOf, WORKSPACES, type Workspace } from './workspaces.ts'

/** What `teahouse app new` copies. */
const PROJECTS = ['cab', 'market', 'insurance', 'deposit']
const LICENCES = ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT', 'LICENSE-GPL-3.0']

/** Lays the packages out as they are published, each in a folder of its workspace's name. */
export async function stage(folder: string): Promise<void> {
  const declarations = declare()
  for (const workspace of WORKSPACES) {
    await complete(workspace, join(folder, workspace))
    for (const [path, text] of declarations[workspace])
      await write(join(folder, workspace, 'dist', path), text)
  }
  await cp(join(ROOT, 'circuits/artifacts'), join(folder, 'protocol/circuits/artifacts'), { recursive: true })
  await write(join(folder, 'cli/bin/teahouse.mjs'), BIN, 0o755)
  for (const name of PROJECTS)
    await cp(join(ROOT, 'examples', name), join(folder, 'cli/examples', name), { recursive: true })
}

/** A package: what is compiled, generated JavaScript, files that are read at run time, manifest, licences. */
async function complete(workspace: Workspace, folder: string): Promise<void> {
  for (const [path, text] of emit(workspace)) await write(join(folder, 'dist', path), text)
  for (const file of sourcesOf(workspace).filter((each) => !isCompiled(each))) {
    await mkdir(dirname(join(folder, 'dist', file)), { recursive: true })
    await cp(join(ROOT, workspace, 'src', file), join(folder, 'dist', file))
  }
  for (const file of LICENCES) await cp(join(ROOT, file), join(folder, file))
  const manifest = manifestOf(workspace)
  await write(
    join(folder, 'package.json'),
    `${JSON.stringify(publishedManifest(workspace, manifest), null, 2)}\n`,
  )
  await write(join(folder, 'README.md'), `# ${manifest.name}\n\n${String(manifest['description'])}\n`)
}

async function write(path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { mode })
}
