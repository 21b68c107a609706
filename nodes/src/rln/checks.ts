import { decodeRateLimitProof, messageX, ProofError, type DecodedProof } from '@teahouse/protocol/rln'
import { encodeMessage, pubsubTopicOf, WireError, type WakuMessage } from '@teahouse/protocol/wire'
import type { Verdict, VerdictCode, VerdictResult } from './verdict.ts'
import { VerifierPoolError, type VerifierPool } from './verifier/index.ts'

/** A verdict that ends the checking of a message; thrown within this room, never out of it. */
export class Refusal {
  readonly verdict: Verdict
  constructor(result: VerdictResult, code: VerdictCode) {
    this.verdict = { result, code }
  }
}
export const ignore = (code: VerdictCode) => new Refusal('ignore', code)
export const reject = (code: VerdictCode) => new Refusal('reject', code)

/** Size, topics and shard of a message, whatever its time. Throws Refusal. */
export function checkForm(
  { clusterId, shards }: { readonly clusterId: number; readonly shards: number },
  pubsubTopic: string,
  message: WakuMessage,
): void {
  let expected: string
  try {
    encodeMessage(message)
    expected = pubsubTopicOf(message.contentTopic, clusterId, shards)
  } catch (err) {
    if (!(err instanceof WireError)) throw err
    if (err.detail.code === 'TOO_LARGE' || err.detail.code === 'INVALID_TOPIC') throw reject(err.detail.code)
    throw reject('MALFORMED')
  }
  if (expected !== pubsubTopic) throw reject('WRONG_SHARD')
  // x does not bind `meta`: a relay could spoil it, and the copies would be two messages by their hash.
  if (message.meta !== undefined && message.meta.length > 0) throw reject('UNBOUND_META')
}

/** The proof of a message, made for this network and for this very message; its pairing is not checked. Throws Refusal. */
export function checkProof(rlnIdentifier: Uint8Array, message: WakuMessage): DecodedProof {
  if (!message.rateLimitProof) throw reject('NO_PROOF')
  let proof: DecodedProof
  try {
    proof = decodeRateLimitProof(message.rateLimitProof)
  } catch (err) {
    if (err instanceof ProofError) throw reject('MALFORMED_PROOF')
    throw err
  }
  if (Buffer.compare(proof.rlnIdentifier, rlnIdentifier) !== 0) throw reject('WRONG_RLN_IDENTIFIER')
  if (proof.x !== messageX(message)) throw reject('X_MISMATCH')
  return proof
}

/** The pairing. Throws Refusal. */
export async function checkPairing(
  verifier: Pick<VerifierPool, 'verify'>,
  proof: DecodedProof,
  source: string | undefined,
): Promise<void> {
  try {
    if (!(await verifier.verify(proof, source))) throw reject('INVALID_PROOF')
  } catch (err) {
    if (!(err instanceof VerifierPoolError)) throw err
    if (err.code === 'OVERLOADED') throw ignore('OVERLOADED')
    if (err.code === 'DROPPED') throw ignore('SENDER_REFUSED')
    if (err.code === 'STOPPED') throw ignore('STOPPING')
    throw err
  }
}
