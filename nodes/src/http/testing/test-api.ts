import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { InjectOptions } from 'fastify'
import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import { expect } from 'vitest'
import { pushWith, type PushDeps } from '../../lightpush/index.ts'
import { openBans } from '../../net/index.ts'
import { CLUSTER_ID, SHARDS, SILENT, testHost, TOPICS } from '../../net/test-hosts.ts'
import type { BudgetUse } from '../../profile/budget-keeper.ts'
import type { Profile } from '../../profile/profiles.ts'
import { RootError, type RootDesk } from '../../roots/index.ts'
import type { Archive } from '../../store/index.ts'
import { allRoutes, type ApiDeps } from '../api.ts'
import { ApiConfig } from '../config.ts'
import { createInbox } from '../inbox.ts'
import type { NodeHealth, NodeInfo } from '../info.ts'
import { peerDesk } from '../peers.ts'
import { createServer } from '../server.ts'
import { borrowArchive } from './archives.ts'

export const TOKEN = 't'.repeat(43)
export const NETWORK = { clusterId: CLUSTER_ID, shards: SHARDS }
const HASH = `0x${'ab'.repeat(32)}` as const
const ADDRESS = `0x${'cd'.repeat(20)}` as const

const ENDPOINTS = [
  { host: 'rpc.example:443', state: 'ok', lag: 0 },
  { host: '127.0.0.1:8545', state: 'new' },
] as const

const BUDGETS: BudgetUse = {
  upload: { limit: null, total: 5, perSecond: 1 },
  download: { limit: 65_536, total: 5, perSecond: 1 },
  disk: { limit: null, used: 1, free: 2, refused: 0 },
  connections: { limit: 300, open: 2 },
  proofs: { cores: 0.5, usedSeconds: 1.5 },
  notForwarded: { lasting: 0, ephemeral: 1 },
}

export const INFO: NodeInfo = {
  operator: { id: 1, node: ADDRESS, payee: undefined },
  peerId: '16U',
  multiaddrs: ['/ip4/127.0.0.1/tcp/1/p2p/16U'],
  enr: 'enr:-',
  clusterId: CLUSTER_ID,
  profile: 'full',
  parts: ['archive', 'relay'],
  shards: SHARDS,
  relayShards: [0, 1],
  peers: [],
  chain: {
    chainId: 31337,
    head: 5,
    root: HASH,
    members: 2,
    ledger: HASH,
    state: 'ready',
    endpoints: ENDPOINTS,
  },
  archive: { state: 'ok', messages: 0 },
  forgotten: { messages: 1, denyLists: [{ name: 'tea.txt', hashes: 2 }] },
  budgets: BUDGETS,
  payments: { credited: 2n ** 100n, collected: 0n, pending: 1n, lost: 0n },
  leases: { granted: 0, taken: 0, refused: 0 },
  courts: {
    receipts: { issued: 0, running: 0 },
    challenges: { open: 0, unanswerable: 0, answered: 0, convicted: 0, lapsed: 0, undone: 0 },
    read: { block: 5, behindSeconds: 0 },
  },
  chainRelay: { answered: 0, relayed: 0, refused: 0, reverted: 0, spentWei: 0n, lostWei: 0n },
  rln: {
    accepted: 1,
    ignored: { DUPLICATE: 1 },
    rejected: {},
    slashed: [{ commitment: HASH, holder: ADDRESS, state: 'revealed', transactionHash: HASH }],
  },
}

export const OK_HEALTH: NodeHealth = { status: 'ok', problems: [] }

export interface TestApiOptions {
  readonly config?: Partial<ApiConfig>
  readonly health?: () => NodeHealth
  readonly info?: () => Promise<NodeInfo>
  /** Of the way of a message; what it does not say accepts all. */
  readonly push?: Partial<PushDeps>
  readonly trusted?: boolean
  readonly isServed?: () => boolean
  readonly switchTo?: (profile: Profile) => Promise<void>
  /** Told of each answer. */
  readonly counter?: ApiDeps['counter']
  /** Answers store queries in the archive's place. */
  readonly query?: ApiDeps['store']['messages']['query']
  /** Forgets messages; without it, nothing was forgotten and everything can be. */
  readonly forget?: ApiDeps['forget']
  /** Answers about roots; without it nothing was said of any hour. */
  readonly roots?: RootDesk
}

export type TestApi = Awaited<ReturnType<typeof testApi>>

/**
 * The parts of an API over an archive, an inbox and a host that are real; who proves and validates is the test's. `release`
 * stops the host and leaves nothing behind.
 */
export async function testDeps(config: ApiConfig, options: TestApiOptions = {}) {
  const net = await testHost()
  const dataDir = await mkdtemp(join(tmpdir(), 'teahouse-api-'))
  const { messages, giveBack } = await borrowArchive()
  const inbox = createInbox(config)
  const levels: string[] = []
  let profile: Profile = 'full'
  const push = pushWith({ minRelayPeers: 1 }, { ...acceptAll(messages, inbox), ...options.push })
  const deps: ApiDeps = {
    health: options.health ?? (() => OK_HEALTH),
    info: options.info ?? (() => Promise.resolve(INFO)),
    ledger: () => Promise.resolve('day,payer,epoch,credited,collected,transaction\n'),
    metrics: () => Promise.resolve('# EOF\n'),
    relay: { publish: (topic, message) => push(topic, message, 'self'), inbox, topics: TOPICS },
    store: {
      messages: options.query ? { query: options.query } : messages,
      isServed: options.isServed ?? (() => true),
      topics: TOPICS,
      network: NETWORK,
      peerId: net.peerId.toString(),
      pageSize: 20,
      maxPageSize: 100,
      maxPageBytes: config.maxPageBytes,
    },
    roots: { desk: options.roots ?? { answer: nothingSaid } },
    forget: options.forget ?? {
      forget: async () => ({ had: true, again: false }),
      list: () => [],
    },
    drain: {
      view: () => ({ state: 'serving', pending: 0n }),
      begin: (waitSeconds = 180) => ({ state: 'leaving', until: waitSeconds, pending: 5n }),
    },
    admin: {
      peers: peerDesk({
        net,
        topics: TOPICS,
        bans: await openBans(join(dataDir, 'bans.json')),
        dialTimeoutMs: 2_000,
        sourcesOf: () => ['bootstrap'],
      }),
      setLogLevel: (level) => levels.push(level),
      dialBack: async () => [
        { peerId: '16U', addresses: [{ multiaddr: '/ip4/127.0.0.1/tcp/1', result: 'reached' }] },
      ],
    },
    profile: {
      current: () => profile,
      budgets: () => BUDGETS,
      switchTo: options.switchTo ?? (async (next) => void (profile = next)),
    },
    dataDir,
    version: '1.2.3',
    log: SILENT,
  }
  async function release(): Promise<void> {
    await net.stop()
    await giveBack()
    await rm(dataDir, { recursive: true })
  }
  return { deps, net, messages, inbox, levels, release }
}

const nothingSaid: RootDesk['answer'] = (shard, hour) =>
  Promise.reject(new RootError('Nothing was said of this hour', { code: 'NOT_SAID', shard, hour }))

function acceptAll(messages: Archive, inbox: ReturnType<typeof createInbox>): PushDeps {
  return {
    network: NETWORK,
    topics: TOPICS,
    charge: () => Promise.resolve({ ok: true }),
    precheck: () => undefined,
    holdProof: () => () => undefined,
    attachProof: (message) =>
      Promise.resolve({
        ...message,
        timestamp: message.timestamp ?? BigInt(Date.now()) * 1_000_000n,
        rateLimitProof: PROOF,
      }),
    validate: () => Promise.resolve({ result: 'accept', code: 'OK' }),
    async keep(topic, message) {
      await messages.put(topic, message)
      inbox.push(topic, message)
    },
    kept: (topic, message) => messages.get(messageHash(topic, message)),
    relay: { publish: () => Promise.resolve({ peers: 3, seen: false }), peers: () => 3 },
  }
}

const part = (at: number) => new Uint8Array(32).fill(at)
export const PROOF: NonNullable<WakuMessage['rateLimitProof']> = {
  proof: new Uint8Array(128).fill(9),
  merkleRoot: part(1),
  epoch: part(2),
  shareX: part(3),
  shareY: part(4),
  nullifier: part(5),
  rlnIdentifier: part(6),
}

/** By the text of the document, which hardly ever differs: compiling its schemas takes longer than most tests. */
const checks = new Map<string, ReturnType<typeof answerCheck>>()

/** An API to ask without a network. Each answer is checked against the document that the API itself serves. */
export async function testApi(options: TestApiOptions = {}) {
  const config = ApiConfig.parse({ ...options.config })
  const parts = await testDeps(config, options)
  const { deps } = parts
  const rules = { ...config, trusted: options.trusted ?? true, token: TOKEN }
  const routes = allRoutes(deps)
  const server = createServer({
    config,
    rules,
    routes,
    version: deps.version,
    counter: options.counter,
    log: deps.log,
  })
  await server.ready()
  const admin = { authorization: `Bearer ${TOKEN}` }
  const { body: text } = await server.inject({ url: '/openapi.json', headers: admin })
  const document = JSON.parse(text) as Document
  const check = checks.get(text) ?? answerCheck(document)
  checks.set(text, check)

  async function ask(request: InjectOptions & { readonly url: string }) {
    const answer = await server.inject(request)
    const type = String(answer.headers['content-type'] ?? '')
    const body: unknown = type.includes('json') ? JSON.parse(answer.body) : answer.body
    check(String(request.method ?? 'GET'), request.url, answer.statusCode, type, body)
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, body }
  }

  return {
    ...parts,
    server,
    document,
    ask,
    get: (url: string, headers = {}) => ask({ url, headers }),
    post: (url: string, payload: object | string, headers = {}) =>
      ask({ method: 'POST', url, payload, headers: { 'content-type': 'application/json', ...headers } }),
    delete: (url: string, payload?: object, headers = {}) =>
      ask({ method: 'DELETE', url, headers, ...(payload ? { payload } : {}) }),
    admin,
    async stop() {
      await server.close()
      await parts.release()
    },
  }
}

/** As much of an OpenAPI document as is looked at. */
export interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, object> }
}
export interface Operation {
  readonly operationId: string
  readonly parameters?: { name: string; in: string; required: boolean; schema: object }[]
  readonly requestBody?: { content: Record<string, { schema: object }> }
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>
}

/** All schemas of the document are compiled under this name, so that references find their targets. */
const DOCUMENT = 'api'

function answerCheck(document: Document) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: DOCUMENT, components: document.components, paths: document.paths })
  return (method: string, url: string, status: number, type: string, body: unknown) => {
    const found = operationAt(document, method, url)
    if (!found) return expect([204, 400, 403, 404, 414, 429], url).toContain(status)
    const { responses } = found.operation
    const key = responses[status] ? String(status) : `${Math.floor(status / 100)}XX`
    const media = typeof body === 'string' ? type.split(';')[0]! : 'application/json'
    expect(
      responses[key]?.content?.[media],
      `${method} ${url} may answer ${status} with ${media}`,
    ).toBeDefined()
    const path = ['paths', found.path, method.toLowerCase(), 'responses', key, 'content', media, 'schema']
    const pointer = path
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/')
    const valid = ajv.validate({ $ref: `${DOCUMENT}#/${pointer}` }, body)
    return expect(valid ? [] : ajv.errors, `${method} ${url} ${status}`).toEqual([])
  }
}

/** The operation that a request means: fixed parts of a path before parameters. */
export function operationAt(document: Document, method: string, url: string) {
  const [asked = ''] = url.split('?')
  const fits = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(asked)
  const paths = Object.keys(document.paths).filter(fits)
  const path = paths.find((each) => each === asked) ?? paths[0]
  const operation = path === undefined ? undefined : document.paths[path]![method.toLowerCase()]
  return path !== undefined && operation ? { path, operation } : undefined
}
