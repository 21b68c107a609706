import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import type { Hex } from 'viem'

const ROOT = join(import.meta.dirname, '../..')
/** As the contracts of the house are compiled: hardhat.config.ts. */
const SETTINGS = { evmVersion: 'cancun', optimizer: { enabled: true, runs: 10_000 } }

interface Output {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[]
  readonly contracts?: Readonly<
    Record<string, Readonly<Record<string, { evm: { bytecode: { object: string } } }>>>
  >
}

/** Creation code of all contracts in a Solidity file, by name. Throws with the compiler's messages. */
export function compile(file: string): ReadonlyMap<string, Hex> {
  const require = createRequire(import.meta.url)
  const solc = require('solc') as { compile(input: string): string }
  const name = relative(ROOT, file)
  const sources: Record<string, { content: string }> = {}
  collect(name, sources, require)
  const outputSelection = { [name]: { '*': ['evm.bytecode.object'] } }
  const input = { language: 'Solidity', sources, settings: { ...SETTINGS, outputSelection } }
  const { errors = [], contracts = {} } = JSON.parse(solc.compile(JSON.stringify(input))) as Output
  const wrong = errors.filter(({ severity }) => severity === 'error')
  if (wrong.length > 0) throw new Error(wrong.map(({ formattedMessage }) => formattedMessage).join('\n'))
  const found = Object.entries(contracts[name] ?? {})
  return new Map(found.map(([contract, { evm }]) => [contract, `0x${evm.bytecode.object}`]))
}

/** A file and all that it imports: relative ones, and those of packages. */
function collect(name: string, sources: Record<string, { content: string }>, require: NodeJS.Require): void {
  if (sources[name]) return
  const isPackage = name.startsWith('@')
  const content = readFileSync(isPackage ? require.resolve(name) : join(ROOT, name), 'utf8')
  sources[name] = { content }
  for (const [, path] of content.matchAll(/^import [^;]*?"([^"]+)";/gm))
    collect(path!.startsWith('.') ? join(dirname(name), path!) : path!, sources, require)
}
