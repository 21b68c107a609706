import { concat, encodeAbiParameters, type Address, type Hex, keccak256 } from 'viem'
import { addressOfKey } from '../keys.ts'
import { claimKey } from './claim-key.ts'
import { checkBetween, EnvelopeError } from './errors.ts'
import { MAX_AMOUNT, MAX_SHARES } from './split.ts'

/** What one recipient can claim. */
export interface Share {
  /** Below the number of shares; each is paid once. */
  readonly index: number
  /** In the token's smallest unit. */
  readonly amount: bigint
  /** Address of the claim key. */
  readonly key: Address
}

/** The Merkle tree of an envelope's shares. */
export interface ShareTree {
  readonly root: Hex
  /** The siblings of share `index` from the leaf up. Throws EnvelopeError NO_SUCH_SHARE. */
  path(index: number): Hex[]
}

const LEAF = [
  { name: 'index', type: 'uint16' },
  { name: 'amount', type: 'uint128' },
  { name: 'key', type: 'address' },
] as const

/** One share an amount, with the claim keys of `secret`. Throws EnvelopeError OUT_OF_RANGE or BAD_SECRET. */
export function sharesOf(amounts: readonly bigint[], secret: Uint8Array): Share[] {
  return amounts.map((amount, index) => {
    checkBetween('amount', amount, 1n, MAX_AMOUNT)
    return { index, amount, key: addressOfKey(claimKey(secret, index)) }
  })
}

/** keccak256(keccak256(abi.encode(index, amount, key))): hashed twice, so that no inner node can pass for a leaf. */
export function shareLeaf({ index, amount, key }: Share): Hex {
  checkBetween('index', BigInt(index), 0n, BigInt(MAX_SHARES - 1))
  checkBetween('amount', amount, 0n, MAX_AMOUNT)
  return keccak256(keccak256(encodeAbiParameters(LEAF, [index, amount, key])))
}

/**
 * Builds the tree over the shares in their order: a node hashes its two children, the smaller first; one without a sibling goes up
 * as it is. Throws EnvelopeError OUT_OF_RANGE for none, or more than 128.
 */
export function shareTree(shares: readonly Share[]): ShareTree {
  checkBetween('shares', BigInt(shares.length), 1n, BigInt(MAX_SHARES))
  const levels: Hex[][] = [shares.map(shareLeaf)]
  for (let nodes = levels[0]!; nodes.length > 1; levels.push(nodes)) nodes = parents(nodes)
  return {
    root: levels.at(-1)[0]!,
    path(index) {
      if (!Number.isInteger(index) || index < 0 || index >= shares.length) {
        const detail = { code: 'NO_SUCH_SHARE', index, shares: shares.length } as const
        throw new EnvelopeError(`There is no share ${index} of ${shares.length}`, detail)
      }
      const siblings = levels.map((nodes, level) => nodes[(index >> level) ^ 1])
      return siblings.filter((sibling) => sibling !== undefined)
    },
  }
}

/** Whether `share` lies under `root` by `path`: what the contract checks, and a recipient before it trusts an envelope. */
export function isShareOf(root: Hex, share: Share, path: readonly Hex[]): boolean {
  return path.reduce(parent, shareLeaf(share)) === root.toLowerCase()
}

function parents(nodes: readonly Hex[]): Hex[] {
  const above: Hex[] = []
  for (let at = 0; at < nodes.length; at += 2) {
    const [left, right] = [nodes[at]!, nodes[at + 1]]
    above.push(right === undefined ? left : parent(left, right))
  }
  return above
}

function parent(a: Hex, b: Hex): Hex {
  return keccak256(concat(BigInt(a) < BigInt(b) ? [a, b] : [b, a]))
}
