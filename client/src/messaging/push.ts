import {
  LightPushRequestV3,
  LightPushResponseV3,
  PROTOCOLS,
  decode,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import { NetError } from '../net/errors.ts'
import type { Endpoint, Peer } from '../net/peer.ts'
import { pushError } from './errors.ts'
import { requestId } from './request-id.ts'

const ANSWER_BYTES = 8 * 1024
const TIMEOUT_MS = 45_000

/**
 * Hands one message to one node by light push v3 and waits for its acknowledgement.
 * Returns to how many peers the node relayed it. Throws PushError by status, NetError without an answer.
 */
export async function push(
  peer: Peer,
  node: Endpoint,
  {
    pubsubTopic,
    message,
    signal,
  }: { pubsubTopic: string; message: WakuMessage; signal?: AbortSignal | undefined },
): Promise<{ relayPeers: number }> {
  const id = requestId()
  const request = LightPushRequestV3.encode({ requestId: id, pubsubTopic, message })
  const options = { maxBytes: ANSWER_BYTES, timeoutMs: TIMEOUT_MS, signal }
  const bytes = await peer.request(node, PROTOCOLS.lightPush, request, options)
  const answer = decode(LightPushResponseV3, bytes)
  if (answer.requestId !== id && answer.statusCode === 200) {
    const detail = { code: 'BAD_ANSWER', peerId: node.peerId, protocol: PROTOCOLS.lightPush } as const
    throw new NetError(`The node ${node.peerId} answered another request`, detail)
  }
  if (answer.statusCode !== 200) throw pushError(answer.statusCode, answer.statusDesc ?? '', node.peerId)
  return { relayPeers: answer.relayPeerCount ?? 0 }
}
