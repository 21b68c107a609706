import type { Stream } from '@libp2p/interface'
import {
  MAX_MESSAGE_FRAME_BYTES,
  MessagePush,
  PROTOCOLS,
  assertMessage,
  decode,
  frameReader,
} from '@teahouse/protocol/wire'
import type { Peer } from '../net/peer.ts'
import { receivedMessage, type ReceivedMessage } from './received.ts'

/** Takes messages that `peerId` pushed on `pubsubTopic`. */
export type Sink = (message: ReceivedMessage, pubsubTopic: string, peerId: string) => void

const PUSH_TIMEOUT_MS = 30_000

/** Receives filter pushes of all nodes and hands them to every sink. A malformed push ends its stream only. */
export function createInbox(peer: Peer) {
  const sinks = new Set<Sink>()
  let handling: Promise<void> | undefined

  async function receive(stream: Stream, peerId: string): Promise<void> {
    const reader = frameReader(stream, { maxBytes: MAX_MESSAGE_FRAME_BYTES, timeoutMs: PUSH_TIMEOUT_MS })
    try {
      for (;;) {
        const frame = await reader.read()
        if (!frame) break
        const { wakuMessage, pubsubTopic } = decode(MessagePush, frame)
        if (!wakuMessage || !pubsubTopic) continue
        assertMessage(wakuMessage)
        const message = receivedMessage(pubsubTopic, wakuMessage)
        for (const sink of sinks) sink(message, pubsubTopic, peerId)
      }
      await stream.close()
    } catch (error) {
      stream.abort(error as Error)
    } finally {
      reader.stop()
    }
  }

  return {
    /** By peer id: when a node was last asked whether it still holds our subscriptions (ms), and its answer. */
    pings: new Map<string, { readonly at: number; readonly answer: Promise<boolean> }>(),
    /** Adds a sink; returns how to remove it. */
    async add(sink: Sink): Promise<() => void> {
      handling ??= peer.handle(PROTOCOLS.filterPush, receive)
      await handling
      sinks.add(sink)
      return () => void sinks.delete(sink)
    },
  }
}

export type Inbox = ReturnType<typeof createInbox>
