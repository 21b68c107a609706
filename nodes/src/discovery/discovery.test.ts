import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { until } from '../net/test-hosts.ts'
import type { SourceName } from './config.ts'
import { startTestNode, type TestNode, type TestNodeOptions } from './testing/test-node.ts'

const nodes: TestNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function start(
  init: Parameters<typeof startTestNode>[0],
  options?: TestNodeOptions,
): Promise<TestNode> {
  const node = await startTestNode(init, options)
  nodes.push(node)
  return node
}

const id = (node: TestNode) => node.net.peerId.toString()

/** A node that two others know, one of which can be found through it. */
async function startHub(source: SourceName, options?: TestNodeOptions) {
  const hub = await start({ sources: [source] })
  const bootstrap = [hub.address]
  // It keeps to the hub, so that it is not the one that finds.
  const other = await start(
    { sources: ['bootstrap', source], bootstrap, targetPeers: 1, minPeers: 1 },
    options,
  )
  await until(() => other.peers().includes(id(hub)))
  return { hub, other, bootstrap }
}

describe('a node that knows one other', () => {
  it.each(['exchange', 'rendezvous', 'kademlia'] as const)(
    'finds a third by %s',
    async (source) => {
      const { other, bootstrap } = await startHub(source)
      const node = await start({ sources: ['bootstrap', source], bootstrap })
      await until(
        () => node.peers().includes(id(other)) && node.discovery.sourcesOf(id(other)).length > 0,
        15_000,
      )
      expect(node.discovery.sourcesOf(id(other))).toEqual([source])
    },
    30_000,
  )

  it('comes back to whom it knew when every source is gone', async () => {
    const { hub, other, bootstrap } = await startHub('exchange')
    const node = await start({ sources: ['bootstrap', 'exchange'], bootstrap })
    await vi.waitFor(
      async () => expect(await readFile(join(node.dataDir, 'peers.json'), 'utf8')).toContain(id(other)),
      10_000,
    )
    await node.stop()
    await hub.stop()
    const again = await start({ sources: ['known'] }, { dataDir: node.dataDir })
    await until(() => again.peers().includes(id(other)))
    expect(again.discovery.sourcesOf(id(other))).toEqual(['known'])
  }, 30_000)
})

describe('what it must not do', () => {
  it('stay with a node of another cluster', async () => {
    const foreign = await start({ sources: [] }, { clusterId: 1 })
    const node = await start({ sources: ['bootstrap'], bootstrap: [foreign.address] })
    await until(() => foreign.net.getConnections().length > 0)
    await until(() => foreign.net.getConnections().length === 0)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(node.peers()).toEqual([])
  })

  it('dial a private address that a stranger told, on a public network', async () => {
    const { other, bootstrap } = await startHub('exchange')
    const node = await start({ sources: ['bootstrap', 'exchange'], bootstrap }, { privateAddresses: false })
    await until(() => node.peers().length === 1)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(node.peers()).not.toContain(id(other))
  })
})
