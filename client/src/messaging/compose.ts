import {
  encodeRateLimitProof,
  epochBytes,
  externalNullifier,
  messageX,
  type Member,
  type MembershipLedger,
  type ProverInput,
  type RlnProof,
} from '@teahouse/protocol/rln'
import {
  MAX_MESSAGE_BYTES,
  encodeMessage,
  parseContentTopic,
  type WakuMessage,
} from '@teahouse/protocol/wire'
import { SendError } from './errors.ts'

/** What a person wants to say, before it has a proof. */
export interface Draft {
  readonly contentTopic: string
  readonly payload: Uint8Array
  readonly ephemeral?: boolean | undefined
}

/** Bytes that a proof adds: 128 + 6 × 32, and their field headers. */
const PROOF_BYTES = 128 + 6 * 32 + 32

/** The message of a draft, sent now. Throws WireError INVALID_TOPIC, SendError MESSAGE_TOO_LARGE. */
export function draftMessage({ contentTopic, payload, ephemeral }: Draft, timestamp: bigint): WakuMessage {
  parseContentTopic(contentTopic)
  const message: WakuMessage = { payload, contentTopic, timestamp, ...(ephemeral && { ephemeral }) }
  const limit = MAX_MESSAGE_BYTES - PROOF_BYTES
  const size = payload.byteLength > limit ? payload.byteLength : encodeMessage(message).byteLength
  if (size <= limit) return message
  const text = `The message takes ${size} bytes; a node takes ${limit}`
  throw new SendError(text, { code: 'MESSAGE_TOO_LARGE', size, limit })
}

export interface ProveOptions {
  readonly prover: { prove(input: ProverInput, options: { signal?: AbortSignal }): Promise<RlnProof> }
  readonly secret: bigint
  readonly member: Pick<Member, 'index' | 'rateLimit'>
  readonly ledger: Pick<MembershipLedger, 'path'>
  readonly identifier: Uint8Array
  readonly epoch: bigint
  readonly messageId: number
  readonly signal?: AbortSignal | undefined
}

/** Adds the RLN proof to a message whose id is already taken. Throws ProofError. */
export async function proveMessage(message: WakuMessage, options: ProveOptions): Promise<WakuMessage> {
  const { prover, secret, member, ledger, identifier, messageId, signal } = options
  const epoch = epochBytes(options.epoch)
  const input = {
    secret,
    rateLimit: member.rateLimit,
    messageId,
    path: ledger.path(member.index),
    x: messageX(message),
    externalNullifier: externalNullifier(epoch, identifier),
  }
  const proof = await prover.prove(input, signal ? { signal } : {})
  return { ...message, rateLimitProof: encodeRateLimitProof(proof, epoch, identifier) }
}

/**
 * Nanoseconds since 1970 that strictly grow, so that two equal messages of one moment have two hashes. They lie
 * `ahead` milliseconds in the future: a proof binds the timestamp, and nodes refuse one that is long past.
 */
export function timestamps(now: () => number): (ahead: number) => bigint {
  let last = 0n
  return (ahead) => {
    const time =
      BigInt(Math.floor(now() + ahead)) * 1_000_000n + BigInt(Math.floor(Math.random() * 1_000_000))
    last = time > last ? time : last + 1n
    return last
  }
}
