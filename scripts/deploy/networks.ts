import { configVariable } from 'hardhat/config'
import { createHardhatRuntimeEnvironment } from 'hardhat/hre'
import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'
import config from '../../hardhat.config.ts'
import { ROOT } from '../start/paths.ts'
import { DeployError } from './errors.ts'

/** The names under which the keystore, or the environment, has what a network needs. */
export function variablesOf(network: string): { url: string; key: string } {
  const prefix = network.toUpperCase().replace(/[^A-Z0-9]/g, '_')
  return { url: `${prefix}_RPC_URL`, key: `${prefix}_DEPLOYER_KEY` }
}

/**
 * Hardhat with one more network: its endpoint and the deployer's key are read from the keystore when they are needed,
 * and stand in no file. `journal` is where Ignition keeps its deployments. Throws DeployError NO_NETWORK.
 */
export async function hardhatFor(network: string, journal: string): Promise<HardhatRuntimeEnvironment> {
  const { url, key } = variablesOf(network)
  const configured = config.networks?.[network]
  if (configured && configured.type !== 'http') {
    const message = `"${network}" is a simulated network of hardhat.config.ts; there is nothing to deploy to`
    throw new DeployError(message, { code: 'NO_NETWORK', network })
  }
  const made = {
    type: 'http' as const,
    chainType: 'generic' as const,
    url: configVariable(url),
    accounts: [configVariable(key)],
  }
  const networks = { ...config.networks, [network]: configured ?? made }
  const paths = { ...config.paths, ignition: journal }
  return createHardhatRuntimeEnvironment({ ...config, networks, paths }, {}, ROOT)
}
