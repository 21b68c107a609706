import { bn254 } from '@noble/curves/bn254.js'
import {
  encodeRateLimitProof,
  epochBytes,
  externalNullifier,
  FIELD,
  identityFromSecret,
  messageX,
  type RlnProof,
} from '@teahouse/protocol/rln'
import type { WakuMessage } from '@teahouse/protocol/wire'

/** Of the member that all shares are of. */
export const SECRET = 42n

const { G1, G2 } = { G1: bn254.G1.Point.BASE.toAffine(), G2: bn254.G2.Point.BASE.toAffine() }
/** Points that are on the curve; whether the proof holds is for the test to say. */
const POINTS: RlnProof['proof'] = {
  a: [G1.x, G1.y],
  b: [
    [G2.x.c0, G2.x.c1],
    [G2.y.c0, G2.y.c1],
  ],
  c: [G1.x, G1.y],
}

export interface Slot {
  /** Of the epoch; two messages in one slot reveal `SECRET`. */
  readonly slot?: bigint
  readonly epoch: bigint
  readonly root: bigint
  readonly identifier: Uint8Array
}

/** The message with the share that `SECRET` makes in a slot. */
export function withShare(message: WakuMessage, { slot = 1n, epoch, root, identifier }: Slot): WakuMessage {
  const x = messageX(message)
  const slope = slot * 1_000n + epoch
  const proof = {
    proof: POINTS,
    x,
    y: (SECRET + slope * x) % FIELD,
    root,
    nullifier: identityFromSecret(slope).commitment,
    externalNullifier: externalNullifier(epochBytes(epoch), identifier),
  }
  return { ...message, rateLimitProof: encodeRateLimitProof(proof, epochBytes(epoch), identifier) }
}
