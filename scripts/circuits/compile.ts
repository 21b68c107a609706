import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { type Circuit, ROOT } from './circuit.ts'
import { CircuitsError } from './errors.ts'

/** All linear constraints are simplified away: with fewer than 2^13 constraints the small ptau is enough. */
export const CIRCOM_FLAGS = ['--r1cs', '--wasm', '--O2', '-l', 'node_modules'] as const

const require = createRequire(import.meta.url)

/** What the compiler made of a circuit. */
export interface Compiled {
  readonly r1cs: Uint8Array
  readonly wasm: Uint8Array
}

/** Compiles a circuit in a folder of its own, which is removed. Throws CircuitsError COMPILE_FAILED. */
export async function compile(circuit: Pick<Circuit, 'name' | 'main'>): Promise<Compiled> {
  const parent = join(ROOT, '.teahouse/circuits')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'compile-'))
  try {
    await runCircom([circuit.main, ...CIRCOM_FLAGS, '-o', relative(ROOT, folder)])
    const [r1cs, wasm] = await Promise.all([
      readFile(join(folder, `${circuit.name}.r1cs`)),
      readFile(join(folder, `${circuit.name}_js`, `${circuit.name}.wasm`)),
    ])
    return { r1cs, wasm }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The packages that the result depends on, with their versions. */
export async function toolVersions(): Promise<Record<string, string>> {
  const versions: Record<string, string> = {}
  for (const name of ['circom2', 'circomlib', 'snarkjs']) {
    const manifest = JSON.parse(await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as {
      version: string
    }
    versions[name] = manifest.version
  }
  return versions
}

/** sha256 of every circom file under circuits/, by path. */
export async function sourceHashes(): Promise<Record<string, string>> {
  const entries = await readdir(join(ROOT, 'circuits'), { recursive: true })
  const files = entries.filter((name) => name.endsWith('.circom')).sort()
  const hashes: Record<string, string> = {}
  for (const name of files) {
    const path = `circuits/${name.replaceAll('\\', '/')}`
    hashes[path] = sha256(await readFile(join(ROOT, path)))
  }
  return hashes
}

/** sha256 as lower-case hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function runCircom(args: readonly string[]): Promise<void> {
  const cli = require.resolve('circom2/cli.js')
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, [cli, ...args], { cwd: ROOT }, (cause, stdout, stderr) => {
      if (!cause) return resolve()
      const output = `${stdout}${stderr}`.trim()
      reject(
        new CircuitsError(
          `circom refused the circuit:\n${output}`,
          { code: 'COMPILE_FAILED', output },
          { cause },
        ),
      )
    })
  })
}
