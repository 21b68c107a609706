import type { StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import type { AbstractStream, AbstractStreamMuxer } from '@libp2p/utils'
import { allowance } from './allowance.ts'
import type { Lines } from './limited-connection.ts'

/**
 * Streams that keep to the bandwidth, for a transport that brings its own in place of connections of bytes (WebRTC). Counted is what the streams
 * carry, without what the transport adds. Nothing there can be stopped from reading: what comes is counted, and others wait for it.
 */
export function limitStreams(factory: StreamMuxerFactory, budget: Lines): StreamMuxerFactory {
  return {
    protocol: factory.protocol,
    createStreamMuxer: (connection) => limitMuxer(factory.createStreamMuxer(connection), budget),
  }
}

/** All muxers of js-libp2p are made from this class; its methods are where a stream comes from either side. */
function limitMuxer(muxer: StreamMuxer, budget: Lines): StreamMuxer {
  const inner = muxer as AbstractStreamMuxer
  const { createStream, onRemoteStream } = inner
  inner.createStream = async (options) => limitStream(await createStream.call(inner, options), budget)
  inner.onRemoteStream = (stream) => onRemoteStream.call(inner, limitStream(stream, budget))
  return muxer
}

function limitStream(stream: AbstractStream, budget: Lines): AbstractStream {
  const { sendData, onData } = stream
  const allowed = allowance(budget.up, () => stream.safeDispatchEvent('drain'))
  stream.addEventListener('close', () => allowed.giveUp())
  stream.sendData = (data) => {
    const size = data.byteLength
    const bytes = allowed.spend(size)
    const { sentBytes, canSendMore } =
      bytes === 0 ? { sentBytes: 0, canSendMore: true } : sendData.call(stream, data.sublist(0, bytes))
    return { sentBytes, canSendMore: canSendMore && sentBytes === size }
  }
  // A listener for messages would have them sent before the one of the protocol is there.
  stream.onData = (data) => {
    budget.down.spend(data.byteLength)
    onData.call(stream, data)
  }
  return stream
}
