import { readFile } from 'node:fs/promises'
import {
  circuitInput,
  identityFromSecret,
  membershipTree,
  type ProverInput,
  rateCommitment,
} from '@teahouse/protocol/rln'
import { loadArtifacts, type RlnArtifacts } from '@teahouse/protocol/rln/artifacts'
import { type MemoryFile, wtns } from 'snarkjs'

/** The committed artifacts, their hashes checked. */
export const artifacts: RlnArtifacts = await loadArtifacts((url) => readFile(url))

export const SECRET = 0x1234_5678_9abcn
export const LIMIT = 10

/** A member with the given limit at `index` of a tree with some others. */
export function memberAt(
  index: number,
  rateLimit = LIMIT,
  secret = SECRET,
): { root: bigint; input: ProverInput } {
  const tree = membershipTree()
  for (let other = 0; other <= index + 1; other++) tree.set(other, BigInt(other + 1))
  tree.set(index, rateCommitment(identityFromSecret(secret).commitment, rateLimit))
  const input = { secret, rateLimit, messageId: 0, path: tree.path(index), x: 77n, externalNullifier: 99n }
  return { root: tree.root, input }
}

/** The public signals of a witness in the circuit's order. */
export interface WitnessSignals {
  readonly y: bigint
  readonly root: bigint
  readonly nullifier: bigint
  readonly x: bigint
  readonly externalNullifier: bigint
}

/** Computes a witness with input signals replaced at will. Rejects if the circuit refuses them. */
export async function witnessOf(
  input: ProverInput,
  changes: Record<string, unknown> = {},
): Promise<{ signals: WitnessSignals; values: bigint[] }> {
  const file: MemoryFile = { type: 'mem' }
  await wtns.calculate({ ...circuitInput(input), ...changes }, artifacts.wasm, file)
  const values = await wtns.exportJson(file)
  const [, y, root, nullifier, x, externalNullifier] = values as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
  ]
  return { signals: { y, root, nullifier, x, externalNullifier }, values }
}

/** Ends snarkjs' worker threads. */
export async function endWorkers(): Promise<void> {
  const { curve_bn128: curve } = globalThis as { curve_bn128?: { terminate(): Promise<void> } | null }
  await curve?.terminate()
}
