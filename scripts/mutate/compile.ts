import { globSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import type { Node } from './ast.ts'

export const ROOT = resolve(import.meta.dirname, '../..')

interface LinkReferences {
  readonly [file: string]: {
    readonly [library: string]: { readonly start: number; readonly length: number }[]
  }
}

interface Code {
  readonly object: string
  readonly linkReferences: LinkReferences
}

interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info'
  readonly formattedMessage: string
  readonly sourceLocation?: { readonly file: string; readonly start: number; readonly end: number }
}

interface Output {
  readonly errors?: readonly Diagnostic[]
  readonly sources?: Record<string, { readonly ast?: Node }>
  readonly contracts?: Record<
    string,
    Record<string, { readonly abi: unknown[]; readonly evm?: Record<string, Code> }>
  >
}

/** A compiled contract in the form that EDR takes. */
export interface Artifact {
  readonly id: { readonly name: string; readonly source: string; readonly solcVersion: string }
  readonly contract: {
    readonly abi: string
    readonly bytecode?: string
    readonly linkReferences?: LinkReferences
    readonly deployedBytecode?: string
    readonly deployedLinkReferences?: LinkReferences
  }
}

/** A message of the compiler that there is no way around. */
export class CompileError extends Error {
  readonly diagnostics: readonly Diagnostic[]

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(({ formattedMessage }) => formattedMessage).join('\n'))
    this.diagnostics = diagnostics
  }
}

let compiler: { compile(input: string, callbacks: object): string; version(): string } | undefined

/** solc, loaded once. */
function solc(): NonNullable<typeof compiler> {
  compiler ??= createRequire(import.meta.url)('solc') as NonNullable<typeof compiler>
  return compiler
}

/** Path of a source unit → where it lies. */
function fileOf(path: string): string {
  return join(ROOT, path.startsWith('contracts/') || path.startsWith('test/') ? path : `node_modules/${path}`)
}

/** The text of a source file, a character a byte, as solc counts. */
export function readSource(path: string): string {
  return readFileSync(fileOf(path)).toString('latin1')
}

export function contractFiles(): string[] {
  return globSync('contracts/**/*.sol', { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
}

/** Every Solidity test but those that measure gas, which mutants' switches change. */
export function testFiles(): string[] {
  return globSync('test/contracts/{*,!(gas)/**/*}.t.sol', { cwd: ROOT })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.includes('.deep.'))
    .sort()
}

/** Compiles `files`, with the texts in `changed` in place of the files of those names. Throws CompileError. */
function compile(files: readonly string[], changed: ReadonlyMap<string, string>, outputs: object): Output {
  const read = (path: string): string =>
    Buffer.from(changed.get(path) ?? readSource(path), 'latin1').toString('utf8')
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(files.map((path) => [path, { content: read(path) }])),
    settings: {
      evmVersion: 'cancun',
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: { '*': outputs },
    },
  }
  const find = (path: string): { contents: string } | { error: string } => {
    try {
      return { contents: read(path) }
    } catch {
      return { error: `there is no ${path}` }
    }
  }
  const output = JSON.parse(solc().compile(JSON.stringify(input), { import: find })) as Output
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new CompileError(errors)
  return output
}

/** Checks types without making code, which takes a tenth of the time. Throws CompileError. */
export function check(files: readonly string[], changed: ReadonlyMap<string, string>): void {
  compile(files, changed, { '*': ['abi'] })
}

/** Makes the code of `files` and forgets it: to see whether there is any. Throws CompileError. */
export function generate(files: readonly string[], changed: ReadonlyMap<string, string>): void {
  compile(files, changed, { '*': ['evm.bytecode.object'] })
}

/** Path → syntax tree of all contracts, and of what they import. */
export function syntaxTrees(): Map<string, Node> {
  const { sources = {} } = compile(contractFiles(), new Map(), { '': ['ast'] })
  return new Map(Object.entries(sources).flatMap(([path, { ast }]) => (ast ? [[path, ast] as const] : [])))
}

/** Compiles tests and what they use. Throws CompileError. */
export function buildTests(
  changed: ReadonlyMap<string, string>,
  tests: readonly string[] = testFiles(),
): Artifact[] {
  const code = ['object', 'linkReferences'].flatMap((part) => [
    `evm.bytecode.${part}`,
    `evm.deployedBytecode.${part}`,
  ])
  const { contracts = {} } = compile(tests, changed, { '*': ['abi', ...code] })
  return Object.entries(contracts).flatMap(([source, byName]) =>
    Object.entries(byName).map(([name, { abi, evm }]) => {
      const [creation, runtime] = [evm?.['bytecode'], evm?.['deployedBytecode']]
      return {
        id: { name, source, solcVersion: '0.8.37' },
        contract: {
          abi: JSON.stringify(abi),
          ...(creation?.object && {
            bytecode: `0x${creation.object}`,
            linkReferences: creation.linkReferences,
          }),
          ...(runtime?.object && {
            deployedBytecode: `0x${runtime.object}`,
            deployedLinkReferences: runtime.linkReferences,
          }),
        },
      }
    }),
  )
}
