import { spawn } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { parseEther, type Hex } from 'viem'
import type { Identity } from '@teahouse/protocol/rln'
import {
  newIdentity,
  writeIdentity,
  writeSecretFile,
  type NodeConfigInput,
  type NodeInfo,
} from '@teahouse/nodes'
import { NODE_FLAGS } from '../../scripts/bootstrap.mjs'
import { freePorts } from '../../scripts/start/free-ports.ts'
import { setUpOperator } from '../../scripts/start/set-up-operator.ts'
import { newWallet, ROOT, TEA, until, type TestChain } from './chain.ts'

export const CLUSTER_ID = 1984
export const SHARDS = 8

/** A node that is set up on chain and on disk, and can be spawned any number of times. */
export interface PreparedNode {
  readonly folder: string
  readonly configFile: string
  readonly operatorId: number
  readonly payee: `0x${string}`
  readonly node: `0x${string}`
  readonly config: NodeConfigInput
  readonly keys: OperatorKeys
  /** Where the sources of another release lie; this one's without it. */
  readonly release?: string
  /** Run in place of `node-main.ts`, with the configuration file and these arguments. */
  readonly main?: { readonly file: string; readonly args: readonly string[] }
  /** Variables of the process, beside those of this one. */
  readonly env?: Readonly<Record<string, string>>
}

/** Variables for a process whose clock is shifted, by milliseconds or by a file that has them and may change. */
export function withClock(shift: number | { readonly file: string }): Readonly<Record<string, string>> {
  const preload = pathToFileURL(join(import.meta.dirname, 'shift-clock.mjs')).href
  const by = typeof shift === 'number' ? { CLOCK_SHIFT_MS: String(shift) } : { CLOCK_SHIFT_FILE: shift.file }
  return { NODE_OPTIONS: `--import ${preload}`, ...by }
}

/** Everything that makes an operator the same on another deployment. */
export interface OperatorKeys {
  readonly owner: Hex
  readonly node: Hex
  readonly payee: Hex
  readonly identity: Identity
}

export interface PrepareOptions {
  /** Those of a node that there is already; new ones without it. */
  readonly keys?: OperatorKeys
  /** Overrides of the configuration file. */
  readonly config?: Partial<NodeConfigInput>
  /** Messages an epoch of the node's own membership; none without it. */
  readonly rateLimit?: number
}

/** Creates an operator with stake (and a membership), writes its keys and its configuration into a new folder. */
export async function prepareNode(chain: TestChain, options: PrepareOptions = {}): Promise<PreparedNode> {
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-node-'))
  const { rateLimit, keys = newKeys() } = options
  const node = privateKeyToAccount(keys.node).address
  const payee = privateKeyToAccount(keys.payee).address
  const { identity } = keys
  await writeSecretFile(join(folder, 'node.key'), keys.node)
  if (rateLimit)
    await writeIdentity(join(folder, 'identity.json'), { secret: identity.secret, rateLimit, unused: true })
  const owner = await newWallet(chain, 1_000n * TEA, keys.owner)
  const { operatorId } = await setUpOperator({
    wallet: owner.wallet,
    publicClient: chain.client,
    contracts: chain.contracts,
    node,
    payee,
    stake: 100n * TEA,
    nodeBalance: parseEther('1'),
    ...(rateLimit ? { membership: { commitment: identity.commitment, rateLimit } } : {}),
  })
  const config = await configOf(chain, operatorId, rateLimit !== undefined, options.config)
  const configFile = join(folder, 'config.json')
  await writeFile(configFile, JSON.stringify(config))
  return { folder, configFile, operatorId, payee, node, config, keys }
}

const newKeys = (): OperatorKeys => ({
  owner: generatePrivateKey(),
  node: generatePrivateKey(),
  payee: generatePrivateKey(),
  identity: newIdentity(),
})

/** Ports are fixed once, so that a restarted node is found where it was. */
async function configOf(
  chain: TestChain,
  operatorId: number,
  hasIdentity: boolean,
  overrides: Partial<NodeConfigInput> = {},
): Promise<NodeConfigInput> {
  const [tcp, ws, api] = await freePorts(3)
  return {
    dataDir: 'data',
    keyFile: 'node.key',
    operatorId,
    clusterId: CLUSTER_ID,
    shards: SHARDS,
    listen: [`/ip4/127.0.0.1/tcp/${tcp}`, `/ip4/127.0.0.1/tcp/${ws}/ws`],
    chainId: chain.chainId,
    rpcUrls: [chain.rpcUrl],
    contracts: chain.contracts,
    api: { port: api! },
    chain: { pollMs: 250, timeoutMs: 2_000, retries: 0, startTimeoutMs: 4_000, awayAfterMs: 2_000 },
    discovery: { intervalMs: 500 },
    lightpush: { minRelayPeers: 0 },
    log: { level: 'debug' },
    ...(hasIdentity ? { rln: { identityFile: 'identity.json' } } : {}),
    ...overrides,
  }
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A node as a process of its own. */
export interface NodeProcess extends PreparedNode {
  readonly pid: number
  readonly apiUrl: string
  readonly exited: Promise<Exit>
  /** Standard output and error so far. */
  output(): string
  info(): Promise<NodeInfoJson>
  health(): Promise<{ status: string; problems: string[] }>
  /** Sends a signal and waits for the end; SIGTERM unless told otherwise. */
  kill(signal?: NodeJS.Signals): Promise<Exit>
}

/** `/info` as JSON: amounts are decimal strings. */
export type NodeInfoJson = Omit<NodeInfo, 'payments'> & {
  payments: Record<'credited' | 'collected' | 'pending' | 'lost', string>
}

/** Spawns a node and waits until it answers over HTTP and knows its members. Throws with its output if it ends before. */
export async function spawnNode(prepared: PreparedNode): Promise<NodeProcess> {
  const node = launchNode(prepared)
  const failed = node.exited.then(({ code, signal }) => {
    throw new Error(`The node ended with ${code ?? signal}:\n${node.output()}`)
  })
  failed.catch(() => undefined)
  const ready = until('the node is up', async () => (await node.health()).status !== 'down', 60_000)
  await Promise.race([ready, failed])
  return node
}

/** Spawns a node and waits for nothing. */
export function launchNode(prepared: PreparedNode): NodeProcess {
  const root = prepared.release ?? ROOT
  const { file, args } = prepared.main ?? { file: join(root, 'test/support/node-main.ts'), args: [] }
  const child = spawn(process.execPath, [...NODE_FLAGS, file, prepared.configFile, ...args], {
    cwd: root,
    env: { ...process.env, ...prepared.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const collect = (chunk: Buffer) => void (output += chunk.toString())
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const exited = new Promise<Exit>((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal })),
  )
  const apiUrl = `http://127.0.0.1:${prepared.config.api?.port}`
  const get = async (path: string) =>
    (await fetch(`${apiUrl}${path}`, { signal: AbortSignal.timeout(5_000) })).json()
  return {
    ...prepared,
    pid: child.pid!,
    apiUrl,
    exited,
    output: () => output,
    info: () => get('/info') as Promise<NodeInfoJson>,
    health: () => get('/health') as Promise<{ status: string; problems: string[] }>,
    kill(signal = 'SIGTERM') {
      child.kill(signal)
      return exited
    },
  }
}

/** Waits until a node is well: a moment in which a busy machine keeps it from the chain is no failure. */
export async function becomesWell({ health }: Pick<NodeProcess, 'health'>): Promise<void> {
  await until('the node is well', async () => (await health()).status === 'ok')
}
