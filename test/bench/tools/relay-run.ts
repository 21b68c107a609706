import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { encodeMessage, pubsubTopicOf, type WakuMessage } from '@teahouse/protocol/wire'
import { gossipPeers, host, startHost, type Net } from '../../../nodes/src/net/index.ts'
import {
  CLUSTER_ID,
  SHARDS,
  spawnNode,
  until,
  withClock,
  type NodeProcess,
  type PreparedNode,
} from '../../support/index.ts'
import { RUN_BEGINS_MS, TOPIC } from './relay-messages.ts'

export const PUBSUB_TOPIC = pubsubTopicOf(TOPIC, CLUSTER_ID, SHARDS)
/** The nodes start a minute before the messages' time, and are set to it when they are ready. */
const START_MS = 60_000
/** The first messages of a run don't count: verifiers start with them, and code is compiled. */
export const WARM_UP = 200
/** Ticks of a second in /proc. */
const TICKS = 100

export interface RelayRun {
  readonly published: number
  /** Messages that came out of the second node. */
  readonly arrived: number
  /** Proofs that each node says it verified and accepted. */
  readonly accepted: readonly number[]
  readonly invalid: readonly number[]
  /** Milliseconds from publishing to arriving, over both nodes, ascending. */
  readonly latencies: readonly number[]
  readonly seconds: number
  /** CPU milliseconds of each node's process while the run went on. */
  readonly cpuMs: readonly number[]
}

/** A host that relays nothing by itself: it publishes, or listens. */
export async function looseHost(address: string): Promise<Net> {
  const privateKey = crypto.getRandomValues(new Uint8Array(32))
  const net = await host({ listen: [] })({ privateKey, topics: [PUBSUB_TOPIC] })
  await startHost(net)
  net.services.pubsub.subscribe(PUBSUB_TOPIC)
  await net.dial(multiaddr(address))
  await until(
    'the node is in the mesh',
    async () => gossipPeers(net.services.pubsub).meshOf(PUBSUB_TOPIC).length > 0,
  )
  return net
}

/** CPU milliseconds that a process has used, all threads. */
export async function cpuOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS
}

/**
 * Publishes the messages, but for the first {@link WARM_UP}, at `rate` a second to one node and listens behind another one, with fresh data, their clocks set to the time of the messages. `during` runs meanwhile; it
 * is given the address of the first node and the file of the clocks, and stops when told so.
 */
export async function relayRun(
  prepared: readonly [PreparedNode, PreparedNode],
  messages: readonly WakuMessage[],
  rate: number,
  during: (address: string, clock: string) => Promise<() => Promise<void>> = async () => async () =>
    undefined,
): Promise<RelayRun> {
  const clock = join(await mkdtemp(join(tmpdir(), 'teahouse-bench-')), 'shift')
  const setClock = (to: number) => writeFile(clock, String(to - Date.now()))
  await setClock(RUN_BEGINS_MS - START_MS)
  const nodes: NodeProcess[] = []
  const hosts: Net[] = []
  try {
    for (const one of prepared) {
      await rm(join(one.folder, 'data'), { recursive: true, force: true })
      nodes.push(await spawnNode({ ...one, env: withClock({ file: clock }) }))
    }
    const infos = await Promise.all(nodes.map((node) => node.info()))
    const addresses = infos.map(({ multiaddrs }) => multiaddrs[0]!)
    await until('the nodes found each other', async () =>
      (await nodes[0]!.info()).peers.includes(infos[1]!.peerId),
    )
    hosts.push(await looseHost(addresses[0]!), await looseHost(addresses[1]!))
    await setClock(RUN_BEGINS_MS)
    const stop = await during(addresses[0]!, clock)
    const run = await publish(nodes, hosts[0]!, hosts[1]!, messages, rate)
    await stop()
    return run
  } finally {
    await Promise.all(hosts.map(async (net) => net.stop()))
    await Promise.all(nodes.map((node) => node.kill()))
  }
}

async function publish(
  nodes: readonly NodeProcess[],
  publisher: Net,
  listener: Net,
  messages: readonly WakuMessage[],
  rate: number,
): Promise<RelayRun> {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
  const sentAt = new Map<string, number>()
  let latencies: number[] = []
  let lastAt = 0
  listener.services.pubsub.addEventListener('message', ({ detail }) => {
    const sent = sentAt.get(text(detail.data))
    if (sent === undefined) return
    sentAt.delete(text(detail.data))
    lastAt = performance.now()
    latencies.push(lastAt - sent)
  })
  async function send(some: readonly WakuMessage[], patienceMs: number): Promise<void> {
    const began = performance.now()
    for (const [at, message] of some.entries()) {
      const due = began + (at * 1_000) / rate
      if (due > performance.now() + 2) await sleep(due - performance.now())
      const bytes = encodeMessage(message)
      sentAt.set(text(bytes), performance.now())
      await publisher.services.pubsub.publish(PUBSUB_TOPIC, bytes)
    }
    await until('all arrived', async () => sentAt.size === 0, patienceMs).catch(() => undefined)
  }
  const state = async () => ({
    cpu: await Promise.all(nodes.map(({ pid }) => cpuOf(pid))),
    rln: await Promise.all(nodes.map(async (node) => (await node.info()).rln)),
  })

  await send(messages.slice(0, WARM_UP), 10_000)
  sentAt.clear()
  latencies = []
  const before = await state()
  const began = performance.now()
  const counted = messages.slice(WARM_UP)
  await send(counted, 10_000)
  const after = await state()
  return {
    published: counted.length,
    arrived: latencies.length,
    accepted: after.rln.map(({ accepted }, at) => accepted - before.rln[at]!.accepted),
    invalid: after.rln.map(({ rejected }) => rejected['INVALID_PROOF'] ?? 0),
    latencies: latencies.sort((a, b) => a - b),
    seconds: (lastAt - began) / 1_000,
    cpuMs: after.cpu.map((cpu, at) => cpu - before.cpu[at]!),
  }
}

/** The value below which a share of ascending values lies. */
export const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.floor(share * (ascending.length - 1))] ?? Number.POSITIVE_INFINITY
