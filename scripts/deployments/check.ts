import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'
import { type Abi, type Address, decodeAbiParameters, type Hex, keccak256, type PublicClient, size } from 'viem'
import type { DeployedContract, DeploymentRecord } from '@teahouse/protocol/chain/deployments'
import { build } from '../contracts/build.ts'
import { argumentJson, type CompiledContract, creationCode, namedArguments, textOf } from '../deploy/code.ts'
import { DeployError } from '../deploy/errors.ts'
import { differences } from './differences.ts'
import { immutableNames, type ImmutableNames } from './immutable-names.ts'
import { replay, type Replayed } from './replay.ts'

/** What was found of one contract. */
export interface ContractReport {
  readonly name: string
  readonly address: Address
  /** What was compared, for a person. */
  readonly compared: string
  /** Empty if all is as it must be. */
  readonly differences: readonly string[]
}

export interface CheckSource {
  readonly hre: HardhatRuntimeEnvironment
  readonly client: PublicClient
  readonly record: DeploymentRecord
}

/**
 * Compares what stands on a chain with what this repository compiles: the code with its immutables and libraries, the
 * arguments of the creation transactions, and the parameters that the contracts tell. Throws DeployError WRONG_CHAIN.
 */
export async function checkDeployment({ hre, client, record }: CheckSource): Promise<ContractReport[]> {
  const actual = await client.getChainId()
  if (actual !== record.chainId) {
    const message = `The endpoint is chain ${actual}, the deployment is on chain ${record.chainId}`
    throw new DeployError(message, { code: 'WRONG_CHAIN', expected: record.chainId, actual })
  }
  await build(hre)
  const codeOf = async (address: Address): Promise<Hex> => (await client.getCode({ address })) ?? '0x'
  const nameOf = await immutableNames(hre, record)
  const replayed = await replay(hre, record, codeOf)
  const reports: ContractReport[] = []
  const all = [...Object.entries(record.libraries), ...Object.entries(record.contracts)]
  for (const [name, contract] of all) {
    const one = { hre, client, name, contract, nameOf, code: await codeOf(contract.address) }
    reports.push(await checkContract(one, replayed.get(contract.address)!))
  }
  return reports
}

interface OneContract {
  readonly hre: HardhatRuntimeEnvironment
  readonly client: PublicClient
  readonly name: string
  readonly contract: DeployedContract
  readonly nameOf: ImmutableNames
  /** On chain. */
  readonly code: Hex
}

async function checkContract(one: OneContract, replayed: Replayed): Promise<ContractReport> {
  const { hre, name, contract, code } = one
  const { address, created, source, codeHash } = contract
  const wrong: string[] = []
  if (code === '0x') wrong.push('there is no code at this address')
  else if (keccak256(code) !== codeHash)
    wrong.push(`the hash of the code is ${keccak256(code)}, recorded is ${codeHash}`)
  const bytes = `${size(code)} bytes`
  if (!created) {
    return { name, address, compared: `${bytes} as recorded (not made by this deployment)`, differences: wrong }
  }
  const compiled: CompiledContract = await hre.artifacts.readArtifact(source)
  if ('refused' in replayed) wrong.push(`making it again fails: ${replayed.refused}`)
  else if (code !== '0x')
    wrong.push(...differences(compiled, replayed.code, code, one.nameOf))
  wrong.push(...(await checkCreation(one, compiled)))
  const { checked, differing } = await checkParameters(one, compiled.abi)
  wrong.push(...differing)
  return { name, address, compared: `${bytes} as compiled, ${checked} parameters read back`, differences: wrong }
}

/** The creation transaction: is it there, and does it carry the compiled code and the recorded arguments? */
async function checkCreation({ client, contract }: OneContract, compiled: CompiledContract): Promise<string[]> {
  const { transaction, args, libraries, creationCodeHash } = contract.created!
  const code = creationCode(compiled, libraries)
  if (keccak256(code) !== creationCodeHash)
    return ['the creation code is not what this repository compiles now (is this the right commit?)']
  const sent = await client.getTransaction({ hash: transaction }).catch(() => undefined)
  if (!sent) return [`the endpoint does not know the creation transaction ${transaction}`]
  if (!sent.input.startsWith(code)) return [`transaction ${transaction} carries other code`]
  return argumentsIn(compiled.abi, `0x${sent.input.slice(code.length)}`, contract, args)
}

function argumentsIn(
  abi: Abi,
  encoded: Hex,
  contract: DeployedContract,
  recorded: NonNullable<DeployedContract['created']>['args'],
): string[] {
  const inputs = abi.find((item) => item.type === 'constructor')?.inputs ?? []
  let sent
  try {
    sent = inputs.length === 0 ? [] : decodeAbiParameters(inputs, encoded).map(argumentJson)
  } catch {
    return [`transaction ${contract.created!.transaction} carries other arguments: ${encoded}`]
  }
  const wanted = namedArguments(abi, recorded)
  return namedArguments(abi, sent).flatMap(({ name, value }, at) => {
    const { value: other } = wanted[at]!
    return same(value, other) ? [] : [`argument ${name} was ${value}, recorded is ${other}`]
  })
}

/** Asks the contract for every argument that it has a getter for. */
async function checkParameters(
  { client, contract }: OneContract,
  abi: Abi,
): Promise<{ checked: number; differing: string[] }> {
  const getters = new Set(
    abi.flatMap((item) => (item.type === 'function' && item.inputs.length === 0 ? [item.name] : [])),
  )
  const values = namedArguments(abi, contract.created!.args)
    .map((value) => ({ ...value, getter: value.name.replace(/^_|_$/g, '') }))
    .filter(({ getter }) => getters.has(getter))
  const differing: string[] = []
  for (const { getter, value } of values) {
    const call = { address: contract.address, abi, functionName: getter }
    const read = await client.readContract(call).then(
      (answer) => textOf(argumentJson(answer)),
      () => 'no answer',
    )
    if (!same(read, value)) differing.push(`${getter}() is ${read}, recorded is ${value}`)
  }
  return { checked: values.length, differing }
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
