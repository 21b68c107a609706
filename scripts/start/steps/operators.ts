import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createWalletClient, http, parseEther, type Address, type LocalAccount } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { newIdentity, writeIdentity, writeSecretFile, type NodeConfigInput } from '@teahouse/nodes'
import type { LocalNetwork } from '@teahouse/protocol/chain'
import { localChain } from '@teahouse/protocol/chain'
import type { Child, Children } from '../children.ts'
import { contractsAs, mined } from '../contracts-as.ts'
import { eventually } from '../eventually.ts'
import { fund } from '../faucet.ts'
import { freePorts } from '../free-ports.ts'
import { nodeHealth, nodeInfo } from '../node-api.ts'
import {
  BLOB_DAY_PRICES,
  CLUSTER_ID,
  OPERATORS,
  RECEIPT_LIABILITY,
  SHARDS,
  STORE_QUERY_PRICE,
} from '../parameters.ts'
import { ROOT, type Paths } from '../paths.ts'
import type { StepLog } from '../report.ts'
import { pruneSetAside } from '../set-aside.ts'
import { setUpOperator } from '../set-up-operator.ts'
import { must, mustEqual } from '../start-error.ts'
import { tea } from '../tokens.ts'
import type { LocalChain } from './chain.ts'

/** A running node and who earns with it. */
export interface Operator {
  readonly id: number
  readonly apiUrl: string
  readonly peerId: string
  readonly multiaddrs: string[]
  readonly owner: Address
  readonly payee: Address
  /** Address of the node key, which slashes and settles. */
  readonly node: Address
  /** Its folder. */
  readonly folder: string
  readonly process: Child
}

/** The provision that backs promises to store. */
export const STORAGE_SERVICE = 1
const STORAGE_STAKE = tea('40')
const STAKE = tea('150')
const FUNDS = tea('240')
/** Messages an epoch that a node may send for people without a proof of their own. */
const NODE_RATE_LIMIT = 100
/** TCP, WebSocket, HTTP. */
const PORTS_A_NODE = 3
const READY_TIMEOUT_MS = 60_000

/** Step 2: three operators, each a process with its own keys, stake and registration. */
export async function startOperators(
  log: StepLog,
  chain: LocalChain,
  children: Children,
  home: Paths,
): Promise<Operator[]> {
  const registered: Registered[] = []
  for (let number = 1; number <= OPERATORS; number++)
    registered.push(await register(log, chain, home.node(number)))
  const ports = await freePorts(OPERATORS * PORTS_A_NODE) // all at once: so no two nodes get the same
  const operators = await Promise.all(
    registered.map((operator) =>
      startNode(log, chain, children, { ...operator, ports: ports.splice(0, PORTS_A_NODE) }),
    ),
  )
  await log.time('the nodes found each other through the registry', async () => {
    await Promise.all(operators.map((operator) => waitForPeers(operator, operators)))
  })
  return operators
}

/** The network as `.teahouse/local.json` tells it. */
export function networkOf(chain: LocalChain, operators: readonly Operator[]): LocalNetwork {
  const { rpcUrl, chainId, contracts, evaluators } = chain
  const nodes = operators.map(({ id, peerId, multiaddrs, apiUrl }) => ({
    operator: id,
    peerId,
    multiaddrs,
    apiUrl,
  }))
  return { rpcUrl, chainId, contracts, evaluators, clusterId: CLUSTER_ID, shards: SHARDS, nodes }
}

interface Registered {
  readonly id: number
  readonly folder: string
  readonly owner: Address
  readonly payee: Address
  readonly node: Address
}

async function register(log: StepLog, chain: LocalChain, folder: string): Promise<Registered> {
  pruneSetAside(folder)
  const keys = await makeKeys(folder)
  await fund(chain, keys.owner.address, FUNDS)
  const wallet = createWalletClient({ account: keys.owner, chain: localChain, transport: http(chain.rpcUrl) })
  const { operatorId, steps } = await setUpOperator({
    wallet,
    publicClient: chain.client,
    contracts: chain.contracts,
    node: keys.node.address,
    payee: keys.payee.address,
    stake: STAKE,
    membership: { commitment: keys.identity.commitment, rateLimit: NODE_RATE_LIMIT },
    nodeBalance: parseEther('0.5'),
  })
  for (const { name, hash, gasUsed } of steps) {
    if (STEPS_SHOWN[name])
      log.note(`operator ${operatorId} ${STEPS_SHOWN[name]}`, { mined: { hash, gasUsed } })
  }
  await stakeForFiles(chain, keys.owner, operatorId)
  const { owner, payee, node } = keys
  return { id: operatorId, folder, owner: owner.address, payee: payee.address, node: node.address }
}

/** What operators stake for the promises in their receipts, which the court of retrieval may take. */
async function stakeForFiles(chain: LocalChain, owner: LocalAccount, operatorId: number): Promise<void> {
  const { RetrievalCourt, OperatorStaking } = chain.contracts
  const { write } = contractsAs(chain, owner).OperatorStaking
  await mined(chain, write.setAdjudicator([operatorId, STORAGE_SERVICE, RetrievalCourt, true]))
  const { Token } = contractsAs(chain, owner)
  await mined(chain, Token.write.approve([OperatorStaking, STORAGE_STAKE]))
  await mined(chain, write.stake([operatorId, STORAGE_SERVICE, STORAGE_STAKE]))
}

async function startNode(
  log: StepLog,
  chain: LocalChain,
  children: Children,
  operator: Registered & { readonly ports: readonly number[] },
): Promise<Operator> {
  const { id, folder, owner, payee, node } = operator
  const config = writeConfig(chain, operator)
  const apiUrl = `http://${config.api.host}:${config.api.port}`
  const args = [join(ROOT, 'cli/src/main.ts'), 'node', 'run', '--config', join(folder, 'config.json')]
  const logFile = join(folder, 'node.log')
  const child = children.start({ name: `Node ${id}`, args, logFile, restarts: true })
  const info = await log.time(`node ${id} is up at ${apiUrl}`, () =>
    child.ready(() => nodeInfo(apiUrl), READY_TIMEOUT_MS),
  )
  await mustStandOnChain(chain, id, info.operator.node, node)
  const { peerId, multiaddrs } = info
  return { id, apiUrl, peerId, multiaddrs, owner, payee, node, folder, process: child }
}

const STEPS_SHOWN: Partial<Record<string, string>> = {
  createOperator: 'is created',
  stake: 'stakes',
  register: 'joins for its node',
}

async function makeKeys(folder: string) {
  mkdirSync(folder, { recursive: true })
  const nodeKey = generatePrivateKey()
  const [owner, payee] = [generatePrivateKey(), generatePrivateKey()]
  const identity = newIdentity()
  await writeSecretFile(join(folder, 'node.key'), `${nodeKey}\n`)
  await writeSecretFile(join(folder, 'owner.key'), `${owner}\n`)
  await writeSecretFile(join(folder, 'payee.key'), `${payee}\n`)
  await writeIdentity(join(folder, 'identity.json'), {
    secret: identity.secret,
    rateLimit: NODE_RATE_LIMIT,
    unused: true,
  })
  return {
    node: privateKeyToAccount(nodeKey),
    owner: privateKeyToAccount(owner),
    payee: privateKeyToAccount(payee),
    identity,
  }
}

function writeConfig(
  chain: LocalChain,
  { id: operatorId, folder, ports }: Registered & { ports: readonly number[] },
) {
  const [tcp, ws, api] = ports as [number, number, number]
  const config = {
    dataDir: 'data',
    keyFile: 'node.key',
    operatorId,
    clusterId: CLUSTER_ID,
    shards: SHARDS,
    listen: [`/ip4/127.0.0.1/tcp/${tcp}`, `/ip4/127.0.0.1/tcp/${ws}/ws`],
    chainId: chain.chainId,
    rpcUrls: [chain.rpcUrl],
    contracts: chain.contracts,
    evaluators: chain.evaluators,
    api: { host: '127.0.0.1', port: api },
    chain: { pollMs: 250 },
    discovery: { intervalMs: 1_000 },
    rln: { identityFile: 'identity.json' },
    courts: { liability: RECEIPT_LIABILITY.toString() },
    payments: {
      prices: {
        'store-query': STORE_QUERY_PRICE.toString(),
        'blob-day': BLOB_DAY_PRICES[operatorId - 1]!.toString(),
      },
      // The last node sells every query; the others give some for free, so that plain Waku clients can look around.
      freeQuota: operatorId === OPERATORS ? 0 : 20,
      settleEveryMs: 1_000,
    },
  } satisfies NodeConfigInput
  writeFileSync(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`)
  return config
}

async function mustStandOnChain(
  chain: LocalChain,
  id: number,
  running: Address,
  wanted: Address,
): Promise<void> {
  const { node, staked } = await chain.at.OperatorStaking.read.operator([id])
  mustEqual(node, wanted, `the node key of operator ${id} on chain`)
  mustEqual(running, wanted, `the key that node ${id} runs with`)
  must(staked >= (await chain.at.OperatorStaking.read.minimumStake()), `operator ${id} has the minimum stake`)
}

/** No node was told of another: what it knows, it knows from the chain. */
async function waitForPeers(operator: Operator, all: readonly Operator[]): Promise<void> {
  const others = all.filter(({ id }) => id !== operator.id).map(({ peerId }) => peerId)
  const what = `node ${operator.id} finds ${others.join(' and ')} through the registry`
  await eventually(what, READY_TIMEOUT_MS, async () => {
    const { peers } = await nodeInfo(operator.apiUrl)
    return others.every((peerId) => peers.includes(peerId)) && (await nodeHealth(operator.apiUrl)) === 'ok'
  })
}
