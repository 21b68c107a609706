import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readDeploymentParameters } from '@nomicfoundation/hardhat-ignition/helpers'
import type { DeploymentParameters, IgnitionModule } from '@nomicfoundation/ignition-core'
import { DeployError } from './errors.ts'

/** Ignition's parameters of the one module. */
export type Parameters = NonNullable<DeploymentParameters['Teahouse']>

/** The file that a network's parameters are taken from if none is named. */
export function parameterFile(root: string, network: string): string {
  const own = join(root, 'ignition/parameters', `${network}.json5`)
  return existsSync(own) ? own : join(root, 'ignition/parameters/public.json5')
}

/**
 * Reads a parameter file. Every parameter of the module must be in it and no other: a default is meant for the local
 * chain, and a misspelt name would silently bring it in. Those of
 * contracts that are given, so in the `whole` module only, are left out. Throws DeployError BAD_PARAMETERS.
 */
export async function readParameters(
  file: string,
  module: IgnitionModule,
  whole: IgnitionModule,
): Promise<Parameters> {
  const bad = (message: string, names: readonly string[] = [], cause?: unknown) =>
    new DeployError(`${file}: ${message}`, { code: 'BAD_PARAMETERS', file, names }, { cause })
  if (!existsSync(file)) throw bad('there is no such file')
  const read = await readDeploymentParameters(file).catch((cause: unknown) => {
    throw bad('this is not JSON5', [], cause)
  })
  const parameters = read['Teahouse'] ?? {}
  const wanted = namesIn(module)
  const missing = [...wanted].filter((name) => !(name in parameters))
  if (missing.length > 0) throw bad(`"Teahouse" lacks ${missing.join(', ')}`, missing)
  const known = namesIn(whole)
  const unknown = Object.keys(parameters).filter((name) => !known.has(name))
  if (unknown.length > 0) throw bad(`the contracts have no ${unknown.join(', ')}`, unknown)
  const odd = Object.keys(read).filter((name) => name !== 'Teahouse')
  if (odd.length > 0) throw bad(`only "Teahouse" is read, not ${odd.join(', ')}`, odd)
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => wanted.has(name)))
}

/** Names of the parameters that the module's contracts are made with. */
export function namesIn(module: IgnitionModule): Set<string> {
  const names = new Set<string>()
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { type, name } = value as { type?: unknown; name?: unknown }
    if (type === 'MODULE_PARAMETER' && typeof name === 'string') names.add(name)
    else if (Array.isArray(value)) value.forEach(look)
    else if (Object.getPrototypeOf(value) === Object.prototype) Object.values(value).forEach(look)
  }
  for (const future of module.futures) if ('constructorArgs' in future) look(future.constructorArgs)
  return names
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const
const DURATION = /(seconds|window|delay|age|term|grace|validity|period|timeout)$/i

/** One line a parameter: amounts (bigints) in whole tokens, durations in days. */
export function show(parameters: Parameters, decimals: number, symbol: string): string[] {
  const lines = (name: string, value: unknown): string[] => {
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).flatMap(([field, inner]) => lines(`${name}.${field}`, inner))
    if (typeof value === 'bigint') return [`${name}  ${amount(value, decimals)} ${symbol}`]
    const text = String(value)
    return [`${name}  ${typeof value === 'number' && DURATION.test(name) ? duration(value) : text}`]
  }
  return Object.entries(parameters).flatMap(([name, value]) => lines(name, value))
}

function amount(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, '0')
  const [whole, fraction] = [
    digits.slice(0, digits.length - decimals),
    digits.slice(digits.length - decimals),
  ]
  return `${whole}.${fraction}`.replace(/\.?0*$/, '') || '0'
}

function duration(seconds: number): string {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length && seconds % length === 0) ?? [
    'second',
    1,
  ]
  const count = seconds / size
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
