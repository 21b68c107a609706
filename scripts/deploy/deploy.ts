import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'
import {
  type Address,
  BaseError,
  createPublicClient,
  custom,
  formatEther,
  type Hex,
  type PublicClient,
} from 'viem'
import { abis, localChain } from '@teahouse/protocol/chain'
import type { DeploymentRecord } from '@teahouse/protocol/chain/deployments'
import { teahouse } from '../../ignition/modules/teahouse.ts'
import { build } from '../contracts/build.ts'
import { type ContractReport, checkDeployment } from '../deployments/check.ts'
import { DeployError } from './errors.ts'
import { estimate } from './estimate.ts'
import { hardhatFor, variablesOf } from './networks.ts'
import type { DeployTaskOptions } from './options.ts'
import { parameterFile, type Parameters, readParameters, show } from './parameters.ts'
import { recordOf, recordsOf, writeRecord } from './record.ts'
import { unsentFutures } from './unsent.ts'

export interface DeployPlaces {
  readonly root: string
  /** Ignition's folder, whose `deployments/` keeps the journals. */
  readonly journals: string
  /** Where records are written and earlier ones are read: `deployments/`. */
  readonly records: string
}

export interface DeployDeps {
  readonly places: DeployPlaces
  say(line: string): void
  /** Asks before money moves; false refuses. */
  confirm(question: string): Promise<boolean>
}

export interface Deployed {
  readonly record: DeploymentRecord
  readonly file: string
  readonly reports: readonly ContractReport[]
}

/**
 * Deploys on a network by name, or goes on with what was interrupted. Returns undefined after a dry run.
 * @throws DeployError, and HardhatError if a transaction fails.
 */
export async function deployTo(options: DeployTaskOptions, deps: DeployDeps): Promise<Deployed | undefined> {
  const { network } = options
  const { places, say } = deps
  const hre = await hardhatFor(network, places.journals)
  await build(hre)
  const connection = await hre.network.create({ network }).catch((cause: unknown) => {
    throw noNetwork(network, cause)
  })
  try {
    const client = createPublicClient({ transport: custom(connection.provider, { retryCount: 2 }) })
    const chainId = await client.getChainId().catch((cause: unknown) => {
      throw noNetwork(network, cause)
    })
    const parameters = await parametersFor(options, places, chainId)
    const id = `chain-${chainId}${options.name === undefined ? '' : `-${options.name}`}`
    const journal = join(places.journals, 'deployments', id)
    await announce({ hre, client, chainId, options, parameters, journal }, deps)
    if (options.dryRun) return undefined
    if (!options.yes && !(await deps.confirm('Deploy?')))
      throw new DeployError('Nothing was sent', { code: 'NOT_CONFIRMED' })

    await forgetUnsent({ hre, client, journal, id }, say)
    await connection.ignition
      .deploy(teahouse(options.given), {
        deploymentId: id,
        displayUi: true,
        ...(parameters && { parameters: { Teahouse: parameters } }),
      })
      .catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause)
        const message = `${why}\nWhat was deployed is kept in ${journal}: run the same command again to go on.`
        throw new DeployError(message, { code: 'INTERRUPTED', journal }, { cause })
      })
    const earlier = await recordsOf(places.records, chainId)
    const record = await recordOf({ hre, client, journal, earlier })
    const file = join(places.records, String(chainId), `${record.id}.json`)
    await writeRecord(file, record)
    say(`Written to ${file}; comparing with the chain …`)
    return { record, file, reports: await checkDeployment({ hre, client, record }) }
  } finally {
    await connection.close()
  }
}

/** Lets Ignition go on after a run that ended between preparing a transaction and sending it. */
async function forgetUnsent(
  { hre, client, journal, id }: Pick<Announced, 'hre' | 'client' | 'journal'> & { id: string },
  say: DeployDeps['say'],
): Promise<void> {
  const [address] = (await client.request({ method: 'eth_accounts' } as never)) as unknown as Address[]
  const nextNonce = await client.getTransactionCount({ address: address!, blockTag: 'pending' })
  for (const futureId of await unsentFutures(journal, nextNonce)) {
    say(`Again      ${futureId}: its transaction was never sent`)
    await hre.tasks.getTask(['ignition', 'wipe']).run({ deploymentId: id, futureId })
  }
}

/** Defaults are for the local chain alone, and so is its token. */
async function parametersFor(
  { network, parameters, given }: DeployTaskOptions,
  { root }: DeployPlaces,
  chainId: number,
): Promise<Parameters | undefined> {
  const isLocal = chainId === localChain.id
  if (!isLocal && given['Token'] === undefined) {
    const message = `Chain ${chainId} is not the local one: name the ERC-20 that is paid in, with --token ADDRESS`
    throw new DeployError(message, { code: 'NO_TOKEN', chainId })
  }
  if (isLocal && parameters === undefined) return undefined
  return readParameters(parameters ?? parameterFile(root, network), teahouse(given), teahouse())
}

interface Announced {
  readonly hre: HardhatRuntimeEnvironment
  readonly client: PublicClient
  readonly chainId: number
  readonly options: DeployTaskOptions
  readonly parameters: Parameters | undefined
  readonly journal: string
}

/** Says what will be deployed, by whom and for how much. Throws DeployError NOT_A_CONTRACT, NOT_ENOUGH_COINS. */
async function announce(
  { hre, client, chainId, options, parameters, journal }: Announced,
  { say }: DeployDeps,
): Promise<void> {
  const { network, given } = options
  const codeOf = async (address: Address): Promise<Hex> => {
    const code = await client.getCode({ address })
    if (code !== undefined) return code
    const message = `There is no contract at ${address} on chain ${chainId}`
    throw new DeployError(message, { code: 'NOT_A_CONTRACT', address })
  }
  await Promise.all(Object.values(given).map((address) => codeOf(address as Address)))
  const { transactions, gas } = await estimate(hre, chainId, { given, parameters }, codeOf)
  const [deployer] = (await client.request({ method: 'eth_accounts' } as never)) as unknown as Address[]
  if (deployer === undefined) throw noNetwork(network)
  const price = await client.getGasPrice()
  const balance = await client.getBalance({ address: deployer })

  say(`Network    ${network}, chain ${chainId}`)
  say(`Deployer   ${deployer}, ${formatEther(balance)} coins`)
  for (const [name, address] of Object.entries(given)) say(`Given      ${name} ${address}`)
  if (parameters) {
    const { decimals, symbol } = await tokenOf(client, given['Token'] as Address | undefined)
    for (const line of show(parameters, decimals, symbol)) say(`Parameter  ${line}`)
  } else say('Parameter  those of a local network')
  const cost = gas * price
  say(`Cost       ${transactions} transactions, ${gas} gas, ${formatEther(cost)} coins at the present price`)
  const isResumed = existsSync(join(journal, 'journal.jsonl'))
  if (isResumed) say(`Goes on    with ${journal}; what is deployed already costs nothing again`)
  if (balance < cost && !isResumed) {
    const message = `${deployer} has ${formatEther(balance)} coins; about ${formatEther(cost)} are needed`
    throw new DeployError(message, { code: 'NOT_ENOUGH_COINS', needed: cost, balance })
  }
}

async function tokenOf(
  client: PublicClient,
  address: Address | undefined,
): Promise<{ decimals: number; symbol: string }> {
  if (address === undefined) return { decimals: 6, symbol: 'TEA' }
  const call = { address, abi: abis.Token } as const
  try {
    const decimals = await client.readContract({ ...call, functionName: 'decimals' })
    const symbol = await client.readContract({ ...call, functionName: 'symbol' }).catch(() => 'tokens')
    return { decimals, symbol }
  } catch (cause) {
    const message = `${address} is not an ERC-20 with decimals`
    throw new DeployError(message, { code: 'NOT_A_CONTRACT', address }, { cause })
  }
}

function noNetwork(network: string, cause?: unknown): DeployError {
  const { url, key } = variablesOf(network)
  const reason =
    cause instanceof BaseError && cause.details ? cause.details : (cause as Error | undefined)?.message
  const why = reason ? `: ${reason.split('\n')[0]}` : ''
  const message =
    `There is no way to the network "${network}"${why}\n` +
    `Set its endpoint and the deployer's key once:\n  npx hardhat keystore set ${url}\n  npx hardhat keystore set ${key}`
  return new DeployError(message, { code: 'NO_NETWORK', network }, { cause })
}
