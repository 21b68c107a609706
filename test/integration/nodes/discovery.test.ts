import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NodeConfigInput } from '@teahouse/nodes'
import { enrFromText, shardsOf } from '@teahouse/protocol/wire'
import {
  CLUSTER_ID,
  prepareNode,
  spawnNode,
  startChain,
  until,
  type NodeProcess,
  type PreparedNode,
  type TestChain,
} from '../../support/index.ts'

type Discovery = NonNullable<NodeConfigInput['discovery']>

let chain: TestChain
/** Everybody knows its address. */
let hub: NodeProcess
/** Only the hub knows of it. */
let other: NodeProcess
let otherId: string
let bootstrap: string[]
let prepared: PreparedNode
let seeker: NodeProcess | undefined

beforeAll(async () => {
  chain = await startChain()
  hub = await spawnNode(await prepare({ sources: ['exchange', 'rendezvous', 'kademlia'] }))
  bootstrap = [(await hub.info()).multiaddrs[0]!]
  // It keeps to the hub, so that it is found and does not find.
  const sources: Discovery['sources'] = ['bootstrap', 'rendezvous', 'kademlia']
  other = await spawnNode(await prepare({ sources, bootstrap, targetPeers: 1, minPeers: 1 }))
  otherId = (await other.info()).peerId
  // Nobody can dial it: it is connected with those whom it dialled, which it writes down.
  prepared = await prepare({}, { listen: [] })
}, 240_000)

afterAll(async () => {
  await Promise.all([seeker?.kill(), other?.kill(), hub?.kill()])
  await chain?.stop()
})

/** A node that the registry, which stays empty, tells nobody of. */
function prepare(discovery: Discovery, more?: Pick<NodeConfigInput, 'listen'>): Promise<PreparedNode> {
  const quick = { intervalMs: 300, askMs: 500, announce: false }
  return prepareNode(chain, { config: { operatorId: 0, discovery: { ...quick, ...discovery }, ...more } })
}

/** Starts the seeker again with these sources, and waits until it is connected with the other and each told of it. */
async function seek(discovery: Discovery, told: readonly string[]): Promise<string[]> {
  await seeker?.kill()
  const config = { ...prepared.config, discovery: { ...prepared.config.discovery, ...discovery } }
  await writeFile(prepared.configFile, JSON.stringify(config))
  const node = (seeker = await spawnNode({ ...prepared, config }))
  return until('it found the other', async () => {
    const found = (await peersOf(node)).find(({ multiaddr }) => multiaddr.endsWith(otherId))
    const { connected, knownFrom = [] } = found ?? {}
    return connected === 'Connected' && told.every((source) => knownFrom.includes(source)) && knownFrom
  })
}

interface Peer {
  readonly multiaddr: string
  readonly connected: string
  readonly knownFrom: string[]
}

async function peersOf({ folder, apiUrl }: NodeProcess): Promise<Peer[]> {
  const token = (await readFile(join(folder, 'data', 'api.token'), 'utf8')).trim()
  const answer = await fetch(`${apiUrl}/admin/v1/peers`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(5_000),
  })
  return (await answer.json()) as Peer[]
}

describe('a node whose registry is empty, with one address to begin with', () => {
  it('is told of a third by peer exchange, by Kademlia and by rendezvous, and connects with it', async () => {
    const told = ['exchange', 'kademlia', 'rendezvous'] as const
    const knownFrom = await seek({ sources: ['registry', 'bootstrap', ...told], bootstrap }, told)
    expect(knownFrom.sort()).toEqual(told)
    const { pairs } = enrFromText((await seeker!.info()).enr)
    expect(shardsOf(pairs)).toMatchObject({ clusterId: CLUSTER_ID })
  })

  it('comes back to whom it knew, without that address, when nobody tells of others any more', async () => {
    const kept = join(prepared.folder, 'data', 'peers.json')
    await until('it wrote down whom it knows', async () => (await readFile(kept, 'utf8')).includes(otherId))
    await hub.kill()
    expect(await seek({ sources: ['known'] }, ['known'])).toEqual(['known'])
    expect((await seeker!.info()).peers).toEqual([otherId])
  })
})
