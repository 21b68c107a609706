import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { differences, type Key, outputsOf, writeOutputs } from './artifacts.ts'
import * as ceremony from './ceremony.ts'
import { artifactPaths, LOCK, RLN, ROOT } from './circuit.ts'
import { type Compiled, compile, sha256 } from './compile.ts'
import { CircuitsError } from './errors.ts'
import { developmentKey } from './keys.ts'
import { type Lock, readLock } from './lock.ts'
import { endWorkers, step } from './progress.ts'

const HELP = `Compiles the circuits and keeps what follows from them: circuits/artifacts, contracts/verifiers.

  npm run circuits                 compile; a changed relation gets a new development key
  npm run circuits -- --check      recompile and compare with everything committed; writes nothing
  npm run circuits -- --verify     also verify the committed key and its transcript (about 20 s; --ptau P after a ceremony)

  npm run circuits -- ceremony init       --folder F --ptau P          start: P is a public prepared ptau, 2^13 or more
  npm run circuits -- ceremony contribute --folder F --name N [--entropy TEXT]   one person after the other
  npm run circuits -- ceremony beacon     --folder F --value HEX [--iterations 10]   close with public randomness
  npm run circuits -- ceremony verify     --folder F --ptau P          check the newest key; anyone can
  npm run circuits -- ceremony adopt      --folder F --ptau P          verify, then make it the committed key

The committed key is for development: whoever made it could forge proofs. docs/circuits.md says how to hold a ceremony.
`

/** Runs a task; resolves to the exit code. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parse(args)
  if (values.help) console.log(HELP)
  else if (positionals[0] === 'ceremony') await runCeremony(positionals.slice(1), values)
  else if (positionals.length > 0) throw usage(`unknown task "${positionals.join(' ')}"`)
  else if (values.check || values.verify)
    await check(values.verify ? (values.ptau ?? join(ROOT, RLN.ptau)) : undefined)
  else await build()
  return 0
}

type Values = ReturnType<typeof parse>['values']

function parse(args: string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = {
    help: { ...flag, short: 'h' },
    check: flag,
    verify: flag,
    folder: text,
    ptau: text,
  } as const
  const more = { name: text, entropy: text, value: text, iterations: { ...text, default: '10' } } as const
  try {
    return parseArgs({ args, allowPositionals: true, options: { ...options, ...more } })
  } catch (cause) {
    throw usage((cause as Error).message, cause)
  }
}

async function build(): Promise<void> {
  const compiled = await step(`Compile ${RLN.main}`, () => compile(RLN))
  const key = await keyFor(compiled, await readLock())
  await writeOutputs(await step('Export', () => outputsOf(RLN, compiled, key)))
  console.log(`Wrote ${LOCK} and what it lists`)
}

/** The committed key while the relation is the same, else a new development key. */
async function keyFor(compiled: Compiled, lock: Lock | undefined): Promise<Key> {
  if (lock?.artifacts.r1cs === sha256(compiled.r1cs)) {
    const zkey = await readFile(join(ROOT, artifactPaths(RLN).zkey)).catch(() => undefined)
    if (zkey && sha256(zkey) === lock.artifacts.zkey)
      return { zkey, ptau: lock.ptau, transcript: lock.transcript }
  }
  if (lock?.transcript.kind === 'ceremony') {
    throw new CircuitsError('The relation changed: the ceremony must be held again', {
      code: 'STALE',
      differences: [RLN.main],
    })
  }
  return await developmentKey(RLN, compiled.r1cs)
}

async function check(ptau: string | undefined): Promise<void> {
  const lock = await readLock()
  if (!lock) throw stale([`${LOCK} is missing`])
  const compiled = await step(`Compile ${RLN.main}`, () => compile(RLN))
  const zkey = await readFile(join(ROOT, artifactPaths(RLN).zkey))
  if (sha256(zkey) !== lock.artifacts.zkey)
    throw stale([`${artifactPaths(RLN).zkey} is not the one of the lock`])
  const outputs = await step('Export', () => outputsOf(RLN, compiled, { ...lock, zkey }))
  const found = await differences(outputs)
  if (lock.artifacts.r1cs !== sha256(compiled.r1cs)) found.unshift(`${RLN.main} compiles to another relation`)
  if (found.length > 0) throw stale(found)
  if (ptau !== undefined) await verifyCommitted(compiled, zkey, lock, ptau)
  console.log(
    `All as committed; the key is ${lock.transcript.kind === 'ceremony' ? 'of a' : 'for'} ${lock.transcript.kind}`,
  )
}

async function verifyCommitted(
  { r1cs }: Compiled,
  zkey: Uint8Array,
  lock: Lock,
  ptau: string,
): Promise<void> {
  const file = await readFile(ptau).catch((cause: unknown) => {
    throw usage(
      `${ptau} cannot be read: give the ceremony's powers of tau (${lock.ptau.file}) with --ptau`,
      cause,
    )
  })
  if (sha256(file) !== lock.ptau.sha256) throw stale([`${ptau} is not the powers of tau of the lock`])
  await step('Verify the key', () => ceremony.checkKey(r1cs, file, zkey, lock.transcript))
}

async function runCeremony([task, ...rest]: string[], values: Values): Promise<void> {
  if (rest.length > 0) throw usage(`unexpected "${rest.join(' ')}"`)
  const need = (name: 'folder' | 'ptau' | 'name' | 'value'): string => {
    const value = values[name]
    if (value === undefined) throw usage(`ceremony ${task} needs --${name}`)
    return value
  }
  if (task === 'init') await ceremony.init(RLN, need('folder'), need('ptau'))
  else if (task === 'contribute')
    await ceremony.addContribution(need('folder'), need('name'), values.entropy ?? '')
  else if (task === 'beacon')
    await ceremony.close(need('folder'), beaconValue(need('value')), iterations(values.iterations))
  else if (task === 'verify') await ceremony.verify(RLN, need('folder'), need('ptau'))
  else if (task === 'adopt') await ceremony.adopt(RLN, need('folder'), need('ptau'))
  else throw usage(`unknown ceremony task "${task ?? ''}"`)
}

function beaconValue(text: string): string {
  if (/^([0-9a-fA-F]{2}){16,255}$/.test(text)) return text.toLowerCase()
  throw usage('--value is 16 to 255 bytes of hex')
}

function iterations(text: string): number {
  const exponent = Number(text)
  if (Number.isInteger(exponent) && exponent >= 10 && exponent <= 63) return exponent
  throw usage('--iterations is an exponent of two from 10 to 63')
}

function stale(found: string[]): CircuitsError {
  const lines = found.map((line) => `  ${line}`).join('\n')
  return new CircuitsError(`Not as committed (run "npm run circuits"):\n${lines}`, {
    code: 'STALE',
    differences: found,
  })
}

function usage(hint: string, cause?: unknown): CircuitsError {
  return new CircuitsError(`${hint} (--help says more)`, { code: 'USAGE', hint }, { cause })
}

process.exitCode = await main(process.argv.slice(2))
  .catch((error: unknown) => {
    if (!isTeahouseError(error)) throw error
    console.error(error.message)
    return error.code === 'USAGE' ? 2 : 1
  })
  .finally(endWorkers)
