import { join, relative } from 'node:path'
import ts from 'typescript'
import { isCompiled } from './emit.ts'
import { ReleaseError } from './errors.ts'
import { ROOT, sourcesOf, WORKSPACES, type Workspace } from './workspaces.ts'

/** Type declarations, by workspace and by path below `dist`. */
export type Declarations = Readonly<Record<Workspace, ReadonlyMap<string, string>>>

/** Reads all workspaces once and writes down what they export. Throws ReleaseError NO_DECLARATION for a type that can't be written down. */
export function declare(): Declarations {
  const declared = { protocol: new Map(), nodes: new Map(), client: new Map(), cli: new Map() }
  const files = WORKSPACES.flatMap((workspace) =>
    sourcesOf(workspace)
      .filter(isCompiled)
      .map((file) => join(ROOT, workspace, 'src', file)),
  )
  const keep: ts.WriteFileCallback = (path, text) => {
    // Workspaces that are linked from another checkout are looked at, and are not ours to publish.
    const workspace = WORKSPACES.find((name) => path.startsWith(join(ROOT, name, 'src/')))
    if (workspace)
      declared[workspace].set(relative(join(ROOT, workspace, 'src'), path), besideJavaScript(text))
  }
  const { diagnostics } = ts.createProgram(files, options()).emit(undefined, keep, undefined, true)
  for (const diagnostic of diagnostics) {
    const problem = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    const file = diagnostic.file ? relative(ROOT, diagnostic.file.fileName) : ''
    throw new ReleaseError(`${file} exports a type that has no name: ${problem}`, {
      code: 'NO_DECLARATION',
      file,
    })
  }
  return declared
}

/** Those that `npm run check` judges by, for declarations alone. */
function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: object
  }
  const { options: own } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT)
  return {
    ...own,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    newLine: ts.NewLineKind.LineFeed,
  }
}

/** Files of ours are named as they are published. */
export const besideJavaScript = (text: string): string =>
  text.replaceAll(/((?:from |import\()['"]\.{1,2}\/[^'"]+)\.ts(?=['"])/g, '$1.js')
