import { writeFile } from 'node:fs/promises'
import type { Prover } from '@teahouse/protocol/rln'
import { pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import { afterAll, afterEach, beforeAll } from 'vitest'
import {
  CLUSTER_ID,
  newLightPeer,
  newMember,
  newMessage,
  prove,
  SHARDS,
  spawnNode,
  startChain,
  testProver,
  withinOneEpoch,
  type NodeProcess,
  type PreparedNode,
  type TestChain,
  type TestMember,
} from '../../support/index.ts'

export const TOPIC = '/teahouse-test/1/faults/bytes'
export const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)

/** A chain, a member who writes, and nodes that are killed after each test; for one file of tests. */
export function faultyWorld() {
  let chain: TestChain
  let prover: Prover
  let alice: TestMember
  let messageId = 0
  let running: NodeProcess[] = []

  async function killAll(): Promise<void> {
    await Promise.all(running.map((node) => node.kill('SIGKILL')))
    running = []
  }

  beforeAll(async () => {
    chain = await startChain()
    prover = await testProver()
    alice = await newMember(chain, 200)
  })
  afterEach(killAll)
  afterAll(async () => {
    await prover?.stop()
    await chain?.stop()
  })

  return {
    get chain() {
      return chain
    },
    killAll,
    /** Has a node that was launched elsewhere killed as well. */
    watch: (node: NodeProcess): void => void running.push(node),
    async start(prepared: PreparedNode): Promise<NodeProcess> {
      const node = await spawnNode(prepared)
      running.push(node)
      return node
    },
    async newLetter(text: string): Promise<WakuMessage> {
      await withinOneEpoch(15)
      return prove(chain, prover, alice, newMessage(TOPIC, text, 10_000), { messageId: messageId++ })
    },
  }
}

export async function withConfig(
  prepared: PreparedNode,
  over: Partial<PreparedNode['config']>,
): Promise<PreparedNode> {
  const config = { ...prepared.config, ...over }
  await writeFile(prepared.configFile, JSON.stringify(config))
  return { ...prepared, config }
}

/** What is listened on, whatever is announced. */
export const addressOf = async (node: NodeProcess): Promise<string> =>
  `${node.config.listen![0]!}/p2p/${(await node.info()).peerId}`

/** The status of a push over a connection of its own. */
export async function push(node: NodeProcess, message: WakuMessage): Promise<number> {
  const peer = await newLightPeer(await addressOf(node))
  try {
    return (await peer.push(message)).statusCode
  } finally {
    await peer.stop()
  }
}

/** What the node keeps, in alphabetical order. */
export async function texts(node: NodeProcess): Promise<string[]> {
  const peer = await newLightPeer(await addressOf(node))
  try {
    const { messages } = await peer.query({
      pubsubTopic: PUBSUB_TOPIC,
      contentTopics: [TOPIC],
      paginationLimit: 100n,
    })
    return messages.map(({ message }) => new TextDecoder().decode(message!.payload)).sort()
  } finally {
    await peer.stop()
  }
}
