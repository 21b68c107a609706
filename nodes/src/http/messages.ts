import { decode, RateLimitProof, type WakuMessage } from '@teahouse/protocol/wire'
import { z } from 'zod'
import { Base64, Base64Text, ContentTopic, Nanoseconds, NanosecondsIn } from './fields.ts'

/** A message as the Waku REST API has it in answers. */
export const MessageOut = z
  .strictObject({
    payload: Base64Text,
    contentTopic: z.string(),
    version: z.int(),
    timestamp: Nanoseconds,
    ephemeral: z.boolean(),
    meta: Base64Text.optional(),
    proof: Base64Text.optional().describe('RateLimitProof in protobuf, in base64'),
  })
  .meta({ id: 'WakuMessage' })

/** A message as it is taken. A proof that is given is used; without one, the node makes one of its own membership. */
export const MessageIn = z
  .strictObject({
    payload: Base64,
    contentTopic: ContentTopic,
    version: z.int().min(0).max(0xffff_ffff).optional(),
    timestamp: NanosecondsIn.optional().describe('Now, if it is missing or 0 and the node makes the proof'),
    ephemeral: z.boolean().optional(),
    meta: Base64.optional(),
    proof: Base64.optional().describe('RateLimitProof in protobuf, in base64'),
  })
  .meta({ id: 'NewWakuMessage' })

/** The message on the wire. Throws WireError MALFORMED if the proof is no RateLimitProof. */
export function readMessage(given: z.output<typeof MessageIn>): WakuMessage {
  const { payload, contentTopic, version, timestamp, ephemeral, meta, proof } = given
  return {
    payload,
    contentTopic,
    ...(version ? { version } : {}),
    ...(timestamp ? { timestamp } : {}),
    ...(ephemeral ? { ephemeral } : {}),
    ...(meta && meta.length > 0 ? { meta } : {}),
    ...(proof && proof.length > 0 ? { rateLimitProof: decode(RateLimitProof, proof) } : {}),
  }
}

export function showMessage(message: WakuMessage): z.input<typeof MessageOut> {
  const { payload, contentTopic, version, timestamp, ephemeral, meta, rateLimitProof } = message
  return {
    payload: base64(payload),
    contentTopic,
    version: version ?? 0,
    timestamp: timestamp ?? 0n,
    ephemeral: ephemeral ?? false,
    ...(meta && meta.length > 0 ? { meta: base64(meta) } : {}),
    ...(rateLimitProof ? { proof: base64(RateLimitProof.encode(rateLimitProof)) } : {}),
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
