import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { children, type Children } from '../../../../scripts/start/children.ts'
import { nodeInfo } from '../../../../scripts/start/node-api.ts'
import { CLUSTER_ID, SHARDS } from '../../../../scripts/start/parameters.ts'
import { paths } from '../../../../scripts/start/paths.ts'
import { startChain } from '../../../../scripts/start/steps/chain.ts'
import { startOperators, type Operator } from '../../../../scripts/start/steps/operators.ts'
import { installLightClient, startLightClient, type LightClient } from './light-client.ts'

const CONTENT_TOPIC = '/toychat/2/huilong/proto'
const QUIET = { time: <T>(_what: string, action: () => Promise<T>) => action(), note: () => undefined }

let folder: string
let processes: Children
let operators: Operator[]
let alice: LightClient
let bob: LightClient

/** A client whose only peer is this node. */
function clientAt(operator: Operator | undefined, exchange = false): Promise<LightClient> {
  const multiaddr = operator?.multiaddrs.find((address) => address.includes('/ws/')) ?? ''
  return startLightClient({
    multiaddr,
    clusterId: CLUSTER_ID,
    shards: SHARDS,
    contentTopic: CONTENT_TOPIC,
    exchange,
  })
}

async function messagesAt(operator: Operator): Promise<number> {
  const { archive } = await nodeInfo(operator.apiUrl)
  return archive.messages
}

beforeAll(async () => {
  await installLightClient()
  folder = await mkdtemp(join(tmpdir(), 'teahouse-js-waku-'))
  processes = children({ adopt: () => undefined, release: () => undefined }, () => undefined)
  const home = paths({ TEAHOUSE_HOME: folder })
  const chain = await startChain(QUIET, processes, home)
  operators = await startOperators(QUIET, chain, processes, home)
  alice = await clientAt(operators[0])
  bob = await clientAt(operators[1])
}, 300_000)

afterAll(async () => {
  await Promise.allSettled([alice?.stop(), bob?.stop()])
  await processes?.endAll()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

describe('an unmodified js-waku light client', () => {
  it('pushes without a proof of its own, by both versions of light push', async () => {
    expect(await alice.ask('push', { text: 'first' })).toEqual({ successes: 1, failures: [] })
    expect(await alice.ask('push', { text: 'second', legacy: true })).toEqual({ successes: 1, failures: [] })
    expect(await alice.ask('push', { text: 'third' })).toEqual({ successes: 1, failures: [] })
  })

  it('receives by filter what was pushed to another node', async () => {
    const received = await bob.ask('received', { count: 3 })
    expect(received.sort()).toEqual(['first', 'second', 'third'])
  })

  it('finds it in the store of another node, forward and backward, over several pages', async () => {
    expect(await bob.ask('query', { forward: true, page: 2 })).toEqual(['first', 'second', 'third'])
    expect(await bob.ask('query', { forward: false, page: 2 })).toEqual(['second', 'third', 'first'])
  })

  it('looks a message up by the hash that it computes itself', async () => {
    expect(await bob.ask('lookup', { text: 'second' })).toEqual(['second'])
  })

  it('learns of the other nodes by peer exchange', async () => {
    const carol = await clientAt(operators[0], true)
    const discovered = await carol.ask('discovered', { count: operators.length })
    await carol.stop()
    const addresses = operators.map(({ multiaddrs }) => multiaddrs.find((one) => one.includes('/ws/')) ?? '')
    expect(discovered.map(({ peerId }) => peerId).sort()).toEqual(
      addresses.map((one) => one.slice(one.lastIndexOf('/') + 1)).sort(),
    )
    // Where they are, and on which shards.
    for (const { peerId, addresses: told, hasShards } of discovered) {
      expect(told.map((one) => `${one}/p2p/${peerId}`)).toContain(
        addresses.find((one) => one.endsWith(peerId)),
      )
      expect(hasShards).toBe(true)
    }
  })

  it('leaves its messages in the archive of every node', async () => {
    await expect.poll(() => Promise.all(operators.map(messagesAt)), { timeout: 10_000 }).toEqual([3, 3, 3])
  })
})

describe('when it must refuse', () => {
  it('an empty store quota: a page costs, and the client is told so', async () => {
    const buyer = await clientAt(operators.at(-1))
    await expect(buyer.ask('query', { forward: true, page: 2 })).rejects.toThrow(/status code: 429/)
    await buyer.stop()
  })
})
