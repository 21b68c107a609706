import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import { ContractAddresses, Evaluators } from '@teahouse/protocol/chain'
import { TeahouseError } from '@teahouse/protocol/errors'
import { BlobConfig } from './blob/index.ts'
import { ChainConfig } from './chain/config.ts'
import { hostsOf } from './chain/errors.ts'
import { endpointProblems } from './chain/rpc-urls.ts'
import { ChainRelayConfig } from './chain-relay/index.ts'
import { parseCommentedJson } from './commented-json.ts'
import { DiscoveryConfig } from './discovery/config.ts'
import { FilterConfig } from './filter/index.ts'
import { ApiConfig } from './http/config.ts'
import { LeaseConfig } from './lease/index.ts'
import { LightPushConfig } from './lightpush/index.ts'
import { MemberConfig } from './member/index.ts'
import { MembershipConfig } from './membership/config.ts'
import { NetConfig } from './net/index.ts'
import { PaymentsConfig } from './payments/config.ts'
import { BudgetsConfig } from './profile/config.ts'
import { PROFILES } from './profile/profiles.ts'
import { CourtsConfig } from './receipts/index.ts'
import { RlnConfig } from './rln/config.ts'
import { RootsConfig } from './roots/index.ts'
import { StoreConfig } from './store/index.ts'
import { SyncConfig } from './sync/index.ts'
import { WakeConfig } from './wake/index.ts'

const Settings = z.strictObject({
  dataDir: z.string().min(1),
  /** File with the node key: 64 hex digits, or a keystore (Web3 Secret Storage, version 3). It is the libp2p identity and the node's Ethereum account. */
  keyFile: z.string().min(1),
  /** Id on chain of the operator that this node works for; 0 announces and earns nothing. */
  operatorId: z.int().min(0).default(0),
  clusterId: z.int().min(0).max(0xffff),
  shards: z.int().min(1).max(1_024).default(8),
  /** The shards that this node relays, keeps and serves; all of the network's without it. */
  relayShards: z.array(z.int().min(0)).min(1).optional(),
  /** What the node is for: docs/profiles.md. May be changed while it runs. */
  profile: z.enum(PROFILES).default('full'),
  /** What it may use, where the profile is not to say so. May be changed while it runs. */
  budgets: BudgetsConfig.prefault({}),
  listen: NetConfig.shape.listen,
  /** Multiaddrs to tell others instead of those listened on. */
  announce: NetConfig.shape.announce,
  chainId: z.int().positive(),
  /** JSON-RPC endpoints of the chain, of providers that have nothing in common; `chain.quorum` of them have to agree. */
  rpcUrls: z.array(z.url({ protocol: /^https?$/ })).min(1),
  contracts: ContractAddresses,
  /** Evaluators of deals that it has asked for people; none without it. */
  evaluators: z.optional(Evaluators),
  api: ApiConfig.prefault({}),
  chain: ChainConfig.prefault({}),
  discovery: DiscoveryConfig.prefault({}),
  net: NetConfig.omit({ listen: true, announce: true, maxConnections: true }).prefault({}),
  membership: MembershipConfig.prefault({}),
  member: MemberConfig.prefault({}),
  lease: LeaseConfig.prefault({}),
  wake: WakeConfig.prefault({}),
  chainRelay: ChainRelayConfig.prefault({}),
  rln: RlnConfig.prefault({}),
  roots: RootsConfig.prefault({}),
  courts: CourtsConfig.prefault({}),
  payments: PaymentsConfig.prefault({}),
  store: StoreConfig.prefault({}),
  sync: SyncConfig.prefault({}),
  blob: BlobConfig.prefault({}),
  filter: FilterConfig.prefault({}),
  lightpush: LightPushConfig.prefault({}),
  log: z
    .strictObject({
      level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    })
    .prefault({}),
})

/** Everything that a node is told. Relative paths are taken from the folder of the configuration file. */
export const NodeConfig = Settings.superRefine(({ rpcUrls, chain, shards, relayShards }, context) => {
  if (
    relayShards?.some((shard) => shard >= shards) ||
    new Set(relayShards).size !== (relayShards?.length ?? 0)
  )
    context.addIssue({ code: 'custom', path: ['relayShards'], message: `different shards below ${shards}` })
  for (const { path, problem } of endpointProblems(rpcUrls, chain.quorum))
    context.addIssue({ code: 'custom', path, message: problem })
})
export type NodeConfig = z.output<typeof NodeConfig>
export type NodeConfigInput = z.input<typeof NodeConfig>

export type ConfigFailure =
  | { readonly code: 'CONFIG_UNREADABLE'; readonly path: string }
  | {
      readonly code: 'CONFIG_INVALID'
      readonly issues: readonly { readonly path: string; readonly problem: string }[]
    }

/** The configuration can't be used. */
export class ConfigError extends TeahouseError<ConfigFailure> {}

/** Settings that differ between two configurations, beside those that a running node takes over. */
export function changedBeside(before: NodeConfig, after: NodeConfig): string[] {
  const shown = ({ profile: _, budgets: __, ...rest }: NodeConfig) =>
    Object.entries(redact(rest as NodeConfig))
  const old = new Map(shown(before).map(([key, value]) => [key, JSON.stringify(value)]))
  return shown(after).flatMap(([key, value]) => (old.get(key) === JSON.stringify(value) ? [] : [key]))
}

type Tree = { [key: string]: unknown }

/**
 * Joins defaults < file < environment < overrides. Environment variables name a path with `__` between its parts, as in
 * TEAHOUSE_API__PORT or TEAHOUSE_DATA_DIR; lists are JSON or separated by commas. @throws ConfigError.
 */
export async function loadConfig(
  path: string | undefined,
  env: Readonly<Record<string, string | undefined>> = {},
  overrides: Tree = {},
): Promise<NodeConfig> {
  const file = path === undefined ? {} : await readTree(path)
  const config = parseConfig(merge(merge(file, fromEnvironment(env)), overrides))
  return withAbsolutePaths(config, path === undefined ? process.cwd() : dirname(resolve(path)))
}

/** Parses a whole configuration. @throws ConfigError CONFIG_INVALID naming each path that is wrong. */
export function parseConfig(input: unknown): NodeConfig {
  const result = NodeConfig.safeParse(input)
  if (result.success) return result.data
  const issues = result.error.issues.map(({ path, message }) => ({
    path: path.join('.') || '(whole)',
    problem: message,
  }))
  const lines = issues.map(({ path, problem }) => `  ${path}: ${problem}`)
  throw new ConfigError(`The configuration can't be used:\n${lines.join('\n')}`, {
    code: 'CONFIG_INVALID',
    issues,
  })
}

/**
 * The configuration as it may be printed: RPC and database addresses without paths and credentials, no token, amounts as
 * decimal strings.
 */
export function redact(config: NodeConfig): Tree {
  const { rpcUrls, store, api, ...rest } = config
  const { database } = store
  const shownDatabase =
    database.engine === 'postgres' ? { ...database, url: hostsOf([database.url])[0] } : database
  const shown = {
    ...rest,
    api: { ...api, ...(api.token === undefined ? {} : { token: '[set]' }) },
    store: { ...store, database: shownDatabase },
    rpcUrls: hostsOf(rpcUrls),
  }
  return JSON.parse(
    JSON.stringify(shown, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  ) as Tree
}

async function readTree(path: string): Promise<Tree> {
  try {
    const tree = parseCommentedJson(await readFile(path, 'utf8'))
    if (isTree(tree)) return tree
    throw new SyntaxError('not a JSON object')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(
      `Can't read the configuration ${path}: ${reason}`,
      { code: 'CONFIG_UNREADABLE', path },
      { cause },
    )
  }
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Tree {
  const tree: Tree = {}
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('TEAHOUSE_') || text === undefined) continue
    const path = name.slice('TEAHOUSE_'.length).split('__').map(camelCase)
    if (!(path[0]! in Settings.shape)) continue
    let branch = tree
    const isList = LISTS.has(path.join('.'))
    const leaf = path.pop() ?? ''
    for (const key of path) branch = (branch[key] ??= {}) as Tree
    branch[leaf] = readValue(text, isList)
  }
  return tree
}

const LISTS = new Set([
  'listen',
  'announce',
  'rpcUrls',
  'api.allowOrigins',
  'api.allowHosts',
  'sync.peers',
  'discovery.bootstrap',
  'discovery.sources',
])
const camelCase = (part: string) =>
  part.toLowerCase().replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())

function readValue(text: string, list: boolean): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return list ? text.split(',').map((part) => part.trim()) : text
  }
}

function merge(base: Tree, over: Tree): Tree {
  const merged = { ...base }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue
    const before = merged[key]
    merged[key] = isTree(before) && isTree(value) ? merge(before, value) : value
  }
  return merged
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withAbsolutePaths(config: NodeConfig, base: string): NodeConfig {
  const { identityFile, verificationKeyFile } = config.rln
  const { snapshotFile } = config.membership
  const { tokenFile } = config.api
  const { tls } = config.net
  return {
    ...config,
    dataDir: resolve(base, config.dataDir),
    keyFile: resolve(base, config.keyFile),
    api: { ...config.api, ...(tokenFile === undefined ? {} : { tokenFile: resolve(base, tokenFile) }) },
    store: { ...config.store, denyLists: config.store.denyLists.map((path) => resolve(base, path)) },
    net: {
      ...config.net,
      ...(tls && {
        tls: { ...tls, certFile: resolve(base, tls.certFile), keyFile: resolve(base, tls.keyFile) },
      }),
    },
    membership: {
      ...config.membership,
      ...(snapshotFile === undefined ? {} : { snapshotFile: resolve(base, snapshotFile) }),
    },
    rln: {
      ...config.rln,
      ...(identityFile === undefined ? {} : { identityFile: resolve(base, identityFile) }),
      ...(verificationKeyFile === undefined
        ? {}
        : { verificationKeyFile: resolve(base, verificationKeyFile) }),
    },
  }
}
