import { type Address, type Hex, keccak256, pad } from 'viem'
import { fromLittleEndian } from '../rln/field.ts'
import { createPlainProver } from '../rln/groth16/plain.ts'
import { SEMAPHORE_DEPTH } from './generated/artifacts.ts'
import type { Group, Member } from './member.ts'

/** What a gated claim needs beside its terms and recipient. */
export interface GateProof {
  /** Of this member in this envelope: the same for whatever recipient. */
  readonly nullifier: bigint
  /** A, B, C as the contract takes them: Semaphore's `points`. */
  readonly points: readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]
}

/** Proves that `member` is in `group` and claims its share of `envelope` for `recipient`, and nothing more of it. */
export type GateProver = (claim: {
  readonly member: Member
  readonly group: Group
  readonly envelope: Hex
  readonly recipient: Address
}) => GateProof

/** A message or scope as Semaphore hashes it: keccak256 of the 32-byte word, cut to 248 bits. */
export function signalHash(value: Hex): bigint {
  return BigInt(keccak256(pad(value, { size: 32 }))) >> 8n
}

/**
 * Builds a prover of `loadSemaphore`'s artifacts; a proof takes about a second of this thread. It throws EnvelopeError NOT_A_MEMBER,
 * or ProofError PROVING_FAILED.
 */
export async function createGateProver(artifacts: {
  readonly wasm: Uint8Array
  readonly zkey: Uint8Array
}): Promise<GateProver> {
  const prove = await createPlainProver(artifacts)
  return ({ member, group, envelope, recipient }) => {
    const { index, siblings } = group.path(member.commitment)
    const { a, b, c, signals } = prove({
      secret: member.secretScalar,
      merkleProofLength: BigInt(siblings.length),
      merkleProofIndex: BigInt(index),
      merkleProofSiblings: Array.from({ length: SEMAPHORE_DEPTH }, (_, level) => siblings[level] ?? 0n),
      scope: signalHash(envelope),
      message: signalHash(recipient),
    })
    const [ax, ay, bxRe, bxIm, byRe, byIm, cx, cy] = [a, b, c].flatMap(coordinates) as EightNumbers
    return { nullifier: signals[1]!, points: [ax, ay, bxIm, bxRe, byIm, byRe, cx, cy] }
  }
}

type EightNumbers = [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]

function coordinates(point: Uint8Array): bigint[] {
  return Array.from({ length: point.length / 32 }, (_, at) =>
    fromLittleEndian(point.subarray(at * 32, (at + 1) * 32)),
  )
}
