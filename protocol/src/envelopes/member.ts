import { babyjubjub } from '@noble/curves/misc.js'
import { blake512 } from '@noble/hashes/blake1.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { poseidon2 } from '../rln/poseidon.ts'
import { fromLittleEndian } from '../rln/field.ts'
import { hashPair } from '../rln/poseidon-bulk.ts'
import { checkBetween, EnvelopeError } from './errors.ts'
import { SEMAPHORE_DEPTH } from './generated/artifacts.ts'

/** A Semaphore v4 identity. */
export interface Member {
  /** What proofs are made of; below the order of Baby Jubjub's subgroup. */
  readonly secretScalar: bigint
  /** What a group knows of it: Poseidon of its public key. */
  readonly commitment: bigint
}

/** The way from a member to the root of a group; levels at which a node has no sibling are left out. */
export interface MemberPath {
  /** Bit n says whether the path's own side is right at the nth sibling. */
  readonly index: number
  readonly siblings: readonly bigint[]
}

/** A Semaphore v4 group: LeanIMT over commitments in the order in which they joined. */
export interface Group {
  readonly root: bigint
  /** Throws EnvelopeError NOT_A_MEMBER. */
  path(commitment: bigint): MemberPath
}

const Base = babyjubjub.Point.BASE

/**
 * The private key of an account's identity in one group, so that its commitments in several can't be linked: HKDF-SHA256 of the
 * account's secret (32 bytes at least), salted with the group's id. Throws EnvelopeError BAD_SECRET.
 */
export function memberKey(secret: Uint8Array, groupId: Uint8Array): Uint8Array {
  if (secret.length < 32) throw badSecret('A secret', secret.length)
  return hkdf(sha256, secret, groupId, utf8ToBytes('teahouse/semaphore-identity/v1'), 32)
}

/** The identity that Semaphore makes of a private key (see `memberKey`). Throws EnvelopeError BAD_SECRET. */
export function memberOf(privateKey: Uint8Array): Member {
  if (privateKey.length !== 32) throw badSecret('A private key', privateKey.length)
  const seed = blake512(privateKey).slice(0, 32)
  seed[0]! &= 0xf8
  seed[31] = (seed[31]! & 0x7f) | 0x40
  const secretScalar = (fromLittleEndian(seed) >> 3n) % babyjubjub.Point.Fn.ORDER
  const { x, y } = Base.multiply(secretScalar).toAffine()
  return { secretScalar, commitment: poseidon2([x, y]) }
}

/** Builds the group of `commitments`. Throws EnvelopeError OUT_OF_RANGE if they are none, or too many for the circuit. */
export function groupOf(commitments: readonly bigint[]): Group {
  checkBetween('members', BigInt(commitments.length), 1n, 2n ** BigInt(SEMAPHORE_DEPTH))
  const levels: (readonly bigint[])[] = [commitments]
  for (let nodes = levels[0]!; nodes.length > 1; levels.push(nodes)) nodes = parents(nodes)
  return {
    root: levels.at(-1)[0]!,
    path(commitment) {
      const place = commitments.indexOf(commitment)
      if (place === -1) {
        throw new EnvelopeError('This identity is not in the group', { code: 'NOT_A_MEMBER', commitment })
      }
      const siblings: bigint[] = []
      let index = 0
      levels.forEach((nodes, level) => {
        const own = place >> level
        const sibling = nodes[own ^ 1]
        if (sibling === undefined) return
        index |= (own & 1) << siblings.length
        siblings.push(sibling)
      })
      return { index, siblings }
    },
  }
}

/** One level up; a node without a sibling goes up as it is, unhashed. */
function parents(nodes: readonly bigint[]): bigint[] {
  const above: bigint[] = []
  for (let at = 0; at < nodes.length; at += 2) {
    const [left, right] = [nodes[at]!, nodes[at + 1]]
    above.push(right === undefined ? left : hashPair(left, right))
  }
  return above
}

function badSecret(what: string, length: number): EnvelopeError {
  return new EnvelopeError(`${what} has 32 bytes, not ${length}`, { code: 'BAD_SECRET', length })
}
