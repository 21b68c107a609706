import { ProofError } from './errors.ts'
import { CLAIM_BYTES, type Claim, packClaim } from './verify/claim.ts'
import { createEngine, type Engine } from './verify/groth16.ts'
import { openPairing } from './verify/pairing.ts'
import { readVerifyingKey } from './verifying-key.ts'

/** Says whether proofs hold under one verifying key. */
export interface Verifier {
  /** False for any proof that does not hold, also one with bad points or values. Rejects once stopped, as all do. */
  verify(claim: Claim): Promise<boolean>
  /** The same for many at once, a third of the work each: one answer a claim, in order. */
  verifyBatch(claims: readonly Claim[]): Promise<boolean[]>
  /** The same for claims that `packClaim` packed, one behind the other; fit to be sent to a worker. */
  verifyPacked(claims: Uint8Array): Promise<boolean[]>
  /** Frees the memory. */
  stop(): Promise<void>
}

/**
 * Builds a verifier under a verification key in snarkjs' JSON form (Groth16, https://eprint.iacr.org/2016/260; what is
 * checked and why batches are sound: docs/verification.md). The WebAssembly is loaded with the first proof; a
 * verification occupies its thread for milliseconds, a batch for up to a fifth of a second.
 * Throws ProofError BAD_VERIFYING_KEY or BAD_POINT; verifying rejects with VERIFIER_STOPPED.
 */
export function createVerifier(verificationKey: unknown): Verifier {
  const key = readVerifyingKey(verificationKey)
  let opening: Promise<Engine> | undefined
  let stopped = false

  async function check(claims: Uint8Array): Promise<boolean[]> {
    if (stopped) throw stoppedError()
    opening ??= openPairing().then((pairing) => createEngine(pairing, key))
    const engine = await opening
    if (stopped) throw stoppedError()
    return engine.check(claims)
  }

  async function verifyBatch(claims: readonly Claim[]): Promise<boolean[]> {
    const packed = claims.map(packClaim)
    const present = packed.filter((claim) => claim !== undefined)
    const joined = new Uint8Array(present.length * CLAIM_BYTES)
    present.forEach((claim, at) => joined.set(claim, at * CLAIM_BYTES))
    const verdicts = (await check(joined)).values()
    return packed.map((claim) => claim !== undefined && verdicts.next().value === true)
  }

  return {
    verify: async (claim) => (await verifyBatch([claim]))[0]!,
    verifyBatch,
    verifyPacked: check,
    async stop() {
      stopped = true
      await opening?.catch(() => undefined)
      opening = undefined // its memory goes with it
    },
  }
}

function stoppedError(): ProofError {
  return new ProofError('The verifier is stopped', { code: 'VERIFIER_STOPPED' })
}
