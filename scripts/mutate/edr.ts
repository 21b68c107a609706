import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Artifact, ROOT } from './compile.ts'

/** What of hardhat's engine is used here (it has no types of its own beside hardhat). */
interface Edr {
  EdrContext: new () => {
    registerSolidityTestRunnerFactory(chain: string, factory: unknown): Promise<void>
    runSolidityTests(
      chain: string,
      artifacts: readonly Artifact[],
      suites: readonly Artifact['id'][],
      config: object,
      tracing: object,
      done: (suite: {
        id: Artifact['id']
        testResults: { name: string; status: string; reason?: string }[]
      }) => void,
    ): Promise<unknown>
  }
  l1SolidityTestRunnerFactory(): unknown
  L1_CHAIN_TYPE: string
  l1GenesisState(hardfork: unknown): unknown
  l1HardforkFromString(name: string): unknown
  CollectStackTraces: { OnFailure: number }
}

export interface Budget {
  readonly fuzzRuns: number
  readonly invariantRuns: number
  readonly invariantDepth: number
}

/** One test, by the file and contract that it stands in. */
export interface Verdict {
  readonly suite: string
  readonly test: string
  readonly passed: boolean
  readonly reason: string
}

export function testName({ suite, test }: Verdict): string {
  return `${suite} ${test}`
}

/** More than any test needs with the switches in, little enough that an endless loop ends within the time allowed. */
const GAS = 6_000_000_000n
const HARDFORK = 'Cancun'

export function suiteName({ source, name }: Artifact['id']): string {
  return `${source}:${name}`
}

/** The test contracts among `artifacts`. */
export function suitesOf(artifacts: readonly Artifact[]): Artifact['id'][] {
  return artifacts
    .filter(
      ({ id, contract }) =>
        id.source.endsWith('.t.sol') && contract.bytecode && /"name":"(test|invariant)/.test(contract.abi),
    )
    .map(({ id }) => id)
}

export type Run = (
  suites: readonly Artifact['id'][],
  mutant: number,
  seed: number,
  budget: Budget,
  pattern?: string,
) => Promise<Verdict[]>

/** Hardhat's Solidity test runner in this process, for tests that were compiled once. */
export async function testRunner(artifacts: readonly Artifact[]): Promise<Run> {
  const hardhat = createRequire(import.meta.url).resolve('hardhat/package.json')
  const edr = createRequire(hardhat)('@nomicfoundation/edr') as Edr
  const context = new edr.EdrContext()
  await context.registerSolidityTestRunnerFactory(edr.L1_CHAIN_TYPE, edr.l1SolidityTestRunnerFactory())
  const libraries = artifacts.filter(({ id }) => !id.source.endsWith('.t.sol'))
  return async (suites, mutant, seed, budget, pattern) => {
    const sources = new Set(suites.map(({ source }) => source))
    // The handlers of the invariants stand beside them.
    const known = [...libraries, ...artifacts.filter(({ id }) => sources.has(id.source))]
    const coinbase = Buffer.alloc(20)
    coinbase.writeUInt32BE(mutant, 16)
    const random = `0x${seed.toString(16).padStart(64, '0')}`
    const config = {
      projectRoot: ROOT,
      hardfork: HARDFORK,
      localPredeploys: edr.l1GenesisState(edr.l1HardforkFromString(HARDFORK)),
      isolate: true,
      gasLimit: GAS,
      disableBlockGasLimit: true,
      disableTransactionGasCap: true,
      blockCoinbase: coinbase,
      fuzz: { runs: budget.fuzzRuns, seed: random },
      invariant: {
        runs: budget.invariantRuns,
        depth: budget.invariantDepth,
        failOnRevert: true,
        shrinkRunLimit: 0,
        includeStorage: false,
        includePushBytes: false,
      },
      collectStackTraces: edr.CollectStackTraces.OnFailure,
      // What a test says of itself in a comment, `forge-config: …`, is read there.
      testSourcePaths: Object.fromEntries([...sources].map((source) => [source, join(ROOT, source)])),
      ...(pattern !== undefined && { testPattern: pattern }),
    }
    const verdicts: Verdict[] = []
    // The last suites may report after the promise has settled.
    let waiting = suites.length
    await new Promise<void>((done, failed) => {
      if (waiting === 0) done()
      context
        .runSolidityTests(edr.L1_CHAIN_TYPE, known, suites, config, {}, ({ id, testResults }) => {
          for (const { name, status, reason = '' } of testResults)
            verdicts.push({ suite: suiteName(id), test: name, passed: status !== 'Failure', reason })
          if (--waiting === 0) done()
        })
        .catch(failed)
    })
    return verdicts
  }
}
