import { createRequire } from 'node:module'
import hardhatToolboxViem from '@nomicfoundation/hardhat-toolbox-viem'
import { configVariable, defineConfig } from 'hardhat/config'
import type { HardhatPlugin } from 'hardhat/types/plugins'

/** The compiler comes as a package, so that a build needs no download of its own. */
const path = createRequire(import.meta.url).resolve('solc/soljson.js')
const compiler = {
  version: '0.8.37',
  path,
  settings: { evmVersion: 'cancun', optimizer: { enabled: true, runs: 10_000 } },
}
const unoptimized = { ...compiler, settings: { ...compiler.settings, optimizer: { enabled: false } } }

/** solc's word on transient storage, said of OpenZeppelin's re-entrancy guard, which clears what it sets. */
const TRANSIENT_STORAGE = '2394'

/** Leaves that one warning out, so that a warning about our own code is seen. */
const quietGuard: HardhatPlugin = {
  id: 'teahouse-quiet-guard',
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        async getCompilationJobErrors(context, job, output, next) {
          const errors = await next(context, job, output)
          return errors.filter(({ errorCode }) => errorCode !== TRANSIENT_STORAGE)
        },
      }),
    }),
  },
}

/** `npm test -- --deep` spends more on random inputs and random walks. */
const deep = process.env['TEAHOUSE_DEEP'] === '1'
/** Of all random inputs and walks: `npm test -- --seed N`. */
const seed = `0x${Number(process.env['TEAHOUSE_SEED'] ?? 1).toString(16)}`

/**
 * `default` and `production` are the same, so that what is measured, deployed and walked with is one code; `quick` is for the
 * Solidity tests of `npm test`, which take twice as long to compile when they are optimized (a deep run does). Without
 * `viaIR`: the Poseidon library reads its input at a fixed place in memory, and that pipeline moves it.
 */
export default defineConfig({
  plugins: [hardhatToolboxViem, quietGuard],
  paths: {
    sources: './contracts',
    tests: { solidity: './test/contracts', nodejs: './test/contracts' },
    artifacts: './artifacts-hardhat',
    cache: './cache',
    ignition: './ignition',
  },
  solidity: {
    profiles: { default: compiler, production: compiler, quick: unoptimized },
    splitTestsCompilation: true,
    npmFilesToBuild: ['poseidon-solidity/PoseidonT2.sol'],
  },
  test: {
    solidity: {
      // Every call of a test is a transaction of its own, as on a chain.
      isolate: true,
      fuzz: { runs: deep ? 4_096 : 256, seed },
      // A handler only makes calls that must work, so a revert is a failure. It folds every argument into its range, so values
      // gathered from storage and code would add nothing but two thirds of the time.
      invariant: {
        runs: deep ? 2_560 : 256,
        depth: 128,
        failOnRevert: true,
        includeStorage: false,
        includePushBytes: false,
      },
    },
  },
  networks: {
    node: { type: 'edr-simulated', chainType: 'l1', mining: { auto: true, interval: 1_000 } },
    local: { type: 'http', chainType: 'l1', url: configVariable('TEAHOUSE_RPC_URL') },
  },
})
