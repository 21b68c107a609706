import type { Abi, AbiParameter, Address, Hex } from 'viem'
import { concat, encodeAbiParameters } from 'viem'
import type { ArgumentJson } from '@teahouse/protocol/chain/deployments'

/** Where a name stands in code: byte offsets. */
interface Reference {
  readonly start: number
  readonly length: number
}

/** The parts of a compiled contract that matter here. */
export interface CompiledContract {
  readonly contractName: string
  readonly sourceName: string
  readonly abi: Abi
  readonly bytecode: string
  readonly linkReferences: Readonly<Record<string, Readonly<Record<string, readonly Reference[]>>>>
  readonly deployedLinkReferences: Readonly<Record<string, Readonly<Record<string, readonly Reference[]>>>>
  readonly immutableReferences?: Readonly<Record<string, readonly Reference[]>> | undefined
}

/** Creation code of `compiled` with the libraries linked in, without arguments. */
export function creationCode(compiled: CompiledContract, libraries: Readonly<Record<string, Address>>): Hex {
  let code = compiled.bytecode.slice(2)
  for (const [name, references] of Object.values(compiled.linkReferences).flatMap(Object.entries)) {
    const address = libraries[name]?.slice(2).toLowerCase() ?? '00'.repeat(20)
    for (const { start, length } of references as readonly Reference[])
      code = code.slice(0, start * 2) + address + code.slice((start + length) * 2)
  }
  return `0x${code}`
}

const constructorInputs = (abi: Abi): readonly AbiParameter[] =>
  abi.find((item) => item.type === 'constructor')?.inputs ?? []

/** What a creation transaction carries: the code and its arguments. */
export function creationInput(
  compiled: CompiledContract,
  args: readonly ArgumentJson[],
  libraries: Readonly<Record<string, Address>>,
): Hex {
  const inputs = constructorInputs(compiled.abi)
  const values = inputs.map((input, at) => revive(input, args[at]))
  return concat([creationCode(compiled, libraries), encodeAbiParameters(inputs, values)])
}

/** One value that a constructor was given: an argument, or a field of one. */
export interface NamedValue {
  readonly name: string
  readonly type: string
  readonly value: string
}

/** The arguments as a flat list; a field of a struct stands under its own name. */
export function namedArguments(abi: Abi, args: readonly ArgumentJson[]): NamedValue[] {
  return constructorInputs(abi).flatMap((input, at) => flatten(input, args[at]))
}

function flatten(input: AbiParameter, value: ArgumentJson | undefined): NamedValue[] {
  const components = 'components' in input && input.type === 'tuple' ? input.components : undefined
  if (!components) return [{ name: input.name ?? '', type: input.type, value: textOf(value) }]
  const fields = (value ?? {}) as Record<string, ArgumentJson>
  return components.flatMap((component) => flatten(component, fields[component.name ?? '']))
}

/** An argument on one line. */
export const textOf = (value: ArgumentJson | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null)

/** From JSON to what viem encodes. */
function revive(input: AbiParameter, value: ArgumentJson | undefined): unknown {
  if (Array.isArray(value)) {
    const item = { ...input, type: input.type.replace(/\[\d*\]$/, '') }
    return value.map((one) => revive(item, one))
  }
  if ('components' in input && typeof value === 'object') {
    return Object.fromEntries(
      input.components.map((part) => [part.name, revive(part, value[part.name ?? ''])]),
    )
  }
  return /^u?int/.test(input.type) ? BigInt(value as string) : value
}

/** From what Ignition was given to JSON. */
export function argumentJson(value: unknown): ArgumentJson {
  if (typeof value === 'bigint' || typeof value === 'number') return value.toString()
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(argumentJson)
  const entries = Object.entries(value as object).sort(([a], [b]) => a.localeCompare(b))
  return Object.fromEntries(entries.map(([name, field]) => [name, argumentJson(field)]))
}
