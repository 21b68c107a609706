import { epochBytes, epochOfBytes } from './epoch.ts'
import { checkField, checkLength, readField, toLittleEndian } from './field.ts'
import { externalNullifier as externalNullifierOf } from './epoch.ts'
import { ProofError } from './errors.ts'
import { compressG1, compressG2, decompressG1, decompressG2, proofPoints } from './points.ts'
import type { Groth16Proof, RlnProof } from './proof.ts'

/** The bytes of a compressed proof: A 32, B 64, C 32. */
export const PROOF_BYTES = 128

/** The fields of a message's RateLimitProof, all little-endian: `proof` 128 bytes, the others 32. */
export interface RateLimitProofFields {
  readonly proof: Uint8Array
  readonly merkleRoot: Uint8Array
  readonly epoch: Uint8Array
  readonly shareX: Uint8Array
  readonly shareY: Uint8Array
  readonly nullifier: Uint8Array
  readonly rlnIdentifier: Uint8Array
}

/** A proof as a message carried it; its external nullifier follows from `epoch` and `rlnIdentifier`. */
export interface DecodedProof extends RlnProof {
  readonly epoch: bigint
  readonly rlnIdentifier: Uint8Array
}

/** Arkworks' compressed form of a proof, 128 bytes. */
export function encodeProof({ a, b, c }: Groth16Proof): Uint8Array {
  return new Uint8Array([...compressG1(a), ...compressG2(b), ...compressG1(c)])
}

/** Reads 128 compressed bytes. Throws ProofError BAD_LENGTH, or BAD_POINT if a point fails any check. */
export function decodeProof(bytes: Uint8Array): Groth16Proof {
  checkLength('proof', bytes, PROOF_BYTES)
  const a = decompressG1('A', bytes.subarray(0, 32))
  const b = decompressG2('B', bytes.subarray(32, 96))
  const c = decompressG1('C', bytes.subarray(96))
  const proof = { a, b, c }
  proofPoints(proof)
  return proof
}

/** Lays a proof out for field 21 of a message; `epoch` and `identifier` are the 32 bytes it was made for. */
export function encodeRateLimitProof(
  proof: RlnProof,
  epoch: Uint8Array,
  identifier: Uint8Array,
): RateLimitProofFields {
  checkLength('epoch', epoch, 32)
  checkLength('rlnIdentifier', identifier, 32)
  const field = (name: 'root' | 'x' | 'y' | 'nullifier') => toLittleEndian(checkField(name, proof[name]))
  return {
    proof: encodeProof(proof.proof),
    merkleRoot: field('root'),
    epoch,
    shareX: field('x'),
    shareY: field('y'),
    nullifier: field('nullifier'),
    rlnIdentifier: identifier,
  }
}

/**
 * Reads field 21 of a message. Cheap checks come first: lengths, canonical values, x ≠ 0, then the curve points.
 * Throws ProofError BAD_LENGTH, OUT_OF_FIELD, ZERO_X or BAD_POINT; it throws nothing else whatever the bytes.
 */
export function decodeRateLimitProof(fields: RateLimitProofFields): DecodedProof {
  checkLength('proof', fields.proof, PROOF_BYTES)
  const root = readField('merkleRoot', fields.merkleRoot)
  const x = readField('shareX', fields.shareX)
  const y = readField('shareY', fields.shareY)
  const nullifier = readField('nullifier', fields.nullifier)
  const epoch = epochOfBytes(fields.epoch)
  checkLength('rlnIdentifier', fields.rlnIdentifier, 32)
  if (x === 0n) throw new ProofError('A share at x = 0 is refused', { code: 'ZERO_X' })
  const rlnIdentifier = Uint8Array.from(fields.rlnIdentifier)
  const externalNullifier = externalNullifierOf(epochBytes(epoch), rlnIdentifier)
  return { proof: decodeProof(fields.proof), y, root, nullifier, x, externalNullifier, epoch, rlnIdentifier }
}
