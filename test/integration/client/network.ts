import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAccount, type Account, type Client } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { Evaluators, type LocalNetwork } from '@teahouse/protocol/chain'
import type { NodeConfigInput } from '@teahouse/nodes'
import { readRecord } from '../../../scripts/deploy/record.ts'
import {
  CLUSTER_ID,
  fund,
  prepareNode,
  SHARDS,
  spawnNode,
  startChain,
  TEA,
  until,
  type NodeProcess,
  type TestChain,
} from '../../support/index.ts'

/** A chain and service nodes as processes, and people who use them. */
export interface TestNetwork {
  readonly chain: TestChain
  readonly network: LocalNetwork
  /** Replace an entry after a restart. */
  readonly nodes: NodeProcess[]
  /** A funded account with an empty folder. */
  person(): Promise<{ account: Account; dir: string }>
  /** A client, stopped with the network at the latest. */
  client(of: { account: Account; dir: string }): Promise<Client>
  stop(): Promise<void>
}

export interface NetworkOptions {
  readonly epochSeconds?: number
  /** Parameters of the registry that are not as in tests, where everything is short. */
  readonly membership?: Readonly<Record<'rootWindow' | 'term' | 'grace' | 'exitDelay', number>>
  /** Overrides of the configuration, one node each. */
  readonly nodes: readonly Partial<NodeConfigInput>[]
  /** Whether the network's description names the contracts that judge deals. */
  readonly evaluators?: boolean
}

/** Starts them and waits until all nodes have found each other. */
export async function startNetwork({
  epochSeconds = 60,
  membership: given,
  nodes: configs,
  evaluators: named = false,
}: NetworkOptions): Promise<TestNetwork> {
  const membership = {
    epochSeconds,
    rootWindow: 60,
    term: 3_600,
    grace: 600,
    exitDelay: 300,
    commitMinBlocks: 2,
    commitMaxAge: 86_400,
    depositPerMessage: TEA / 20n,
    feePerMessage: TEA / 100n,
    ...given,
  }
  const record = named
    ? join(await mkdtemp(join(tmpdir(), 'teahouse-record-')), 'deployment.json')
    : undefined
  const chain = await startChain({ parameters: { membership }, ...(record && { record }) })
  const nodes: NodeProcess[] = []
  const clients: Client[] = []

  async function stop(): Promise<void> {
    await Promise.all(clients.map((client) => client.stop()))
    await Promise.all(nodes.map((node) => node.kill()))
    await chain.stop()
  }

  try {
    for (const config of configs) nodes.push(await spawnNode(await prepareNode(chain, { config })))
    const infos = () => Promise.all(nodes.map((node) => node.info()))
    await until('the nodes found each other', async () =>
      (await infos()).every(({ peers }) => peers.length >= nodes.length - 1),
    )
    const { rpcUrl, chainId, contracts } = chain
    const entries = (await infos()).map(({ operator, peerId, multiaddrs }, at) => {
      return { operator: operator.id, peerId, multiaddrs, apiUrl: nodes[at]!.apiUrl }
    })
    const evaluators = record ? await evaluatorsOf(record) : undefined
    const network = {
      ...{ rpcUrl, chainId, contracts, evaluators, clusterId: CLUSTER_ID, shards: SHARDS, nodes: entries },
    }
    return {
      chain,
      network,
      nodes,
      stop,
      async person() {
        const account = createAccount()
        await fund(chain, account.address, 100n * TEA)
        return { account, dir: await mkdtemp(join(tmpdir(), 'teahouse-person-')) }
      },
      async client({ account, dir }) {
        const client = await nodeClient({ network, account, dir })
        clients.push(client)
        return client
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function evaluatorsOf(record: string): Promise<Evaluators> {
  const { parts } = await readRecord(record)
  const addresses = Object.entries(parts).map(([name, { address }]) => [name, address])
  return Evaluators.parse(Object.fromEntries(addresses))
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (payload: Uint8Array): string => new TextDecoder().decode(payload)
