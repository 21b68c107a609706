import { setTimeout as sleep } from 'node:timers/promises'
import { encodeMessage, type WakuMessage } from '@teahouse/protocol/wire'
import { randomFrom } from '../../../scripts/simulate/random.ts'
import { ascending, quantile, SHARES, type Measured } from '../../../scripts/scale/measured.ts'
import type { NodeState } from './relay-node.ts'
import { RECOVERY_DELAYS, type Weather } from '../../../scripts/scale/links.ts'
import { openSwarm, type Swarm } from './swarm.ts'

export interface RunOptions {
  readonly nodes: number
  readonly processes: number
  readonly dials: number
  readonly weather: Weather
  /** Messages a second, in the network's time. */
  readonly rate: number
  /** How many times slower than the clock the network runs: links, heartbeats and messages, so that nodes wait less for each other's cores. */
  readonly slowMotion: number
  readonly seed: number
}

/** Seconds of the clock in which the traffic of nodes without messages is counted. */
const IDLE_SECONDS = 10
/** Milliseconds of the network after which what is under way has arrived. */
const TAIL_MS = 1_500

interface Sent {
  readonly node: number
  readonly takenAt: number
  readonly sentAt: number
}

/** Runs a network of so many nodes, sends it the messages from random ones, and measures, in the network's time. The first tenth does not count. */
export async function scaleRun(messages: readonly WakuMessage[], options: RunOptions): Promise<Measured> {
  const { nodes, weather, rate, slowMotion } = options
  const swarm = await openSwarm(options)
  try {
    const [least, most] = weather.delayMs
    await swarm.setWeather({ ...weather, delayMs: [least * slowMotion, most * slowMotion] }, slowMotion)
    await sleep(1_000)
    const memory = await swarm.memory()
    const idle = await counted(swarm, () => sleep(IDLE_SECONDS * 1_000))
    const warmUp = Math.ceil(messages.length / 10)
    await publishAll(swarm, messages.slice(0, warmUp), 0, options)
    const used = await counted(swarm, () => publishAll(swarm, messages.slice(warmUp), warmUp, options))
    const count = messages.length - warmUp
    const idleBytes = (idle.received * used.seconds) / idle.seconds
    const { latencies, hops, states } = analysed(swarm.peerIds, used.states, used.result, slowMotion)
    const perNode = (sum: number) => sum / nodes
    return {
      nodes,
      processes: options.processes,
      rate,
      slowMotion,
      weather,
      messages: count,
      messageBytes: encodeMessage(messages[0]!).byteLength,
      expected: count * (nodes - 1),
      arrived: latencies.length,
      latencyMs: SHARES.map((share) => quantile(latencies, share)),
      hopMs: hops,
      bytesPerMessage: perNode((used.received - idleBytes) / count),
      idleBytesPerSecond: perNode(idle.received / idle.seconds),
      memoryBytes: memory,
      cpuMsPerMessage: perNode(
        ((used.cpuSeconds - (idle.cpuSeconds * used.seconds) / idle.seconds) * 1_000) / count,
      ),
      idleCpuShare: perNode(idle.cpuSeconds / idle.seconds),
      meshSizes: states.map(({ mesh }) => mesh),
      connections: perNode(states.reduce((sum, state) => sum + state.connections, 0)),
      accepted: Math.min(...states.map(({ accepted }) => accepted)),
    }
  } finally {
    await swarm.stop()
  }
}

async function counted<T>(swarm: Swarm, during: () => Promise<T>) {
  const before = { states: await swarm.states(), use: await swarm.use(), at: performance.now() }
  const result = await during()
  const seconds = (performance.now() - before.at) / 1_000
  const [use, states] = [await swarm.use(), await swarm.states()]
  const received = (all: readonly NodeState[]) => all.reduce((sum, state) => sum + state.received, 0)
  return {
    result,
    seconds,
    states,
    received: received(states) - received(before.states),
    cpuSeconds: use.cpuSeconds - before.use.cpuSeconds,
  }
}

async function publishAll(
  swarm: Swarm,
  messages: readonly WakuMessage[],
  first: number,
  { nodes, rate, slowMotion, seed }: RunOptions,
): Promise<Map<number, Sent>> {
  const random = randomFrom(seed + first)
  const sent = new Map<number, Sent>()
  const began = performance.now()
  for (const [at, message] of messages.entries()) {
    await sleep(Math.max(0, began + (at * 1_000 * slowMotion) / rate - performance.now()))
    const node = random.below(nodes)
    sent.set(first + at, { node, ...(await swarm.publish(node, message)) })
  }
  await sleep(TAIL_MS * slowMotion)
  return sent
}

/**
 * Latencies from when the first node takes a message until another one has accepted it; and what a hop takes beside its link's delay: from accepting
 * (sending, at the publisher) to accepting. A hop in which a segment was lost can't be told from a slow one: what is longer than TCP's recovery is left out.
 */
function analysed(
  peerIds: readonly string[],
  states: readonly NodeState[],
  sent: ReadonlyMap<number, Sent>,
  slowMotion: number,
) {
  const indexOf = new Map(peerIds.map((peerId, at) => [peerId, at]))
  const acceptedAt = states.map(({ arrivals }) => new Map(arrivals.map(({ message, at }) => [message, at])))
  const delays = states.map((state) => new Map(state.delays))
  const latencies: number[] = []
  const hops: number[] = []
  for (const [to, { arrivals }] of states.entries())
    for (const { message, at, from } of arrivals) {
      const origin = sent.get(message)
      if (!origin) continue
      latencies.push((at - origin.takenAt) / slowMotion)
      const sender = indexOf.get(from)!
      const leftAt = sender === origin.node ? origin.sentAt : acceptedAt[sender]!.get(message)!
      const delay = delays[sender]!.get(peerIds[to]!)
      if (delay === undefined) continue
      const hop = at - leftAt - delay
      if (hop < RECOVERY_DELAYS * delay) hops.push(hop / slowMotion)
    }
  const sorted = ascending(hops)
  return { latencies: ascending(latencies), hops: SHARES.map((share) => quantile(sorted, share)), states }
}
