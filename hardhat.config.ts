import { createRequire } from 'node:module'
import hardhatToolboxViem from '@nomicfoundation/hardhat-toolbox-viem'
import { configVariable, defineConfig } from 'hardhat/config'

/** The compiler comes as a package, so that a build needs no download of its own. */
const path = createRequire(import.meta.url).resolve('solc/soljson.js')
const compiler = {
  version: '0.8.37',
  path,
  settings: { evmVersion: 'cancun', optimizer: { enabled: true, runs: 10_000 } },
}

/**
 * Both profiles are the same, so that what is tested and measured is what is deployed. Without `viaIR`:
 * the Poseidon library reads its input at a fixed place in memory, and that pipeline moves it.
 */
export default defineConfig({
  plugins: [hardhatToolboxViem],
  paths: {
    sources: './contracts',
    tests: { solidity: './test/contracts', nodejs: './test/contracts' },
    artifacts: './artifacts-hardhat',
    cache: './cache',
    ignition: './ignition',
  },
  solidity: {
    profiles: { default: compiler, production: compiler },
    splitTestsCompilation: true,
    npmFilesToBuild: ['poseidon-solidity/PoseidonT2.sol'],
  },
  networks: {
    node: { type: 'edr-simulated', chainType: 'l1', mining: { auto: true, interval: 1_000 } },
    local: { type: 'http', chainType: 'l1', url: configVariable('TEAHOUSE_RPC_URL') },
  },
})
