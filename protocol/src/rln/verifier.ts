import { bn254 } from '@noble/curves/bn254.js'
import { ProofError } from './errors.ts'
import { FIELD } from './field.ts'
import { type PointG1, type PointG2, proofPoints } from './points.ts'
import { type RlnProof, signalsInOrder } from './proof.ts'
import { readVerifyingKey } from './verifying-key.ts'

const { Fp12 } = bn254.fields
/** Tables of this many bits for the points that every verification multiplies: quick, and small in memory. */
const WINDOW_BITS = 6

/** Says whether proofs hold under one verifying key. */
export interface Verifier {
  /** False for any proof that does not hold, also one with bad points or values. */
  verify(proof: RlnProof): Promise<boolean>
  stop(): Promise<void>
}

/**
 * Builds a verifier of single proofs under a verification key in snarkjs' JSON form: e(A, B) = e(α, β) · e(inputs, γ)
 * · e(C, δ), with e(α, β) and the lines of γ and δ computed once (Groth16, https://eprint.iacr.org/2016/260).
 * Throws ProofError BAD_VERIFYING_KEY or BAD_POINT.
 */
export function createVerifier(verificationKey: unknown): Verifier {
  const { alpha, beta, gamma, delta, ic } = readVerifyingKey(verificationKey)
  const alphaBeta = bn254.pairing(alpha, beta)
  const gammaLines = linesOf(gamma)
  const deltaLines = linesOf(delta)
  const [constant, ...factors] = ic
  for (const factor of factors) factor.precompute(WINDOW_BITS)

  function holds(claim: RlnProof): boolean {
    const signals = signalsInOrder(claim)
    if (claim.x === 0n || signals.some((signal) => signal < 0n || signal >= FIELD)) return false
    const { a, b, c } = proofPoints(claim.proof)
    const inputs = signals.reduce(
      (sum, signal, at) => sum.add(factors[at]!.multiplyUnsafe(signal)),
      constant!,
    )
    const product = bn254.millerLoopBatch([
      pair(a, linesOf(b)),
      ...(inputs.is0() ? [] : [pair(inputs.negate(), gammaLines)]),
      pair(c.negate(), deltaLines),
    ])
    return Fp12.eql(Fp12.finalExponentiate(product), alphaBeta)
  }

  return {
    async verify(claim) {
      try {
        return holds(claim)
      } catch (error) {
        if (error instanceof ProofError) return false
        throw error
      }
    },
    async stop() {},
  }
}

type Lines = ReturnType<typeof linesOf>
const linesOf = (point: PointG2) => bn254.utils.calcPairingPrecomputes(point)

function pair(point: PointG1, lines: Lines): [Lines, bigint, bigint] {
  const { x, y } = point.toAffine()
  return [lines, x, y]
}
