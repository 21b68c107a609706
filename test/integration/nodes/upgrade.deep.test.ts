import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MembershipLedger, Prover } from '@teahouse/protocol/rln'
import { pubsubTopicOf } from '@teahouse/protocol/wire'
import { earlierRelease, hasCommit, type EarlierRelease } from '../../support/earlier-release.ts'
import {
  CLUSTER_ID,
  newLightPeer,
  newMember,
  newMessage,
  prepareNode,
  prove,
  readLedger,
  SHARDS,
  spawnNode,
  startChain,
  testProver,
  until,
  type LightPeer,
  type NodeProcess,
  type TestChain,
  type TestMember,
} from '../../support/index.ts'

/** What the last release was made of. */
const PREVIOUS = '64db9c1ed452f4ab2439e27be4686d6d1b31b66d'
const TOPIC = '/teahouse-test/1/upgrade/bytes'
const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)
const NODES = 3
const EVERY_MS = 500
/** A client gives up on a message after so many rounds over all nodes. */
const ROUNDS = 5
const PAGE = 100n

let chain: TestChain
let prover: Prover
let earlier: EarlierRelease
let alice: TestMember
let ledger: MembershipLedger
const nodes: NodeProcess[] = []

/** Messages so far, of all writers: each has a message id of its own. */
let count = 0

/** Somebody who writes at a steady rate, to one node after the other, and tries the next if one does not take it. */
function writer() {
  const taken: string[] = []
  const refused: string[] = []
  const peers = new Map<number, LightPeer>()
  let isOver = false

  async function push(node: number, message: Parameters<LightPeer['push']>[0]): Promise<boolean> {
    try {
      const { multiaddrs } = await nodes[node]!.info()
      let peer = peers.get(node)
      if (!peer?.connected()) peers.set(node, (peer = await newLightPeer(multiaddrs[0]!)))
      return (await peer.push(message)).statusCode === 200
    } catch {
      return false // it restarts
    }
  }

  async function write(number: number): Promise<void> {
    const text = `message ${number}`
    const message = await prove(chain, prover, alice, newMessage(TOPIC, text), { messageId: number, ledger })
    for (let attempt = 0; attempt < ROUNDS * NODES; attempt++) {
      if (await push((number + attempt) % NODES, message)) return void taken.push(text)
      await sleep(100)
    }
    refused.push(text)
  }

  const run = async () => {
    while (!isOver) {
      const began = performance.now()
      await write(count++)
      await sleep(Math.max(0, began + EVERY_MS - performance.now()))
    }
    await Promise.all([...peers.values()].map((peer) => peer.stop()))
  }
  const running = run()
  return {
    taken,
    refused,
    async stop() {
      isOver = true
      await running
    },
  }
}

async function stored(node: NodeProcess): Promise<string[]> {
  const peer = await newLightPeer((await node.info()).multiaddrs[0]!)
  try {
    const texts: string[] = []
    let cursor: Uint8Array | undefined
    do {
      const page = await peer.query({
        pubsubTopic: PUBSUB_TOPIC,
        contentTopics: [TOPIC],
        paginationLimit: PAGE,
        ...(cursor && { paginationCursor: cursor }),
      })
      texts.push(...page.messages.map(({ message }) => new TextDecoder().decode(message!.payload)))
      cursor = page.paginationCursor
    } while (cursor !== undefined)
    return texts.sort()
  } finally {
    await peer.stop()
  }
}

/** Every node has, soon, all that any of them has taken. */
async function allHave(texts: readonly string[]): Promise<void> {
  for (const node of nodes)
    await until(
      'a node has everything that was taken',
      async () => {
        const found = new Set(await stored(node))
        return texts.every((text) => found.has(text))
      },
      60_000,
      1_000,
    )
}

/** Stops a node as an operator would, and starts another release on its folder. Whether that runs; if not, why. */
async function restart(at: number, release: string | undefined): Promise<string | undefined> {
  const { release: _, ...same } = nodes[at]!
  expect(await nodes[at]!.kill()).toEqual({ code: 0, signal: null })
  try {
    nodes[at] = await spawnNode({ ...same, ...(release !== undefined && { release }) })
    return undefined
  } catch (error) {
    return String(error)
  }
}

beforeAll(async () => {
  if (!hasCommit(PREVIOUS)) return
  chain = await startChain()
  prover = await testProver()
  alice = await newMember(chain, 500)
  ledger = await readLedger(chain)
  earlier = await earlierRelease(PREVIOUS)
  const config = { sync: { offsetSeconds: 0 } }
  for (let at = 0; at < NODES; at++)
    nodes.push(await spawnNode({ ...(await prepareNode(chain, { config })), release: earlier.root }))
}, 300_000)

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.kill('SIGKILL')))
  await earlier?.remove()
  await prover?.stop()
  await chain?.stop()
})

describe.skipIf(!hasCommit(PREVIOUS))(
  'a network of the last release under load',
  { timeout: 600_000 },
  () => {
    const taken: string[] = []

    it('becomes one of this release node by node, and loses nothing', async () => {
      const load = writer()
      await until('something was taken', async () => load.taken.length >= 5)
      for (let at = 0; at < NODES; at++) {
        expect(await restart(at, undefined)).toBeUndefined()
        // Both releases serve meanwhile: what one takes, the other gives.
        const since = load.taken.length
        await until('more was taken', async () => load.taken.length >= since + 4, 60_000)
      }
      await load.stop()
      expect(load.refused).toEqual([])
      taken.push(...load.taken)
      await allHave(taken)
      expect(nodes.map((node) => node.output()).join('')).not.toContain('Cut off a peer')
    })

    it('goes back node by node without loss, or is refused before anything is changed', async () => {
      const load = writer()
      const refusals: string[] = []
      for (let at = 0; at < NODES; at++) {
        const refusal = await restart(at, earlier.root)
        if (refusal !== undefined) {
          refusals.push(refusal)
          // A folder that this release has brought to a newer form is none that the last one touches.
          expect(refusal).toMatch(/"code":"TOO_NEW"/)
          const { release: _, ...same } = nodes[at]!
          nodes[at] = await spawnNode(same)
        }
        const since = load.taken.length
        await until('more was taken', async () => load.taken.length >= since + 4, 60_000)
      }
      await load.stop()
      expect(load.refused).toEqual([])
      expect([0, NODES]).toContain(refusals.length)
      await allHave([...taken, ...load.taken])
    })
  },
)
