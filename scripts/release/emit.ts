import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { ROOT, sourcesOf, type Workspace } from './workspaces.ts'

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.ESNext,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  rewriteRelativeImportExtensions: true,
  newLine: ts.NewLineKind.LineFeed,
}

/** Files of a workspace's src that Node can't run from a package: it strips types of its own files, but not below node_modules. */
export const isCompiled = (file: string): boolean => file.endsWith('.ts') && !file.endsWith('.d.ts')

/** The JavaScript of a workspace, by path below `dist`. Types go, file by file, and nothing else changes; `npm run check` is what judges them. */
export function emit(workspace: Workspace): ReadonlyMap<string, string> {
  const files = sourcesOf(workspace).filter(isCompiled)
  return new Map(
    files.map((file) => {
      const source = readFileSync(join(ROOT, workspace, 'src', file), 'utf8')
      const { outputText } = ts.transpileModule(source, { compilerOptions: OPTIONS, fileName: file })
      return [file.replace(/\.ts$/, '.js'), rewritten(outputText)]
    }),
  )
}

/** What the compiler leaves: files that are named by URL, and artifacts, which lie in the package. */
export function rewritten(text: string): string {
  return text
    .replaceAll(/(new URL\(['"]\.{1,2}\/[^'"]+)\.ts(['"], import\.meta\.url\))/g, '$1.js$2')
    .replaceAll("'../../../circuits/artifacts/", "'../../circuits/artifacts/")
}
