import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js'
import type { Hex } from 'viem'
import { ProofError } from './errors.ts'
import { toLittleEndian } from './field.ts'
import { readVerifyingKey, VerificationKeyJson } from './verifying-key.ts'

/** What a network verifies proofs with: a setting of the network, not of the code. */
export interface NetworkKey {
  /** Names the key whatever its file looks like; see {@link verificationKeyId}. */
  readonly id: Hex
  readonly verificationKey: VerificationKeyJson
}

/** The circuit that every key here is for: RLN-v2, depth 20, limits of 16 bits (docs/circuits.md). */
export const CIRCUIT = 'rln_20'

/**
 * The name of a key: sha256 of its circuit's name and its points as numbers of 32 bytes, big-endian, in the order alpha,
 * beta, gamma, delta, IC; for points of G2 c0 before c1. So two files of the same key have the same id.
 */
export function verificationKeyId(key: VerificationKeyJson): Hex {
  const { vk_alpha_1: alpha, vk_beta_2: beta, vk_gamma_2: gamma, vk_delta_2: delta, IC } = key
  const pairs = [beta, gamma, delta].flatMap(([x, y]) => [...x, ...y])
  const numbers = [...alpha.slice(0, 2), ...pairs, ...IC.flatMap(([x, y]) => [x, y])]
  const words = numbers.map((number) => toLittleEndian(BigInt(number)).reverse())
  return `0x${bytesToHex(sha256(concatBytes(new TextEncoder().encode(`${CIRCUIT}\n`), ...words)))}`
}

/**
 * Reads a network's verification key from JSON as snarkjs exports it: five public signals, every point on its curve and
 * in its subgroup, γ ≠ δ, and the id that the network names, if it names one.
 * Throws ProofError BAD_VERIFYING_KEY, BAD_POINT or WRONG_KEY.
 */
export function readNetworkKey(json: unknown, expected?: string): NetworkKey {
  readVerifyingKey(json)
  return expectKey(nameKey(json), expected)
}

/** Names a key whose points are known to be good, such as that of files with known hashes. */
export function nameKey(json: unknown): NetworkKey {
  const verificationKey = VerificationKeyJson.parse(json)
  return { id: verificationKeyId(verificationKey), verificationKey }
}

/** Gives a key back if it is what the network names, if it names one. Throws ProofError WRONG_KEY. */
export function expectKey(key: NetworkKey, expected: string | undefined): NetworkKey {
  const { id } = key
  if (expected === undefined || expected.toLowerCase() === id) return key
  const detail = { code: 'WRONG_KEY', expected, actual: id } as const
  throw new ProofError(`The verification key is ${id}; the network names ${expected}`, detail)
}
