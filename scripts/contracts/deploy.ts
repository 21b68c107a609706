import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHardhatRuntimeEnvironment } from 'hardhat/hre'
import type { DeploymentParameters } from '@nomicfoundation/ignition-core'
import { createPublicClient, http, type Address } from 'viem'
import { abis, type ContractName } from '../../protocol/src/chain/index.ts'
import config from '../../hardhat.config.ts'
import type { Given } from '../../ignition/modules/given.ts'
import { teahouse } from '../../ignition/modules/teahouse.ts'
import { recordOf, writeRecord } from '../deploy/record.ts'
import { build } from './build.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface DeployOptions {
  /** Overrides of the module's parameters (see ignition/modules/teahouse.ts). */
  readonly parameters?: DeploymentParameters['Teahouse']
  /** Where Ignition keeps its journal; without it a temporary folder, removed afterwards. Must be empty. */
  readonly journal?: string
  /** Contracts that are on the chain already and are not made again; see ignition/modules/given.ts. */
  readonly given?: Given
  /** Where to write the record of the deployment; nowhere without it. */
  readonly record?: string
}

/**
 * Deploys all contracts on the chain behind `rpcUrl` from its first unlocked account, always from scratch:
 * a local chain starts anew each time while its chain id stays, so a journal of an earlier run must not be resumed.
 * Throws Ignition's HardhatError if a deployment fails.
 */
export async function deployLocal(
  rpcUrl: string,
  options: DeployOptions = {},
): Promise<Record<ContractName, Address>> {
  const journal = options.journal ?? (await mkdtemp(join(tmpdir(), 'teahouse-deploy-')))
  try {
    const hre = await createHardhatRuntimeEnvironment(
      { ...config, paths: { ...config.paths, ignition: journal } },
      {},
      ROOT,
    )
    await build(hre)
    const connection = await hre.network.create({
      network: 'local',
      chainType: 'l1',
      override: { url: rpcUrl },
    })
    try {
      // Ignition types a contract by the compiled artifacts, which a fresh clone does not have.
      const deployed: Record<ContractName, { readonly address: Address }> = await connection.ignition.deploy(
        teahouse(options.given),
        {
          config: { requiredConfirmations: 1, blockPollingInterval: 100 },
          ...(options.parameters && { parameters: { Teahouse: options.parameters } }),
        },
      )
      if (options.record !== undefined) {
        const client = createPublicClient({ transport: http(rpcUrl) })
        const folder = join(journal, 'deployments', `chain-${await client.getChainId()}`)
        await writeRecord(options.record, await recordOf({ hre, client, journal: folder }))
      }
      const entries = Object.keys(abis).map((name) => [name, deployed[name as ContractName].address])
      return Object.fromEntries(entries) as Record<ContractName, Address>
    } finally {
      await connection.close()
    }
  } finally {
    if (options.journal === undefined) await rm(journal, { recursive: true, force: true })
  }
}
