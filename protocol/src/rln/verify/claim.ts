import { bn254 } from '@noble/curves/bn254.js'
import { ProofError } from '../errors.ts'
import { FIELD, toLittleEndian } from '../field.ts'
import { compressG1, compressG2 } from '../compress.ts'
import { checkCompressed, cubicG1, cubicG2, PROOF_BYTES } from '../points.ts'
import { type CompressedRlnProof, type Groth16Proof, type RlnProof, signalsInOrder } from '../proof.ts'

const { Fp, Fp2 } = bn254.fields

/** Public signals of a proof. */
export const SIGNALS = 5
/** Offset of the signals in a packed claim: the compressed proof comes first. */
export const SIGNALS_AT = PROOF_BYTES
/** Bytes of a packed claim: the compressed proof, then the signals, 32 bytes little-endian each, in the circuit's order. */
export const CLAIM_BYTES = SIGNALS_AT + 32 * SIGNALS

/** A proof and what it says, its points as coordinates or in the 128 bytes of a message. */
export type Claim = RlnProof | CompressedRlnProof

/**
 * Packs a claim for the verifier, or gives undefined for one that can't hold: a signal outside [0, r), x = 0, a
 * coordinate outside [0, p), a point at infinity, or coordinates that are not on their curve. Cheap: no square root.
 */
export function packClaim(claim: Claim): Uint8Array | undefined {
  const signals = signalsInOrder(claim)
  if (claim.x === 0n || signals.some((signal) => signal < 0n || signal >= FIELD)) return undefined
  const proof = compressedForm(claim.proof)
  if (!proof) return undefined
  const packed = new Uint8Array(CLAIM_BYTES)
  packed.set(proof)
  signals.forEach((signal, at) => packed.set(toLittleEndian(signal), SIGNALS_AT + 32 * at))
  return packed
}

function compressedForm(proof: Groth16Proof | Uint8Array): Uint8Array | undefined {
  if (!(proof instanceof Uint8Array)) {
    const { a, b, c } = proof
    if (!isOnG1(a) || !isOnTwist(b) || !isOnG1(c)) return undefined
    return new Uint8Array([...compressG1(a), ...compressG2(b), ...compressG1(c)])
  }
  try {
    checkCompressed(proof)
    return proof
  } catch (error) {
    if (error instanceof ProofError) return undefined
    throw error
  }
}

/** Compression drops y, so what it drops is checked before. The origin is the form that infinity has elsewhere. */
function isOnG1([x, y]: readonly [bigint, bigint]): boolean {
  return Fp.isValid(x) && Fp.isValid(y) && Fp.eql(Fp.sqr(y), cubicG1(x))
}

/** On the twist; the subgroup is the verifier's to check. */
function isOnTwist([x, y]: Groth16Proof['b']): boolean {
  if (![...x, ...y].every((part) => Fp.isValid(part))) return false
  const [fx, fy] = [Fp2.create({ c0: x[0], c1: x[1] }), Fp2.create({ c0: y[0], c1: y[1] })]
  return Fp2.eql(Fp2.sqr(fy), cubicG2(fx))
}
