import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { pubsubTopic } from '@teahouse/protocol/wire'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import { sampleOf, type Tools } from '../../scripts/bench/tools.ts'
import { host, startHost, type Net } from '../../nodes/src/net/index.ts'
import { CLUSTER_ID, prepareNode, spawnNode, startChain, until } from '../support/index.ts'
import { sizeOf } from './tools/bench-chain.ts'
import { cpuOf } from './tools/relay-run.ts'

const PEERS = 20
const TOPIC = pubsubTopic(CLUSTER_ID, 0)
/** What a start costs is over by then; then so many looks of so many seconds. */
const SETTLE_MS = 20_000
const LOOK_MS = 10_000
const LOOKS = sizeOf('BENCH_IDLE_LOOKS', 10)

async function residentMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)![1]) / 1_000
}

async function newPeer(address: string): Promise<Net> {
  const privateKey = crypto.getRandomValues(new Uint8Array(32))
  const net = await host({ listen: [] })({ privateKey, topics: [TOPIC] })
  await startHost(net)
  net.services.pubsub.subscribe(TOPIC)
  await net.dial(multiaddr(address))
  return net
}

async function run(tools: Tools): Promise<Row[]> {
  const chain = await startChain()
  const peers: Net[] = []
  // The settings of a node that runs for somebody, not those of tests, which poll more often.
  const config = { shards: 1, chain: {}, discovery: {}, log: { level: 'info' as const } }
  const node = await spawnNode(await prepareNode(chain, { config }))
  try {
    const { multiaddrs } = await node.info()
    for (let at = 0; at < PEERS; at++) {
      peers.push(await newPeer(multiaddrs[0]!))
      await sleep(300) // a host lets in few at a time from one address
    }
    await until('all peers are there', async () => (await node.info()).peers.length === PEERS)
    tools.note(`${PEERS} peers; waits until the node is at rest`)
    await sleep(SETTLE_MS)
    const cpu: number[] = []
    const memory: number[] = []
    for (let look = 0; look < LOOKS; look++) {
      const [before, began] = [await cpuOf(node.pid), performance.now()]
      await sleep(LOOK_MS)
      cpu.push((100 * ((await cpuOf(node.pid)) - before)) / (performance.now() - began))
      memory.push(await residentMb(node.pid))
    }
    const row = (metric: string, unit: string, values: readonly number[], atMost: number): Row => {
      const { median, min } = sampleOf(values)
      return { metric, unit, ours: median, min, peers: {}, ratio: null, gate: { atMost } }
    }
    const what = `a node at rest, 1 shard, ${PEERS} peers`
    return [row(`${what}: memory`, 'MB RSS', memory, 250), row(`${what}: share of a core`, '%', cpu, 3)]
  } finally {
    await Promise.all(peers.map(async (peer) => peer.stop()))
    await node.kill()
    await chain.stop()
  }
}

export default {
  name: 'idle',
  title: 'what a node takes while nothing happens',
  run,
} satisfies Bench
