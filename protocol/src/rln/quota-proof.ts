import { utf8ToBytes } from '@noble/hashes/utils.js'
import { poseidon2 } from './poseidon.ts'
import { epochAt, epochBytes } from './epoch.ts'
import { ProofError } from './errors.ts'
import { checkField, checkLength, hashToField, readField, toLittleEndian } from './field.ts'
import { checkCompressed, PROOF_BYTES } from './points.ts'
import type { CompressedRlnProof, RlnProof } from './proof.ts'
import { encodeProof } from './wire.ts'

/** A day of the free quota of members, in seconds; days begin at midnight UTC. */
export const QUOTA_DAY_SECONDS = 86_400

/** The day's number since 1970. Throws ProofError BAD_EPOCH. */
export const quotaDay = (unixSeconds: number): number => Number(epochAt(unixSeconds, QUOTA_DAY_SECONDS))

/**
 * What a proof for a day's quota is for: Poseidon(H(day as 32 bytes little-endian), H("teahouse/quota/1" ‖ operator id as 4 bytes
 * big-endian)). So a day's nullifier at one operator says nothing of another day, or at another. Throws ProofError BAD_EPOCH.
 */
export function quotaExternalNullifier(day: number, operatorId: number): bigint {
  if (!Number.isInteger(day) || day < 0) {
    throw new ProofError('This is no day', { code: 'BAD_EPOCH', value: String(day) })
  }
  const id = new Uint8Array(4)
  new DataView(id.buffer).setUint32(0, operatorId)
  return poseidon2([hashToField(epochBytes(BigInt(day))), hashToField(utf8ToBytes('teahouse/quota/1'), id)])
}

/**
 * Where the proof's share is taken: H(external nullifier as 32 bytes little-endian ‖ message id as 4 bytes big-endian). It follows
 * from what the nullifier follows from, so two proofs with one nullifier have one share, and never reveal the secret.
 */
export function quotaX(externalNullifier: bigint, messageId: number): bigint {
  const id = new Uint8Array(4)
  new DataView(id.buffer).setUint32(0, messageId)
  return hashToField(toLittleEndian(externalNullifier), id)
}

/** The fields of a quota proof on the wire; field elements are 32 bytes little-endian, `proof` 128 bytes. */
export interface QuotaProofFields {
  readonly day: number
  readonly messageId: number
  readonly proof: Uint8Array
  readonly merkleRoot: Uint8Array
  readonly shareY: Uint8Array
  readonly nullifier: Uint8Array
}

/** Lays a proof out that was made for this day and message id. */
export function encodeQuotaProof(
  proof: RlnProof,
  { day, messageId }: Pick<QuotaProofFields, 'day' | 'messageId'>,
): QuotaProofFields {
  const field = (name: 'root' | 'y' | 'nullifier') => toLittleEndian(checkField(name, proof[name]))
  return {
    day,
    messageId,
    proof: encodeProof(proof.proof),
    merkleRoot: field('root'),
    shareY: field('y'),
    nullifier: field('nullifier'),
  }
}

/**
 * What the fields claim of a member of this operator's home. What the proof is for is not in them, but computed. Checks the cheap things
 * only, as `decodeRateLimitProof` does. Throws ProofError BAD_LENGTH, BAD_EPOCH, OUT_OF_FIELD or BAD_POINT.
 */
export function decodeQuotaProof(fields: QuotaProofFields, operatorId: number): CompressedRlnProof {
  const { day, messageId, proof } = fields
  checkLength('proof', proof, PROOF_BYTES)
  const root = readField('merkleRoot', fields.merkleRoot)
  const y = readField('shareY', fields.shareY)
  const nullifier = readField('nullifier', fields.nullifier)
  checkCompressed(proof)
  const externalNullifier = quotaExternalNullifier(day, operatorId)
  const x = quotaX(externalNullifier, messageId)
  return { proof: Uint8Array.from(proof), root, y, nullifier, x, externalNullifier }
}
