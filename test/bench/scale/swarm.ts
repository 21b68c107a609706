import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { WakuMessage } from '@teahouse/protocol/wire'
import { NODE_FLAGS } from '../../../scripts/bootstrap.mjs'
import { randomFrom } from '../../../scripts/simulate/random.ts'
import { until } from '../../support/index.ts'
import type { NodeState } from './relay-node.ts'
import type { Weather } from '../../../scripts/scale/links.ts'

/** What a process of nodes is asked, and answers. */
export interface Asks {
  open: { asked: { count: number; seed: number }; answer: { peerId: string; address: string }[] }
  dial: { asked: { dials: string[][] }; answer: void }
  weather: { asked: { weather: Weather; slowMotion: number }; answer: void }
  publish: { asked: { node: number; message: WakuMessage }; answer: { takenAt: number; sentAt: number } }
  state: { asked: object; answer: NodeState[] }
  use: { asked: object; answer: { cpu: NodeJS.CpuUsage; memory: number } }
  stop: { asked: object; answer: void }
}
export type Asked = { [Ask in keyof Asks]: Asks[Ask]['asked'] & { ask: Ask; id: number } }[keyof Asks]

interface Use {
  /** Seconds of CPU of all processes. */
  readonly cpuSeconds: number
  /** Bytes of heap and buffers that are alive, all processes together. */
  readonly memory: number
}

/** Nodes in a few processes, each connected with some of the others over TCP on loopback. */
export interface Swarm {
  readonly peerIds: readonly string[]
  /** Bytes of heap and buffers of a node, without what its process has without any. */
  readonly memory: () => Promise<number>
  /** Links from now on, and hosts so many times slower. */
  setWeather(weather: Weather, slowMotion: number): Promise<void>
  publish(node: number, message: WakuMessage): Promise<{ takenAt: number; sentAt: number }>
  states(): Promise<NodeState[]>
  use(): Promise<Use>
  stop(): Promise<void>
}

export interface SwarmOptions {
  readonly nodes: number
  readonly processes: number
  /** Nodes that each dials. */
  readonly dials: number
  readonly seed: number
}

const OPEN_MS = 300_000

/** Starts the nodes, connects each with `dials` random others, and waits until all are in gossip's mesh. */
export async function openSwarm(options: SwarmOptions): Promise<Swarm> {
  const { nodes, processes, seed } = options
  const hosts: NodesProcess[] = []
  const stop = async () => {
    await Promise.all(hosts.map((one) => one.stop()))
  }
  try {
    for (let at = 0; at < processes; at++) hosts.push(await nodesProcess())
    const empty = await useOf(hosts)
    const counts = hosts.map((_, at) => Math.floor((nodes + at) / processes))
    const opened = await Promise.all(
      hosts.map((one, at) => one.ask('open', { count: counts[at]!, seed: seed + at })),
    )
    const dials = plannedDials(
      opened.flat().map(({ address }) => address),
      options,
    )
    let first = 0
    const parts = counts.map((count) => dials.slice(first, (first += count)))
    await Promise.all(hosts.map((one, at) => one.ask('dial', { dials: parts[at]! })))
    const placeOf = (node: number): [NodesProcess, number] => {
      let left = node
      for (const [at, count] of counts.entries()) {
        if (left < count) return [hosts[at]!, left]
        left -= count
      }
      throw new Error(`There is no node ${node}`)
    }
    const states = async () => (await Promise.all(hosts.map((one) => one.ask('state', {})))).flat()
    const least = Math.min(4, nodes - 1)
    await until(
      'all are in the mesh',
      async () => (await states()).every(({ mesh }) => mesh >= least),
      OPEN_MS,
      1_000,
    )
    return {
      peerIds: opened.flat().map(({ peerId }) => peerId),
      memory: async () => ((await useOf(hosts)).memory - empty.memory) / nodes,
      setWeather: async (weather, slowMotion) =>
        void (await Promise.all(hosts.map((one) => one.ask('weather', { weather, slowMotion })))),
      publish(node, message) {
        const [one, at] = placeOf(node)
        return one.ask('publish', { node: at, message })
      },
      states,
      use: () => useOf(hosts),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** For each node the addresses that it dials: the next one, so that all hang together, and others at random. */
export function plannedDials(
  addresses: readonly string[],
  { dials, seed }: Pick<SwarmOptions, 'dials' | 'seed'>,
): string[][] {
  const random = randomFrom(seed)
  const count = addresses.length
  const isLinked = Array.from({ length: count }, () => new Set<number>())
  return addresses.map((_, at) => {
    const picked: number[] = []
    const add = (other: number) => {
      if (other === at || isLinked[at]!.has(other)) return
      isLinked[at]!.add(other)
      isLinked[other]!.add(at)
      picked.push(other)
    }
    add((at + 1) % count)
    for (let tries = 0; picked.length < dials && tries < 10 * dials; tries++) add(random.below(count))
    return picked.map((other) => addresses[other]!)
  })
}

async function useOf(hosts: readonly NodesProcess[]): Promise<Use> {
  const uses = await Promise.all(hosts.map((one) => one.ask('use', {})))
  return {
    cpuSeconds: uses.reduce((sum, { cpu }) => sum + (cpu.user + cpu.system) / 1e6, 0),
    memory: uses.reduce((sum, { memory }) => sum + memory, 0),
  }
}

interface NodesProcess {
  ask<Ask extends keyof Asks>(ask: Ask, asked: Asks[Ask]['asked']): Promise<Asks[Ask]['answer']>
  stop(): Promise<void>
}

async function nodesProcess(): Promise<NodesProcess> {
  const program = join(import.meta.dirname, 'swarm-main.ts')
  const execArgv = [...NODE_FLAGS, '--expose-gc', '--max-old-space-size=8192']
  const child: ChildProcess = fork(program, { execArgv, serialization: 'advanced' })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let asked = 0
  child.on('message', ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    const settle = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) settle?.resolve(value)
    else settle?.reject(new Error(error))
  })
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`The process of nodes ended with ${code}`))
  })
  const ready = once(child, 'message')
  await Promise.race([
    ready,
    once(child, 'exit').then(() => Promise.reject(new Error('The process of nodes did not start'))),
  ])
  return {
    ask(ask, question) {
      const settle = Promise.withResolvers<unknown>()
      const id = asked++
      waiting.set(id, settle)
      child.send({ ...question, ask, id })
      return settle.promise as never
    },
    async stop() {
      const ended = child.exitCode === null ? once(child, 'exit') : Promise.resolve()
      child.kill('SIGKILL')
      await ended
    },
  }
}
