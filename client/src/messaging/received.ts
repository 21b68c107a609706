import { messageHash, type WakuMessage } from '@teahouse/protocol/wire'
import { bytesToHex, type Hex } from 'viem'

/** A message as it arrived from a node. */
export interface ReceivedMessage {
  readonly messageHash: Hex
  readonly contentTopic: string
  readonly payload: Uint8Array
  /** When the sender says it was sent, in nanoseconds since 1970; undefined if it doesn't say. */
  readonly timestamp: bigint | undefined
}

export function receivedMessage(pubsubTopic: string, message: WakuMessage): ReceivedMessage {
  const { contentTopic, payload, timestamp } = message
  return { messageHash: bytesToHex(messageHash(pubsubTopic, message)), contentTopic, payload, timestamp }
}
