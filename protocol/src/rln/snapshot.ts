import { poseidon1 } from './poseidon.ts'
import type { Address, Hex } from 'viem'
import { chainLedger, EMPTY_LEDGER } from './ledger-change.ts'
import { CHANGE_KINDS, readCommitment, RECORD_BYTES } from './ledger-record.ts'
import type { LedgerState, Slash } from './ledger.ts'
import { memberTable, type MemberTable } from './ledger-members.ts'
import { FIELD } from './field.ts'
import { bulkHashes, NODE_BYTES, readNode } from './poseidon-bulk.ts'
import { type Snapshot, SnapshotError, type SnapshotHeader } from './snapshot-format.ts'
import { membershipTree, type MembershipTree, nodesAt } from './tree.ts'

/** What the loader knows by itself. */
export interface SnapshotExpectation {
  readonly chainId: number
  readonly registry: Address
  readonly depth: number
  /** The registry's ledger word at the snapshot's block, asked of the chain. */
  readonly ledgerHash: Hex
  /** That block's own hash and time, asked of the chain. */
  readonly blockHash: Hex
  readonly timestamp: number
  readonly graceSeconds: number
}

/** A state loaded from a snapshot, usable at once, and the check that its nodes still need. */
export interface LoadedSnapshot {
  readonly state: LedgerState
  readonly check: TreeCheck
}

/**
 * Builds a ledger's state from a snapshot. Checked here: network and block; the ledger word over the whole list of
 * changes, equal to the chain's; members, limits, expiries and states, rebuilt from the list; which leaves are empty.
 * Left to `check`: that leaves and inner nodes are the hashes they should be. Until it is done the root is the word of
 * whoever made the snapshot: compare it with others' (roots.ts).
 * Throws SnapshotError OTHER_NETWORK, HASH_MISMATCH, BAD_CHANGE, WRONG_NODE.
 */
export function loadSnapshot(snapshot: Snapshot, expected: SnapshotExpectation): LoadedSnapshot {
  const { header, records, slashes } = snapshot
  checkNetwork(header, expected)
  const actual = chainLedger(EMPTY_LEDGER, records)
  if (actual !== expected.ledgerHash.toLowerCase() || actual !== header.ledgerHash) {
    const detail = { code: 'HASH_MISMATCH', expected: expected.ledgerHash, actual } as const
    throw new SnapshotError("The snapshot's changes are not the registry's", detail)
  }
  const members = membersOf(snapshot)
  expireMembers(members, header.timestamp, expected.graceSeconds)
  const trees = snapshot.trees.map((levels) => {
    const tree = membershipTree(header.depth)
    tree.restore(levels)
    return tree
  })
  checkLeaves(members, snapshot)
  const block = { number: header.blockNumber, timestamp: header.timestamp }
  // A copy, so that the snapshot's own bytes can go.
  const state = { members, trees, records: records.slice(), slashes, ledgerHash: actual, block }
  return { state, check: treeCheck(state) }
}

function checkNetwork(header: SnapshotHeader, expected: SnapshotExpectation): void {
  for (const field of ['chainId', 'registry', 'depth', 'blockHash', 'timestamp'] as const) {
    const [found, wanted] = [header[field], expected[field]].map((value) => String(value).toLowerCase())
    if (found === wanted) continue
    const detail = { code: 'OTHER_NETWORK', field, expected: wanted!, actual: found! } as const
    throw new SnapshotError(`The snapshot's ${field} is ${found}, not ${wanted}`, detail)
  }
}

/** Replays the list of changes. */
function membersOf({ header, records, slashes: reveals }: Snapshot): MemberTable {
  const members = memberTable(header.memberCount)
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  let slashes = 0
  for (let at = 0; at < header.changeCount; at++) {
    const base = at * RECORD_BYTES
    const kind = records[base]!
    const index = view.getUint32(base + 8)
    if (kind === CHANGE_KINDS.registered) {
      if (index !== members.count) throw badChange(at, `it registers member ${index} out of turn`)
      members.addRecord(records.subarray(base, base + RECORD_BYTES))
      continue
    }
    if (index >= members.count) throw badChange(at, `there is no member ${index} yet`)
    if (kind === CHANGE_KINDS.renewed) {
      members.setExpiry(index, view.getUint8(base + 3) * 2 ** 32 + view.getUint32(base + 4))
    } else if (kind === CHANGE_KINDS.exited) members.setState(index, 'exited')
    else if (kind === CHANGE_KINDS.slashed) {
      members.setState(index, 'slashed')
      checkSlash(reveals[slashes++], readCommitment(records, at), header, at)
    } else throw badChange(at, `its kind is ${kind}`)
  }
  if (members.count !== header.memberCount) throw badChange(header.changeCount, 'members are missing')
  if (slashes !== header.slashCount) throw badChange(header.changeCount, 'slashes are missing')
  return members
}

/** The list holds what the registry hashed; what slashing revealed stands beside it. */
function checkSlash(slash: Slash | undefined, commitment: bigint, header: SnapshotHeader, at: number): void {
  if (!slash) throw badChange(at, 'its secret is missing')
  if (slash.secret >= FIELD || poseidon1([slash.secret]) !== commitment)
    throw badChange(at, 'its secret is not that of the member')
  if (slash.timestamp > header.timestamp) throw badChange(at, 'it is later than the snapshot')
}

function expireMembers(members: MemberTable, now: number, graceSeconds: number): void {
  for (let index = 0; index < members.count; index++) {
    if (members.state(index) === 'active' && now > members.expiry(index) + graceSeconds)
      members.setState(index, 'expired')
  }
}

/** A member has a leaf if and only if it is active. */
function checkLeaves(members: MemberTable, { trees, header }: Snapshot): void {
  const capacity = 2 ** header.depth
  trees.forEach(([leaves], tree) => {
    const words = new DataView(leaves!.buffer, leaves!.byteOffset, leaves!.byteLength)
    for (let leaf = 0; leaf * NODE_BYTES < leaves!.length; leaf++) {
      const active = members.state(tree * capacity + leaf) === 'active'
      let any = 0
      for (let word = 0; word < 8; word++) any |= words.getUint32(leaf * NODE_BYTES + 4 * word)
      if (active !== (any !== 0)) throw wrongNode(tree, 0, leaf)
    }
  })
}

function badChange(at: number, reason: string): SnapshotError {
  return new SnapshotError(`Change ${at} of the snapshot can't be: ${reason}`, {
    code: 'BAD_CHANGE',
    at,
    reason,
  })
}

function wrongNode(tree: number, level: number, index: number): SnapshotError {
  const detail = { code: 'WRONG_NODE', tree, level, index } as const
  return new SnapshotError(
    `Node ${index} of level ${level} in tree ${tree} is not the hash it should be`,
    detail,
  )
}

/** Rehashes a restored tree piece by piece, while the tree is in use and changes. */
export interface TreeCheck {
  /** Hashes still to be made. */
  readonly left: number
  /**
   * Compares the next nodes, `hashes` of them at most. True when all were right.
   * Throws SnapshotError WRONG_NODE naming the first that is not; the tree is then to be rebuilt from the changes.
   */
  step(hashes: number): boolean
}

interface Piece {
  readonly tree: number
  readonly level: number
  readonly count: number
}

/**
 * The check of every leaf against its member, and of every inner node against its two children. Changes made
 * meanwhile do not disturb it: what they rehash is right if its children are, and those are checked too.
 */
export function treeCheck({ members, trees }: Pick<LedgerState, 'members' | 'trees'>): TreeCheck {
  const pieces: Piece[] = trees.flatMap((tree, at) =>
    Array.from({ length: tree.depth + 1 }, (_, level) => ({
      tree: at,
      level,
      count: nodesAt(level, tree.depth, tree.leafCount),
    })),
  )
  let left = pieces.reduce((sum, { count }) => sum + count, 0)
  let from = 0

  function compare({ tree: at, level }: Piece, to: number): void {
    const tree = trees[at]!
    const found = tree.range(level, from, to)
    const expected = new Uint8Array(found.length)
    const pairs =
      level === 0 ? leafPairs(members, tree, at, from, to) : tree.range(level - 1, 2 * from, 2 * to)
    bulkHashes().hashPairs(pairs, expected)
    for (let node = 0; node < to - from; node++) {
      const value = readNode(found, node)
      const index = from + node
      if (level === 0 && members.state(at * 2 ** tree.depth + index) !== 'active') {
        if (value !== 0n) throw wrongNode(at, level, index)
      } else if (value !== readNode(expected, node) || value >= FIELD) throw wrongNode(at, level, index)
    }
  }

  return {
    get left() {
      return left
    },
    step(hashes) {
      for (let budget = hashes; budget > 0 && pieces.length > 0;) {
        const piece = pieces[0]!
        const to = Math.min(piece.count, from + budget)
        if (to > from) compare(piece, to)
        left -= to - from
        budget -= to - from
        from = to
        if (from < piece.count) continue
        pieces.shift()
        from = 0
      }
      return pieces.length === 0
    },
  }
}

/** (commitment, limit) of the members of some leaves, as what is hashed. */
function leafPairs(
  members: MemberTable,
  tree: MembershipTree,
  at: number,
  from: number,
  to: number,
): Uint8Array {
  const pairs = new Uint8Array(2 * NODE_BYTES * (to - from))
  for (let leaf = from; leaf < to; leaf++) members.writePair(at * 2 ** tree.depth + leaf, pairs, leaf - from)
  return pairs
}
