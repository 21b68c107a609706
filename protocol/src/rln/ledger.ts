import type { Hex } from 'viem'
import { poseidon1 } from './poseidon.ts'
import { LedgerError } from './errors.ts'
import { checkField } from './field.ts'
import { checkLimit } from './identity.ts'
import {
  changeRecord,
  EMPTY_LEDGER,
  type HomeChange,
  type HomeEntry,
  type MembershipChange,
  nextLedgerHash,
} from './ledger-change.ts'
import { RECORD_BYTES } from './ledger-record.ts'
import { type Member, type MemberState, memberTable, type MemberTable } from './ledger-members.ts'
import { hashPair } from './poseidon-bulk.ts'
import { homeMembers, type HomeMembers, type KeptHome } from './home-members.ts'
import { ledgerTrees, type LedgerTreesConfig } from './ledger-trees.ts'
import type { RootStatus } from './root-window.ts'
import type { MembershipTree, MerklePath } from './tree.ts'

/** A block of the chain; `timestamp` in unix seconds. */
export interface LedgerBlock {
  readonly number: bigint
  readonly timestamp: number
}

export interface MembershipLedgerConfig extends LedgerTreesConfig {
  /** The registry's grace period: a leaf is zeroed by the first block later than expiry + grace. */
  readonly graceSeconds: number
  /** Keeps every change, 64 bytes each, so that a snapshot can be written. */
  readonly keepRecords?: boolean
}

/** A secret that slashing revealed, and the time of the block that did (unix seconds). */
export interface Slash {
  readonly secret: bigint
  readonly timestamp: number
}

/** A ledger's state: where a restored ledger starts from. The ledger takes it over. */
export interface LedgerState {
  readonly members: MemberTable
  readonly trees: readonly MembershipTree[]
  /** Every change so far as the registry hashes it (ledger-record.ts); empty if they are not kept. */
  readonly records: Uint8Array
  /** One for each change that is a slash, in order. */
  readonly slashes: readonly Slash[]
  readonly ledgerHash: Hex
  readonly block: LedgerBlock
}

/** The members of a registry and their trees, as its changes tell them. Every reader of the chain has the same. */
export interface MembershipLedger {
  /** Applies the next change, in the chain's order. Throws LedgerError; the change is then not applied. */
  apply(change: MembershipChange, block: LedgerBlock): void
  /** A member named another home, in the chain's order among the changes. Nothing in the ledger hash tells of it. Throws LedgerError BLOCK_BACKWARDS. */
  setHome(change: HomeChange, block: LedgerBlock): void
  /**
   * From now on keeps the set of those whose home is this operator. `before`: who came to it and left it until now, in the chain's
   * order; entries of other homes, and of members that are not known, are passed over.
   */
  followHome(operatorId: number, before: Iterable<HomeEntry>): HomeMembers
  /** The home that is followed. */
  readonly home: HomeMembers | undefined
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
  /** The newest root of every tree, oldest tree first. */
  roots(): bigint[]
  /** The ledger as it is now, for a snapshot; undefined before the first block. It is not to be changed. */
  state(): LedgerState | undefined
}

/** Builds a ledger, empty or from a state: a state machine over changes and blocks, without I/O. */
export function membershipLedger(config: MembershipLedgerConfig, start?: LedgerState): MembershipLedger {
  const { graceSeconds, rootWindowSeconds, keepRecords = false } = config
  const members = start?.members ?? memberTable()
  const trees = ledgerTrees(config, { trees: start?.trees ?? [], startedAt: start?.block.timestamp })
  const revealed = new Map<bigint, number>() // secret → last second of the window
  const slashes: Slash[] = [...(start?.slashes ?? [])]
  const records = recordList(start?.records)
  let ledgerHash = start?.ledgerHash ?? EMPTY_LEDGER
  let block: LedgerBlock | undefined = start?.block
  let nextExpiry = start ? 0 : Infinity // no active member expires earlier
  let home: KeptHome | undefined
  for (const { secret, timestamp } of slashes) revealed.set(secret, timestamp + rootWindowSeconds)

  function close(index: number, state: MemberState): void {
    if (members.state(index) === 'active') trees.set(index, 0n)
    members.setState(index, state)
    home?.close(index)
  }

  function expire(now: number): void {
    if (now <= nextExpiry + graceSeconds) return
    nextExpiry = Infinity
    for (let index = 0; index < members.count; index++) {
      if (members.state(index) !== 'active') continue
      const expiry = members.expiry(index)
      if (now > expiry + graceSeconds) close(index, 'expired')
      else nextExpiry = Math.min(nextExpiry, expiry)
    }
  }

  function open(next: LedgerBlock): void {
    if (block && next.number === block.number) return
    if (block && next.number < block.number) {
      const detail = { code: 'BLOCK_BACKWARDS', number: next.number, last: block.number } as const
      throw new LedgerError(`Block ${next.number} comes after block ${block.number}`, detail)
    }
    block = next
    trees.open(next.timestamp)
    home?.open(next.timestamp)
    expire(next.timestamp)
    for (const [secret, until] of revealed) {
      if (until < next.timestamp && !isActive(secret)) revealed.delete(secret)
    }
  }

  const isActive = (secret: bigint): boolean =>
    members.of(poseidon1([secret])).some((index) => members.state(index) === 'active')

  function checkMember(change: MembershipChange): { rateLimit: number; expiry: number } {
    const { index, kind } = change
    if (kind === 'registered') {
      if (index !== members.count) {
        const detail = { code: 'OUT_OF_ORDER', index, expected: members.count } as const
        throw new LedgerError(`Member ${index} registered when ${members.count} was next`, detail)
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
    const member = members.at(index)
    if (member) return member
    throw new LedgerError(`There is no member ${index}`, { code: 'UNKNOWN_MEMBER', index })
  }

  function checkState({ index, kind }: MembershipChange): void {
    const state = index < members.count ? members.state(index) : 'active'
    if (state === 'active' || (kind === 'slashed' && state !== 'slashed')) return
    throw new LedgerError(`Member ${index} is ${state}`, { code: 'BAD_STATE', index, kind, state })
  }

  function write(change: MembershipChange): void {
    const { index, idCommitment, holder } = change
    if (change.kind === 'registered') {
      const { rateLimit, expiry } = change
      trees.set(index, hashPair(idCommitment, BigInt(rateLimit)))
      members.add({ idCommitment, holder, rateLimit, expiry })
      if (change.home === home?.operatorId) home?.enter(index, leafOf(index))
      nextExpiry = Math.min(nextExpiry, expiry)
    } else if (change.kind === 'renewed') {
      members.setExpiry(index, change.expiry)
    } else {
      close(index, change.kind)
      if (change.kind !== 'slashed') return
      const { timestamp } = block!
      revealed.set(change.secret, timestamp + rootWindowSeconds)
      if (keepRecords) slashes.push({ secret: change.secret, timestamp })
    }
  }

  const leafOf = (index: number): bigint => {
    const member = members.at(index)
    return member?.active ? hashPair(member.idCommitment, BigInt(member.rateLimit)) : 0n
  }

  function numberOf(entry: HomeEntry): number | undefined {
    if (entry.kind === 'registered') return entry.index
    const holder = entry.holder.toLowerCase()
    return members.of(entry.idCommitment).find((index) => members.at(index)!.holder.toLowerCase() === holder)
  }

  /** Where everybody who came to a home stands in its trees, and the leaves of those who are there. */
  function placesIn(operatorId: number, before: Iterable<HomeEntry>) {
    const places: bigint[] = []
    const present = new Map<number, number>()
    for (const entry of before) {
      const index = numberOf(entry)
      if (index === undefined || index >= members.count) continue
      if (entry.home === operatorId && !present.has(index)) {
        present.set(index, places.length)
        places.push(0n)
      } else if (entry.home !== operatorId) present.delete(index)
    }
    for (const [index, place] of present) places[place] = leafOf(index)
    return { places, members: present }
  }

  return {
    apply(change, at) {
      const after = checkMember(change)
      if (change.kind === 'registered') {
        checkField('commitment', change.idCommitment)
        checkLimit(change.rateLimit)
      }
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
      if (keepRecords) records.push(changeRecord(change, after))
      ledgerHash = expected
    },
    setHome(change, at) {
      open(at)
      const index = numberOf(change)
      if (!home || index === undefined) return
      if (change.home === home.operatorId) home.enter(index, leafOf(index))
      else home.leave(index)
    },
    followHome(operatorId, before) {
      home = homeMembers(operatorId, config, placesIn(operatorId, before), block?.timestamp)
      return home
    },
    get home() {
      return home
    },
    advance: open,
    get root() {
      return trees.roots().at(-1)
    },
    get ledgerHash() {
      return ledgerHash
    },
    get memberCount() {
      return members.count
    },
    get block() {
      return block
    },
    isValidRoot: (root, nowSeconds) => ['current', 'recent'].includes(trees.status(root, nowSeconds)),
    rootStatus: trees.status,
    member: members.at,
    membersOf: (idCommitment) => members.of(idCommitment).map((index) => members.at(index)!),
    path: (index) => trees.path(memberAt(index).index),
    rootOf: (index) => trees.rootOf(memberAt(index).index),
    revealedSecrets: () => [...revealed.keys()],
    roots: trees.roots,
    state: () =>
      block && { members, trees: trees.trees, records: records.bytes(), slashes, ledgerHash, block },
  }
}

/** Records one after the other in memory that grows by an eighth. */
function recordList(start: Uint8Array = new Uint8Array(0)) {
  let bytes = start
  let used = start.length
  return {
    push(record: Uint8Array): void {
      if (used + record.length > bytes.length) {
        const grown = new Uint8Array(bytes.length + Math.max(64 * RECORD_BYTES, bytes.length >>> 3))
        grown.set(bytes.subarray(0, used))
        bytes = grown
      }
      bytes.set(record, used)
      used += record.length
    },
    bytes: () => bytes.subarray(0, used),
  }
}
