import { compressG1, compressG2 } from './compress.ts'
import { epochBytes, epochOfBytes } from './epoch.ts'
import { checkField, checkLength, readField, toLittleEndian } from './field.ts'
import { externalNullifier as externalNullifierOf } from './epoch.ts'
import { ProofError } from './errors.ts'
import { checkCompressed, checkPoints, decompressG1, decompressG2, PROOF_BYTES } from './points.ts'
import type { CompressedRlnProof, Groth16Proof, RlnProof } from './proof.ts'

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

/**
 * A proof as a message carried it. Its points are still compressed: that they lie on their curves, and B in its
 * subgroup, is for the verifier. Its external nullifier follows from `epoch` and `rlnIdentifier`.
 */
export interface DecodedProof extends CompressedRlnProof {
  readonly epoch: bigint
  readonly rlnIdentifier: Uint8Array
}

/** Arkworks' compressed form of a proof, 128 bytes. */
export function encodeProof({ a, b, c }: Groth16Proof): Uint8Array {
  return new Uint8Array([...compressG1(a), ...compressG2(b), ...compressG1(c)])
}

/**
 * The coordinates in 128 compressed bytes, every check of a point included: slow, and not needed before verifying.
 * Throws ProofError BAD_LENGTH, or BAD_POINT if a point fails any check.
 */
export function decodeProof(bytes: Uint8Array): Groth16Proof {
  checkLength('proof', bytes, PROOF_BYTES)
  const a = decompressG1('A', bytes.subarray(0, 32))
  const b = decompressG2('B', bytes.subarray(32, 96))
  const c = decompressG1('C', bytes.subarray(96))
  const proof = { a, b, c }
  checkPoints(proof)
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
 * Reads field 21 of a message, with the cheap checks only: lengths, canonical values, x ≠ 0, finite points. Neither a
 * square root nor a hash is computed; the external nullifier is, when it is first asked for.
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
  checkCompressed(fields.proof)
  const proof = Uint8Array.from(fields.proof)
  const rlnIdentifier = Uint8Array.from(fields.rlnIdentifier)
  let external: bigint | undefined
  return {
    proof,
    y,
    root,
    nullifier,
    x,
    get externalNullifier() {
      return (external ??= knownExternalNullifier(epoch, rlnIdentifier))
    },
    epoch,
    rlnIdentifier,
  }
}

/** What the last messages were for: nearly all are for one application, and for one epoch or the next. */
const recent: { epoch: bigint; identifier: Uint8Array; value: bigint }[] = []
const MAX_RECENT = 4

/** `externalNullifier` without a Poseidon hash a message: it would cost as much as a fifth of the verification. */
function knownExternalNullifier(epoch: bigint, identifier: Uint8Array): bigint {
  const known = recent.find((entry) => entry.epoch === epoch && sameBytes(entry.identifier, identifier))
  if (known) return known.value
  const value = externalNullifierOf(epochBytes(epoch), identifier)
  recent.unshift({ epoch, identifier: Uint8Array.from(identifier), value })
  if (recent.length > MAX_RECENT) recent.pop()
  return value
}

const sameBytes = (a: Uint8Array, b: Uint8Array) => a.every((byte, at) => byte === b[at])
