import { LightPushRequestV3, LightPushResponseV3, type WakuMessage } from '@teahouse/protocol/wire'
import { describe, expect, it } from 'vitest'
import type { Peer } from '../net/peer.ts'
import { push } from './push.ts'

const MESSAGE: WakuMessage = { payload: Uint8Array.of(1), contentTopic: '/a/1/b/c', timestamp: 1n }
const NODE = { peerId: 'node', multiaddrs: [] }

function pushTo(answer: Partial<LightPushResponseV3>) {
  const peer = {
    request: async (_node: unknown, _protocol: string, bytes: Uint8Array) => {
      const { requestId } = LightPushRequestV3.decode(bytes)
      return LightPushResponseV3.encode({ requestId, ...answer })
    },
  } as unknown as Peer
  return push(peer, NODE, { pubsubTopic: '/waku/2/rs/1984/0', message: MESSAGE })
}

describe('a light push', () => {
  it('tells to how many peers it was relayed', async () => {
    expect(await pushTo({ statusCode: 200, relayPeerCount: 3 })).toEqual({ relayPeers: 3 })
    expect(await pushTo({ statusCode: 200 })).toEqual({ relayPeers: 0 })
  })

  it.each([
    [400, 'BAD_REQUEST'],
    [413, 'PAYLOAD_TOO_LARGE'],
    [420, 'INVALID_MESSAGE'],
    [421, 'UNSUPPORTED_TOPIC'],
    [429, 'TOO_MANY_REQUESTS'],
    [500, 'NODE_FAILED'],
    [503, 'UNAVAILABLE'],
    [504, 'OUT_OF_RLN_PROOF'],
    [505, 'NO_PEERS'],
    [0, 'UNKNOWN_STATUS'],
    [299, 'UNKNOWN_STATUS'],
  ])('status %d is %s, with the word of the node', async (statusCode, code) => {
    const detail = { code, status: statusCode, description: 'why', peerId: 'node' }
    await expect(pushTo({ statusCode, statusDesc: 'why' })).rejects.toMatchObject({ detail })
  })

  it('that answers another request is no success', async () => {
    await expect(pushTo({ statusCode: 200, requestId: 'another' })).rejects.toMatchObject({
      code: 'BAD_ANSWER',
    })
  })
})
