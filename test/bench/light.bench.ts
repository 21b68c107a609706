import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, Row } from '../../scripts/bench/bench.ts'
import type { Tools } from '../../scripts/bench/tools.ts'
import { startNetwork, type TestNetwork } from '../integration/client/network.ts'
import { sizeOf } from './tools/bench-chain.ts'
import { startLightClient, type LightClient } from './tools/light-run.ts'

/** An hour and more is what counts; a short run mostly shows pings. */
const MINUTES = sizeOf('BENCH_LIGHT_MINUTES', 10)
const FRIENDS = sizeOf('BENCH_LIGHT_FRIENDS', 5)
const SETTLE_MS = 60_000
const LOOK_MS = 60_000
const DAY_MINUTES = 24 * 60
const MEGABYTE = 1_000_000
const GATE_MB = 5
/** As on a public network (ignition/parameters/public.json5). */
const PUBLIC = {
  epochSeconds: 600,
  membership: { rootWindow: 3_600, term: 15_552_000, grace: 2_592_000, exitDelay: 86_400 },
}
/** The settings of nodes that run for somebody, not those of tests, which poll more often. */
const NODE = {
  payments: { freeQuota: 10_000 },
  chain: {},
  discovery: {},
  log: { level: 'warn' as const },
}

/** Somebody who writes to the light client, hears its answer, and leaves. */
async function meet(net: TestNetwork, { card }: LightClient): Promise<void> {
  const client = await net.client(await net.person())
  await client.membership.join({ rateLimit: 60 })
  const chat = await client.chat({ ackDelayMs: 200 })
  await chat.start()
  await chat.contacts.add(card, { name: 'Light' })
  await chat.send('Light', 'Are you there?')
  for await (const { body } of chat.incoming()) if (body.kind === 'text') break
  await sleep(1_000) // its acknowledgement
  await client.stop()
}

async function run(tools: Tools): Promise<Row[]> {
  const net = await startNetwork({ ...PUBLIC, nodes: [NODE, NODE, NODE] })
  let light: LightClient | undefined
  try {
    const { account, dir } = await net.person()
    const { network } = net
    light = await startLightClient({ network, phrase: account.phrase, dir, slots: 1 })
    for (let at = 0; at < FRIENDS; at++) await meet(net, light)
    light.rest()
    tools.note(`${FRIENDS} conversations; waits until the client is at rest`)
    await sleep(SETTLE_MS)
    const first = await light.bytes()
    let last = first
    for (let minute = 1; minute <= MINUTES; minute++) {
      await sleep(LOOK_MS)
      last = await light.bytes()
      const [nodes, chain] = [last.nodes - first.nodes, last.chain - first.chain]
      tools.note(`${minute} min: ${nodes} B with nodes, ${chain} B with the chain, ${last.sockets} sockets`)
    }
    return rows(last.nodes - first.nodes, last.chain - first.chain)
  } finally {
    await light?.stop()
    await net.stop()
  }
}

function rows(nodes: number, chain: number): Row[] {
  const what = `a light client at rest, ${FRIENDS} conversations, ${MINUTES} min scaled to a day`
  const row = (metric: string, bytes: number, gate: Row['gate']): Row => {
    const ours = (bytes * DAY_MINUTES) / MINUTES / MEGABYTE
    return { metric: `${what}: ${metric}`, unit: 'MB', ours, min: ours, peers: {}, ratio: null, gate }
  }
  return [
    row('all sockets, both directions', nodes + chain, { atMost: GATE_MB }),
    row('with nodes', nodes, null),
    row("with the chain's endpoint", chain, null),
  ]
}

export default {
  name: 'light',
  title: 'what a light client sends and receives while nothing happens',
  run,
} satisfies Bench
