/** Wire formats: protobuf codecs, frames, message hashes, topics and shards. Pages: docs/wire. */
export * from './generated/blob.js'
export * from './generated/chain.js'
export * from './generated/chat.js'
export * from './generated/dial-back.js'
export * from './generated/forgotten.js'
export * from './generated/member.js'
export * from './generated/rendezvous.js'
export * from './generated/root.js'
export * from './generated/teahouse.js'
export * from './generated/wake.js'
export * from './generated/waku.js'
export { decode, type MessageCodec } from './decode.ts'
export {
  CAPABILITIES,
  joinMultiaddrs,
  shardsOf,
  shardsPair,
  splitMultiaddrs,
  type RecordShards,
} from './enr-waku.ts'
export {
  decodeEnr,
  encodeEnr,
  enrFromText,
  enrToText,
  MAX_ENR_BYTES,
  type Enr,
  type EnrPairs,
} from './enr.ts'
export { WireError, type WireErrorDetail } from './errors.ts'
export {
  frame,
  frameReader,
  readFrame,
  request,
  writeFrame,
  type FrameReader,
  type FrameStream,
  type ReadOptions,
  type StreamEvent,
} from './framing.ts'
export * from './limits.ts'
export { assertMessage, decodeMessage, encodeMessage, messageHash } from './message.ts'
export { PROTOCOLS, type ProtocolName } from './protocols.ts'
export {
  parseContentTopic,
  parsePubsubTopic,
  pubsubTopic,
  pubsubTopicOf,
  shardOf,
  type ContentTopic,
  type Shard,
} from './topics.ts'
