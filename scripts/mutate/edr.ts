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
  addStatementCoverageInstrumentation(
    source: string,
    path: string,
    version: string,
  ): {
    source: string
    metadata: { tag: Uint8Array; startUtf16: number; endUtf16: number }[]
  }
  latestSupportedSolidityVersion(): string
}

interface MarkLibrary {
  getCoverageLibrary(): { content: string; filename: string }
}

function load(what: string): unknown {
  const hardhat = createRequire(import.meta.url).resolve('hardhat/package.json')
  return createRequire(hardhat)(what)
}

let engine: Edr | undefined

function edr(): Edr {
  engine ??= load('@nomicfoundation/edr') as Edr
  return engine
}

/** A statement, and the mark (in hex) that its execution leaves. */
export interface Marked {
  readonly start: number
  readonly end: number
  readonly mark: string
}

/** A source with a mark before each statement. */
export function markStatements(
  source: string,
  path: string,
): { source: string; statements: readonly Marked[] } {
  const version = edr().latestSupportedSolidityVersion()
  const marked = edr().addStatementCoverageInstrumentation(source, path, version)
  const statements = marked.metadata.map(({ tag, startUtf16, endUtf16 }) => ({
    start: startUtf16,
    end: endUtf16,
    mark: Buffer.from(tag).toString('hex'),
  }))
  return { source: marked.source, statements }
}

/** The source file that marked sources import. */
export function markLibrary(): { path: string; source: string } {
  const { filename, content } = (load('@nomicfoundation/edr/coverage') as MarkLibrary).getCoverageLibrary()
  return { path: filename, source: content }
}

export interface Budget {
  readonly fuzzRuns: number
  readonly invariantRuns: number
  readonly invariantDepth: number
}

/** One test, by the file and contract that it stands in, and its name with the types of its arguments. */
export interface Test {
  readonly suite: string
  readonly test: string
}

export interface Verdict extends Test {
  readonly passed: boolean
  readonly reason: string
}

/** `Contract.test()`: no two test contracts have the same name. */
export function testName({ suite, test }: Test): string {
  return `${suite.slice(suite.indexOf(':') + 1)}.${test}`
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

interface Parameter {
  readonly type: string
  readonly components?: readonly Parameter[]
}

/** As in the name of a function: `(uint8,address)[]` for what the list calls `tuple[]`. */
function typeName({ type, components = [] }: Parameter): string {
  return type.startsWith('tuple')
    ? `(${components.map(typeName).join(',')})${type.slice('tuple'.length)}`
    : type
}

/** The tests of a test contract. */
export function testsOf({ id, contract }: Artifact): Test[] {
  const items = JSON.parse(contract.abi) as { type: string; name?: string; inputs?: Parameter[] }[]
  return items.flatMap(({ type, name = '', inputs = [] }) =>
    type === 'function' && /^(test|invariant)/.test(name)
      ? [{ suite: suiteName(id), test: `${name}(${inputs.map(typeName).join(',')})` }]
      : [],
  )
}

export interface Choice {
  readonly suite: Artifact['id']
  readonly tests: readonly string[]
  /** The coinbase of all blocks. */
  readonly mutant: number
  readonly seed: number
  readonly budget: Budget
  /** Told of each mark that is passed. */
  mark?(mark: string): void
}

/** Hardhat's Solidity test runner in this process, for tests that were compiled once. */
export async function testRunner(
  artifacts: readonly Artifact[],
): Promise<(choice: Choice) => Promise<Verdict[]>> {
  const { EdrContext, L1_CHAIN_TYPE, ...rest } = edr()
  const context = new EdrContext()
  await context.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, rest.l1SolidityTestRunnerFactory())
  const linked = linkedLibraries(artifacts)
  const genesis = rest.l1GenesisState(rest.l1HardforkFromString(HARDFORK))
  return async ({ suite, tests, mutant, seed, budget, mark }) => {
    // The handlers of the invariants stand beside them. All other contracts would be parsed for nothing, which takes longer than a test.
    const known = [...linked, ...artifacts.filter(({ id }) => id.source === suite.source)]
    const coinbase = Buffer.alloc(20)
    coinbase.writeUInt32BE(mutant, 16)
    const random = `0x${seed.toString(16).padStart(64, '0')}`
    const config = {
      projectRoot: ROOT,
      hardfork: HARDFORK,
      localPredeploys: genesis,
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
      collectStackTraces: rest.CollectStackTraces.OnFailure,
      // What a test says of itself in a comment, `forge-config: …`, is read there.
      testSourcePaths: { [suite.source]: join(ROOT, suite.source) },
      testPattern: `^(${tests.map((name) => name.replaceAll(/[^\w,]/g, String.raw`\$&`)).join('|')})$`,
      ...(mark && {
        observability: {
          codeCoverage: {
            onCollectedCoverageCallback: async (passed: Uint8Array[]) => {
              for (const each of passed) mark(Buffer.from(each).toString('hex'))
            },
          },
        },
      }),
    }
    // The suite may report after the promise has settled.
    return await new Promise<Verdict[]>((done, failed) => {
      context
        .runSolidityTests(L1_CHAIN_TYPE, known, [suite], config, {}, ({ id, testResults }) =>
          done(
            testResults.map(({ name, status, reason = '' }) => ({
              suite: suiteName(id),
              test: name,
              passed: status !== 'Failure',
              reason,
            })),
          ),
        )
        .catch(failed)
    })
  }
}

/** Those that the code of others has a gap for. */
function linkedLibraries(artifacts: readonly Artifact[]): Artifact[] {
  const names = new Set(
    artifacts.flatMap(({ contract }) =>
      [contract.linkReferences, contract.deployedLinkReferences].flatMap((references = {}) =>
        Object.entries(references).flatMap(([source, byName]) =>
          Object.keys(byName).map((name) => `${source}:${name}`),
        ),
      ),
    ),
  )
  return artifacts.filter(({ id }) => names.has(suiteName(id)))
}
