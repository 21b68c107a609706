import { decode, PROTOCOLS, WakuMetadataRequest, WakuMetadataResponse } from '@teahouse/protocol/wire'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Net } from '../net/index.ts'
import { ask, CLUSTER_ID, SILENT, testHost } from '../net/test-hosts.ts'
import { metadata } from './metadata.ts'

let node: Net
let client: Net
beforeAll(async () => {
  node = await testHost()
  client = await testHost([])
  await metadata()({ net: node, clusterId: CLUSTER_ID, shards: [0, 3], log: SILENT }).start()
  await node.start()
  await client.start()
})
afterAll(() => Promise.all([node.stop(), client.stop()]))

it.each([
  { given: 'its own cluster', request: WakuMetadataRequest.encode({ clusterId: CLUSTER_ID, shards: [3] }) },
  { given: 'another cluster', request: WakuMetadataRequest.encode({ clusterId: 1, shards: [] }) },
  { given: 'nothing', request: new Uint8Array(0) },
  { given: 'bytes that are no request', request: new Uint8Array(10).fill(0xff) },
])('tells cluster and shards to a peer that sends $given', async ({ request }) => {
  const answer = decode(WakuMetadataResponse, await ask(client, node, PROTOCOLS.metadata, request))
  expect(answer).toEqual({ clusterId: CLUSTER_ID, shards: [0, 3] })
})
