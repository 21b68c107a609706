import type { Address, Hex } from 'viem'
import { poseidon1 } from 'poseidon-lite/poseidon1'
import { LedgerError } from './errors.ts'
import { rateCommitment } from './identity.ts'
import { EMPTY_LEDGER, type MembershipChange, nextLedgerHash } from './ledger-change.ts'
import { rootWindow, type RootStatus } from './root-window.ts'
import { membershipTree, type MembershipTree, type MerklePath, TREE_DEPTH } from './tree.ts'

/** A block of the chain; `timestamp` in unix seconds. */
export interface LedgerBlock {
  readonly number: bigint
  readonly timestamp: number
}

/** How a membership stands; only an active one has a leaf. */
export type MemberState = 'active' | 'expired' | 'exited' | 'slashed'

/** One membership; `expiry` in unix seconds, without the grace period. */
export interface Member {
  readonly index: number
  readonly idCommitment: bigint
  readonly holder: Address
  readonly rateLimit: number
  readonly expiry: number
  readonly state: MemberState
  /** Whether the membership has its leaf in the tree. */
  readonly active: boolean
}

export interface MembershipLedgerConfig {
  /** The registry's grace period: a leaf is zeroed by the first block later than expiry + grace. */
  readonly graceSeconds: number
  /** How long a replaced root stays valid after the block that replaced it. */
  readonly rootWindowSeconds: number
  readonly depth?: number
  /** Unix seconds before which nobody will ask: roots that expire earlier are not even computed. */
  readonly startSeconds?: number
}

/** The members of a registry and their trees, as its changes tell them. Every reader of the chain has the same. */
export interface MembershipLedger {
  /** Applies the next change, in the chain's order. Throws LedgerError; the change is then not applied. */
  apply(change: MembershipChange, block: LedgerBlock): void
  /** Tells of a new block, also one without changes: leaves expire by its time. Throws LedgerError BLOCK_BACKWARDS. */
  advance(block: LedgerBlock): void
  /** The newest root of the newest tree. */
  readonly root: bigint
  readonly ledgerHash: Hex
  readonly memberCount: number
  /** The last block told of. */
  readonly block: LedgerBlock | undefined
  isValidRoot(root: bigint, nowSeconds: number): boolean
  rootStatus(root: bigint, nowSeconds: number): RootStatus
  member(index: number): Member | undefined
  membersOf(idCommitment: bigint): Member[]
  /** The path of a member's leaf in its tree. Throws LedgerError UNKNOWN_MEMBER. */
  path(index: number): MerklePath
  /** The newest root of a member's tree. Throws LedgerError UNKNOWN_MEMBER. */
  rootOf(index: number): bigint
  /** Secrets whose messages a valid root could still carry: slashed within the root window, or active elsewhere. */
  revealedSecrets(): bigint[]
}

/** Builds an empty ledger: a state machine over changes and blocks, without I/O. */
export function membershipLedger(config: MembershipLedgerConfig): MembershipLedger {
  const { graceSeconds, rootWindowSeconds, depth = TREE_DEPTH, startSeconds = 0 } = config
  const capacity = 2 ** depth
  const members: Member[] = []
  const byCommitment = new Map<bigint, number[]>()
  const trees: MembershipTree[] = [membershipTree(depth)]
  const window = rootWindow(rootWindowSeconds)
  const revealed = new Map<bigint, number>() // secret → last second of the window
  const replaced = new Set<MembershipTree>() // trees whose root before this block is in the window
  let ledgerHash = EMPTY_LEDGER
  let block: LedgerBlock | undefined
  let nextExpiry = Infinity // no active member expires earlier

  const treeOf = (index: number): MembershipTree => {
    const at = Math.floor(index / capacity)
    while (trees.length <= at) trees.push(membershipTree(depth))
    return trees[at]!
  }

  function setLeaf(index: number, leaf: bigint): void {
    const tree = treeOf(index)
    if (block && !replaced.has(tree) && block.timestamp + rootWindowSeconds >= startSeconds) {
      replaced.add(tree)
      window.replace(tree.root, block.timestamp)
    }
    tree.set(index % capacity, leaf)
  }

  function update(index: number, changes: Partial<Member>): void {
    members[index] = { ...members[index]!, ...changes }
  }

  function close(index: number, state: MemberState): void {
    if (members[index]!.active) setLeaf(index, 0n)
    update(index, { state, active: false })
  }

  function expire(now: number): void {
    if (now <= nextExpiry + graceSeconds) return
    nextExpiry = Infinity
    for (const { index, active, expiry } of members) {
      if (active && now > expiry + graceSeconds) close(index, 'expired')
      else if (active) nextExpiry = Math.min(nextExpiry, expiry)
    }
  }

  function open(next: LedgerBlock): void {
    if (block && next.number === block.number) return
    if (block && next.number < block.number) {
      const detail = { code: 'BLOCK_BACKWARDS', number: next.number, last: block.number } as const
      throw new LedgerError(`Block ${next.number} comes after block ${block.number}`, detail)
    }
    replaced.clear()
    block = next
    expire(next.timestamp)
    window.prune(next.timestamp)
    for (const [secret, until] of revealed) {
      if (until < next.timestamp && !isActive(secret)) revealed.delete(secret)
    }
  }

  const isActive = (secret: bigint): boolean =>
    (byCommitment.get(poseidon1([secret])) ?? []).some((index) => members[index]!.active)

  function checkMember(change: MembershipChange): { rateLimit: number; expiry: number } {
    const { index, kind } = change
    if (kind === 'registered') {
      if (index !== members.length) {
        const detail = { code: 'OUT_OF_ORDER', index, expected: members.length } as const
        throw new LedgerError(`Member ${index} registered when ${members.length} was next`, detail)
      }
      return change
    }
    const member = memberAt(index)
    for (const field of ['idCommitment', 'holder'] as const) {
      if (String(member[field]).toLowerCase() === String(change[field]).toLowerCase()) continue
      throw new LedgerError(`Member ${index} has another ${field}`, { code: 'WRONG_MEMBER', index, field })
    }
    if (kind === 'slashed' && poseidon1([change.secret]) !== member.idCommitment) {
      throw new LedgerError(`This is not the secret of member ${index}`, {
        code: 'WRONG_MEMBER',
        index,
        field: 'secret',
      })
    }
    return { rateLimit: member.rateLimit, expiry: kind === 'renewed' ? change.expiry : member.expiry }
  }

  function memberAt(index: number): Member {
    const member = members[index]
    if (member) return member
    throw new LedgerError(`There is no member ${index}`, { code: 'UNKNOWN_MEMBER', index })
  }

  function checkState({ index, kind }: MembershipChange): void {
    const state = members[index]?.state ?? 'active'
    if (state === 'active' || (kind === 'slashed' && state !== 'slashed')) return
    throw new LedgerError(`Member ${index} is ${state}`, { code: 'BAD_STATE', index, kind, state })
  }

  function write(change: MembershipChange): void {
    const { index, idCommitment, holder } = change
    if (change.kind === 'registered') {
      const { rateLimit, expiry } = change
      setLeaf(index, rateCommitment(idCommitment, rateLimit))
      members.push({ index, idCommitment, holder, rateLimit, expiry, state: 'active', active: true })
      byCommitment.set(idCommitment, [...(byCommitment.get(idCommitment) ?? []), index])
      nextExpiry = Math.min(nextExpiry, expiry)
    } else if (change.kind === 'renewed') {
      update(index, { expiry: change.expiry })
    } else {
      close(index, change.kind)
      if (change.kind === 'slashed') revealed.set(change.secret, block!.timestamp + rootWindowSeconds)
    }
  }

  function rootStatus(root: bigint, nowSeconds: number): RootStatus {
    if (trees.some((tree) => tree.root === root)) return 'current'
    return window.status(root, nowSeconds)
  }

  return {
    apply(change, at) {
      const after = checkMember(change)
      if (change.kind === 'registered') rateCommitment(change.idCommitment, change.rateLimit)
      const expected = nextLedgerHash(ledgerHash, change, after)
      if (expected !== change.ledger.toLowerCase()) {
        const detail = {
          code: 'HASH_MISMATCH',
          index: change.index,
          expected,
          actual: change.ledger,
        } as const
        throw new LedgerError(`The change of member ${change.index} does not continue the ledger`, detail)
      }
      open(at)
      checkState(change)
      write(change)
      ledgerHash = expected
    },
    advance: open,
    get root() {
      return trees[trees.length - 1]!.root
    },
    get ledgerHash() {
      return ledgerHash
    },
    get memberCount() {
      return members.length
    },
    get block() {
      return block
    },
    isValidRoot: (root, nowSeconds) => ['current', 'recent'].includes(rootStatus(root, nowSeconds)),
    rootStatus,
    member: (index) => members[index],
    membersOf: (idCommitment) => (byCommitment.get(idCommitment) ?? []).map((index) => members[index]!),
    path: (index) => treeOf(memberAt(index).index).path(index % capacity),
    rootOf: (index) => treeOf(memberAt(index).index).root,
    revealedSecrets: () => [...revealed.keys()],
  }
}
