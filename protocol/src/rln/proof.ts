/** A Groth16 proof as affine coordinates; `b` as [x, y] with x = [c0, c1], snarkjs' order. */
export interface Groth16Proof {
  readonly a: readonly [bigint, bigint]
  readonly b: readonly [readonly [bigint, bigint], readonly [bigint, bigint]]
  readonly c: readonly [bigint, bigint]
}

/** What a proof says, in no particular order; the circuit's order is y, root, nullifier, x, externalNullifier. */
export interface PublicSignals {
  readonly y: bigint
  readonly root: bigint
  readonly nullifier: bigint
  readonly x: bigint
  readonly externalNullifier: bigint
}

/** A proof with its public signals. */
export interface RlnProof extends PublicSignals {
  readonly proof: Groth16Proof
}

/** The same, its points in the 128 bytes that a message carries: A, B, C compressed, decompressed only by a verifier. */
export interface CompressedRlnProof extends PublicSignals {
  readonly proof: Uint8Array
}

/** The public signals in the circuit's order. */
export function signalsInOrder(signals: PublicSignals): [bigint, bigint, bigint, bigint, bigint] {
  return [signals.y, signals.root, signals.nullifier, signals.x, signals.externalNullifier]
}
