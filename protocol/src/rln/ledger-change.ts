import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import type { Address, Hex } from 'viem'
import { CHANGE_KINDS, RECORD_BYTES, writeRecord } from './ledger-record.ts'
import { bulkHashes } from './poseidon-bulk.ts'

interface ChangeBase {
  /** The member's number, counted from 0 over all trees. */
  readonly index: number
  readonly idCommitment: bigint
  readonly holder: Address
  /** The registry's ledger word after this change. */
  readonly ledger: Hex
}

/** A change of membership as the registry's events tell it; `expiry` in unix seconds. */
export type MembershipChange =
  | (ChangeBase & {
      readonly kind: 'registered'
      readonly rateLimit: number
      readonly expiry: number
      readonly home: number
    })
  | (ChangeBase & { readonly kind: 'renewed'; readonly expiry: number })
  | (ChangeBase & { readonly kind: 'exited' })
  | (ChangeBase & { readonly kind: 'slashed'; readonly secret: bigint })

/** A member named another home operator: no change of membership, and in no ledger hash. */
export interface HomeChange {
  readonly kind: 'homeSet'
  readonly idCommitment: bigint
  readonly holder: Address
  /** An operator id, 0 for none. */
  readonly home: number
  readonly previous: number
}

/** What says who a member's home is. */
export type HomeEntry = Extract<MembershipChange, { kind: 'registered' }> | HomeChange

/** The ledger word before the first change. */
export const EMPTY_LEDGER: Hex = `0x${'00'.repeat(32)}`

/** A change as the registry hashes it; `member` is its limit and expiry after the change. */
export function changeRecord(
  change: Pick<MembershipChange, 'kind' | 'index' | 'idCommitment' | 'holder'>,
  { rateLimit, expiry }: { readonly rateLimit: number; readonly expiry: number },
): Uint8Array {
  const record = new Uint8Array(RECORD_BYTES)
  writeRecord(record, 0, { ...change, kind: CHANGE_KINDS[change.kind], rateLimit, expiry })
  return record
}

/**
 * The registry's ledger word after `change`: the first 28 bytes of keccak256(abi.encode(ledger, kind, index, idCommitment,
 * holder, rateLimit, expiry)), the last two as the member has them after the change; then the number of members (uint32).
 */
export function nextLedgerHash(
  ledger: Hex,
  change: Pick<MembershipChange, 'kind' | 'index' | 'idCommitment' | 'holder'>,
  member: { readonly rateLimit: number; readonly expiry: number },
): Hex {
  return chainLedger(ledger, changeRecord(change, member))
}

/** The ledger word after `ledger` moved over records of changes (ledger-record.ts), one after the other. */
export function chainLedger(ledger: Hex, records: Uint8Array): Hex {
  const hash = hexToBytes(ledger.slice(2))
  if (records.length > 0) bulkHashes().chainLedger(hash, records)
  return `0x${bytesToHex(hash)}`
}
