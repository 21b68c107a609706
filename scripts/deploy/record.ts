import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'
import { getAddress, keccak256, type Address, type Hex, type PublicClient } from 'viem'
import { z } from 'zod'
import {
  ABI_VERSION,
  addressesOf,
  deploymentId,
  DeploymentRecord,
  type DeployedContract,
} from '@teahouse/protocol/chain/deployments'
import { argumentJson, creationCode } from './code.ts'
import { DeployError } from './errors.ts'
import { readJournal, type JournalEntry } from './journal.ts'

const BuildInfo = z.object({
  solcLongVersion: z.string(),
  input: z.object({
    settings: z.object({
      evmVersion: z.string(),
      viaIR: z.boolean().default(false),
      optimizer: z.object({ enabled: z.boolean(), runs: z.int() }),
    }),
  }),
})

/** What is needed to write down a deployment. */
export interface RecordSource {
  readonly hre: HardhatRuntimeEnvironment
  readonly client: PublicClient
  /** Ignition's folder of this deployment, finished. */
  readonly journal: string
  /** Records of the same chain: a contract that one of them has made is taken from there. */
  readonly earlier?: readonly DeploymentRecord[]
}

/** The record of a finished deployment. Throws DeployError BAD_JOURNAL, NOT_A_CONTRACT. */
export async function recordOf(source: RecordSource): Promise<DeploymentRecord> {
  const { hre, client, journal, earlier = [] } = source
  const entries = await readJournal(journal)
  const known = new Map(earlier.flatMap((record) => everyContract(record)).map((one) => [one.address, one]))
  const libraryNames = new Set(entries.flatMap(({ created }) => Object.keys(created?.libraries ?? {})))
  const contracts: Record<string, DeployedContract> = {}
  const libraries: Record<string, DeployedContract> = {}
  for (const entry of entries) {
    const one = known.get(getAddress(entry.address)) ?? (await describe(source, entry))
    const into = libraryNames.has(entry.name) ? libraries : contracts
    into[entry.name] = one
    await addLibraries(libraries, one, known)
  }
  const chainId = await client.getChainId()
  const compiler = await compilerOf(hre, contracts)
  const id = deploymentId(chainId, addressesOf({ contracts }))
  return DeploymentRecord.parse({ id, chainId, abiVersion: ABI_VERSION, compiler, contracts, libraries })
}

/** A contract that was taken from an earlier deployment brings its libraries along. */
async function addLibraries(
  into: Record<string, DeployedContract>,
  { created }: DeployedContract,
  known: ReadonlyMap<Address, DeployedContract>,
): Promise<void> {
  for (const [name, address] of Object.entries(created?.libraries ?? {})) {
    const library = known.get(address)
    if (library) into[name] ??= library
  }
}

async function describe({ hre, client }: RecordSource, entry: JournalEntry): Promise<DeployedContract> {
  const compiled = await hre.artifacts.readArtifact(entry.contract)
  const address = getAddress(entry.address)
  const code = await client.getCode({ address })
  if (code === undefined)
    throw new DeployError(`There is no contract at ${address}`, { code: 'NOT_A_CONTRACT', address })
  const base = {
    source: `${compiled.sourceName}:${compiled.contractName}`,
    address,
    codeHash: keccak256(code),
  }
  if (!entry.created) return base
  const { deployer, nonce, transaction, block } = entry.created
  const libraries = Object.fromEntries(
    Object.entries(entry.created.libraries).map(([name, at]) => [name, getAddress(at)]),
  )
  const args = entry.created.args.map(argumentJson)
  const creationCodeHash = keccak256(creationCode(compiled, libraries))
  const created = { transaction: transaction as Hex, block, deployer: getAddress(deployer), nonce }
  return { ...base, created: { ...created, args, libraries, creationCodeHash } }
}

async function compilerOf(
  hre: HardhatRuntimeEnvironment,
  contracts: Readonly<Record<string, DeployedContract>>,
): Promise<DeploymentRecord['compiler']> {
  const made = Object.values(contracts).find(({ created }) => created !== undefined)
  const id = made && (await hre.artifacts.getBuildInfoId(made.source))
  const path = id && (await hre.artifacts.getBuildInfoPath(id))
  if (!path) throw new DeployError('Nothing was deployed', { code: 'BAD_JOURNAL', journal: '' })
  const { solcLongVersion, input } = BuildInfo.parse(JSON.parse(await readFile(path, 'utf8')))
  const { evmVersion, viaIR, optimizer } = input.settings
  return {
    version: solcLongVersion,
    evmVersion,
    viaIR,
    optimizerRuns: optimizer.enabled ? optimizer.runs : 0,
  }
}

export const everyContract = (record: DeploymentRecord): DeployedContract[] => [
  ...Object.values(record.libraries),
  ...Object.values(record.contracts),
]

/** Reads a record. Throws DeployError BAD_RECORD that says what is wrong with it. */
export async function readRecord(file: string): Promise<DeploymentRecord> {
  let cause: unknown
  try {
    const { data, error } = DeploymentRecord.safeParse(JSON.parse(await readFile(file, 'utf8')))
    if (data) return data
    cause = z.prettifyError(error)
  } catch (error) {
    cause = error instanceof Error ? error.message : String(error)
  }
  throw new DeployError(`${file} is not the record of a deployment: ${String(cause)}`, {
    code: 'BAD_RECORD',
    file,
  })
}

/** Writes a record as a whole, never half. */
export async function writeRecord(file: string, record: DeploymentRecord): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`)
  await rename(`${file}.new`, file)
}

/** The records of one chain under `folder` (`deployments/`), by file name. */
export async function recordsOf(folder: string, chainId: number): Promise<DeploymentRecord[]> {
  const inside = join(folder, String(chainId))
  const files = await readdir(inside).catch(() => [])
  const json = files.filter((file) => file.endsWith('.json')).sort()
  return Promise.all(json.map((file) => readRecord(join(inside, file))))
}
