import { type Address, getAddress } from 'viem'
import { RECORD_BYTES, readCommitment, readRecord, writeExpiry, writeRecord } from './ledger-record.ts'

/** How a membership stands; only an active one has a leaf. */
export type MemberState = 'active' | 'expired' | 'exited' | 'slashed'
const STATES = ['active', 'expired', 'exited', 'slashed'] as const

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

/** All members by their number: 64 bytes each, and an index by id commitment. */
export interface MemberTable {
  readonly count: number
  /** Adds the next member, active. */
  add(member: Pick<Member, 'idCommitment' | 'holder' | 'rateLimit' | 'expiry'>): void
  /** Adds the next member from the record of its registration (ledger-record.ts), active. */
  addRecord(record: Uint8Array): void
  /** The member as it stands now, undefined if there is none of this number. */
  at(index: number): Member | undefined
  /** Numbers of the members with this commitment, oldest first. */
  of(idCommitment: bigint): number[]
  state(index: number): MemberState
  expiry(index: number): number
  setState(index: number, state: MemberState): void
  setExpiry(index: number, expiry: number): void
  /** Writes commitment and limit of a member as pair number `at` of what `BulkHashes.hashPairs` takes. */
  writePair(index: number, pairs: Uint8Array, at: number): void
}

const FIRST_CAPACITY = 64
const SLOTS_PER_MEMBER = 2
const FREE = 0 // slots hold a member's number plus 1

/** Builds an empty table with room for some members. */
export function memberTable(room = FIRST_CAPACITY): MemberTable {
  // Anyone may choose a commitment, so the places of the index depend on a number of this process alone.
  const seed = Math.floor(Math.random() * 2 ** 32) | 1
  const capacity = Math.max(FIRST_CAPACITY, room)
  let records = new Uint8Array(capacity * RECORD_BYTES)
  let slots = new Uint32Array(capacity * SLOTS_PER_MEMBER)
  let count = 0

  function place(table: Uint8Array, at: number): number {
    const base = at * RECORD_BYTES + 32
    let mixed = seed
    for (let byte = 0; byte < 32; byte += 4) {
      const word =
        table[base + byte]! |
        (table[base + byte + 1]! << 8) |
        (table[base + byte + 2]! << 16) |
        (table[base + byte + 3]! << 24)
      mixed = Math.imul(mixed ^ word, 0x9e3779b1)
      mixed ^= mixed >>> 15
    }
    return (mixed >>> 0) % slots.length
  }

  function enter(index: number): void {
    let at = place(records, index)
    while (slots[at] !== FREE) at = at + 1 === slots.length ? 0 : at + 1
    slots[at] = index + 1
  }

  function reserve(): void {
    if ((count + 1) * RECORD_BYTES <= records.length) return
    const grown = new Uint8Array(records.length * 2)
    grown.set(records)
    records = grown
    slots = new Uint32Array(slots.length * 2)
    for (let index = 0; index < count; index++) enter(index)
  }

  return {
    get count() {
      return count
    },
    add(member) {
      reserve()
      writeRecord(records, count, { ...member, index: count, kind: 0 })
      enter(count++)
    },
    addRecord(record) {
      reserve()
      records.set(record, count * RECORD_BYTES)
      records[count * RECORD_BYTES] = 0
      enter(count++)
    },
    at(index) {
      if (!Number.isInteger(index) || index < 0 || index >= count) return undefined
      const { kind, holder, ...member } = readRecord(records, index)
      return { ...member, holder: getAddress(holder), state: STATES[kind]!, active: kind === 0 }
    },
    of(idCommitment) {
      const probe = new Uint8Array(RECORD_BYTES)
      writeRecord(probe, 0, { idCommitment, holder: '0x', kind: 0, index: 0, rateLimit: 0, expiry: 0 })
      const found: number[] = []
      for (let at = place(probe, 0); slots[at] !== FREE; at = at + 1 === slots.length ? 0 : at + 1) {
        const index = slots[at]! - 1
        if (readCommitment(records, index) === idCommitment) found.push(index)
      }
      return found.sort((a, b) => a - b)
    },
    state: (index) => STATES[records[index * RECORD_BYTES]!]!,
    expiry(index) {
      const at = index * RECORD_BYTES + 3
      const high = records[at]! * 2 ** 32
      const middle = (records[at + 1]! << 24) | (records[at + 2]! << 16)
      return high + ((middle | (records[at + 3]! << 8) | records[at + 4]!) >>> 0)
    },
    setState: (index, state) => void (records[index * RECORD_BYTES] = STATES.indexOf(state)),
    setExpiry: (index, expiry) => writeExpiry(records, index, expiry),
    writePair(index, pairs, at) {
      const record = index * RECORD_BYTES
      const pair = at * 64
      for (let byte = 0; byte < 32; byte++) pairs[pair + byte] = records[record + 63 - byte]!
      pairs[pair + 32] = records[record + 2]!
      pairs[pair + 33] = records[record + 1]!
    },
  }
}
