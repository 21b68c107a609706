import fc from 'fast-check'
import { type Address, numberToHex } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { identityFromSecret } from './identity.ts'
import { type MembershipChange, nextLedgerHash } from './ledger-change.ts'
import { membershipLedger, type MembershipLedger } from './ledger.ts'
import { RECORD_BYTES } from './ledger-record.ts'
import { loadSnapshot, type SnapshotExpectation } from './snapshot.ts'
import {
  readSnapshot,
  readSnapshotHeader,
  SNAPSHOT_HEADER_BYTES,
  snapshotHeader,
  type SnapshotHeader,
  snapshotSize,
  writeSnapshot,
} from './snapshot-format.ts'

const CONFIG = { graceSeconds: 100, rootWindowSeconds: 60, depth: 5, keepRecords: true }
const HOLDER: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const NETWORK = { chainId: 31337, registry: HOLDER, blockHash: numberToHex(7n, { size: 32 }) }
const commitment = (secret: number) => identityFromSecret(BigInt(secret + 1)).commitment

type Step = { kind: MembershipChange['kind']; index: number }

/** Applies a step as the registry would tell it; what the registry would refuse is left out. */
function apply(
  ledger: MembershipLedger,
  { kind, index: asked }: Step,
  number: number,
  timestamp: number,
): void {
  const block = { number: BigInt(number), timestamp }
  ledger.advance(block)
  const index = kind === 'registered' ? ledger.memberCount : asked
  const member = ledger.member(index)
  const possible = kind === 'registered' || member?.state === 'active'
  if (!possible && !(kind === 'slashed' && member && member.state !== 'slashed')) return
  const base = { index, idCommitment: commitment(index), holder: HOLDER }
  const rateLimit = 1 + (index % 600)
  const expiry = kind === 'registered' || kind === 'renewed' ? timestamp + 300 : member!.expiry
  const change = { ...base, kind, rateLimit, expiry, home: 0, secret: BigInt(index + 1) }
  const ledgerHash = nextLedgerHash(ledger.ledgerHash, change, { rateLimit, expiry })
  ledger.apply({ ...change, ledger: ledgerHash }, block)
}

/** 40 members in two trees; some renewed, some gone, some expired. */
function grown(): MembershipLedger {
  const ledger = membershipLedger(CONFIG)
  for (let at = 0; at < 40; at++) apply(ledger, { kind: 'registered', index: at }, at + 1, 10 * at)
  apply(ledger, { kind: 'exited', index: 20 }, 50, 410)
  apply(ledger, { kind: 'renewed', index: 10 }, 51, 420)
  apply(ledger, { kind: 'slashed', index: 33 }, 52, 430)
  apply(ledger, { kind: 'slashed', index: 20 }, 53, 440)
  ledger.advance({ number: 60n, timestamp: 450 })
  return ledger
}

let ledger: MembershipLedger
let header: SnapshotHeader
let bytes: Uint8Array
let expected: SnapshotExpectation

beforeAll(() => {
  ledger = grown()
  const state = ledger.state()!
  header = snapshotHeader(state, NETWORK)
  bytes = writeSnapshot(header, state)
  expected = { ...header, graceSeconds: CONFIG.graceSeconds }
})

const load = (given = bytes, as = expected) => loadSnapshot(readSnapshot(given), as)
function changed(at: number, by = 1): Uint8Array {
  const copy = bytes.slice()
  copy[at]! ^= by
  return copy
}

describe('a snapshot', () => {
  it('says what it is of', () => {
    expect(readSnapshotHeader(bytes)).toEqual({ ...header, registry: HOLDER.toLowerCase() })
    expect(header).toMatchObject({ memberCount: 40, changeCount: 44, slashCount: 2, timestamp: 450 })
    expect(bytes.length).toBe(snapshotSize(header))
  })

  it('gives the same members, roots, paths and secrets', () => {
    const { state, check } = load()
    const restored = membershipLedger(CONFIG, state)
    expect(restored.roots()).toEqual(ledger.roots())
    expect(restored.ledgerHash).toBe(ledger.ledgerHash)
    for (let index = 0; index < 40; index++) {
      expect(restored.member(index)).toEqual(ledger.member(index))
      expect(restored.path(index)).toEqual(ledger.path(index))
    }
    expect(restored.member(0)).toMatchObject({ state: 'expired' })
    expect(restored.revealedSecrets()).toEqual(ledger.revealedSecrets())
    while (!check.step(7));
    expect(check.left).toBe(0)
  })

  it('continues as the ledger that it was taken from, whatever follows', () => {
    const kinds = fc.constantFrom('registered', 'registered', 'renewed', 'exited', 'slashed')
    const steps = fc.array(fc.record({ kind: kinds, index: fc.nat(45) }), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(steps, fc.nat(400), (more, pause) => {
        const [whole, restored] = [grown(), membershipLedger(CONFIG, load().state)]
        more.forEach((step, at) => {
          for (const one of [whole, restored]) apply(one, step, 100 + at, 460 + pause * at)
        })
        expect(restored.ledgerHash).toBe(whole.ledgerHash)
        expect(restored.roots()).toEqual(whole.roots())
        expect(restored.revealedSecrets()).toEqual(whole.revealedSecrets())
        const again = restored.state()!
        expect(writeSnapshot(snapshotHeader(again, NETWORK), again)).toEqual(
          writeSnapshot(snapshotHeader(whole.state()!, NETWORK), whole.state()!),
        )
      }),
      { numRuns: 20 },
    )
  })

  it('can be checked while it is in use', () => {
    const { state, check } = load()
    const restored = membershipLedger(CONFIG, state)
    for (let at = 0; !check.step(3); at++) apply(restored, { kind: 'registered', index: 0 }, 100 + at, 460)
    expect(check.left).toBe(0)
  })

  it('is written of an empty registry too', () => {
    const empty = membershipLedger(CONFIG)
    empty.advance({ number: 1n, timestamp: 5 })
    const state = empty.state()!
    const none = snapshotHeader(state, NETWORK)
    const { state: loaded } = load(writeSnapshot(none, state), { ...none, graceSeconds: 0 })
    expect(membershipLedger(CONFIG, loaded).root).toBe(empty.root)
  })
})

describe('when a snapshot must be refused', () => {
  it.each([
    { given: 'another chain', as: { chainId: 1 }, code: 'OTHER_NETWORK' },
    { given: 'another registry', as: { registry: numberToHex(1, { size: 20 }) }, code: 'OTHER_NETWORK' },
    { given: 'another block hash', as: { blockHash: numberToHex(1, { size: 32 }) }, code: 'OTHER_NETWORK' },
    { given: 'another time of that block', as: { timestamp: 449 }, code: 'OTHER_NETWORK' },
    { given: 'another depth', as: { depth: 20 }, code: 'OTHER_NETWORK' },
    {
      given: 'another ledger hash on chain',
      as: { ledgerHash: numberToHex(1, { size: 32 }) },
      code: 'HASH_MISMATCH',
    },
  ])('$given: $code', ({ as, code }) => {
    expect(() => load(bytes, { ...expected, ...as })).toThrow(expect.objectContaining({ code }) as Error)
  })

  it('any bit of any change: HASH_MISMATCH', () => {
    fc.assert(
      fc.property(fc.nat(44 * RECORD_BYTES - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const code = 'HASH_MISMATCH'
        const tampered = changed(SNAPSHOT_HEADER_BYTES + at, by)
        expect(() => load(tampered)).toThrow(expect.objectContaining({ code }) as Error)
      }),
      { numRuns: 100 },
    )
  })

  it.each([
    { given: 'a secret of nobody', at: 5 },
    { given: 'a slash of later than the snapshot', at: 33 },
  ])('$given: BAD_CHANGE', ({ at }) => {
    const tampered = changed(SNAPSHOT_HEADER_BYTES + 44 * RECORD_BYTES + at)
    expect(() => load(tampered)).toThrow(expect.objectContaining({ code: 'BAD_CHANGE' }) as Error)
  })

  it('any node that is not the hash of its children: WRONG_NODE, by name', () => {
    const nodes = SNAPSHOT_HEADER_BYTES + 44 * RECORD_BYTES + 2 * 40
    for (let node = 0; node * 32 < bytes.length - nodes; node++) {
      const tampered = changed(nodes + node * 32 + (node % 31))
      const run = () => {
        const { check } = load(tampered)
        while (!check.step(5));
      }
      expect(run, `node ${node}`).toThrow(expect.objectContaining({ code: 'WRONG_NODE' }) as Error)
    }
  })

  it.each([
    { given: 'other bytes', make: () => changed(0), code: 'NOT_A_SNAPSHOT' },
    { given: 'a version that is not known', make: () => changed(7, 3), code: 'UNKNOWN_VERSION' },
    { given: 'a byte less', make: () => bytes.slice(0, -1), code: 'WRONG_SIZE' },
    { given: 'a byte more', make: () => Uint8Array.from([...bytes, 0]), code: 'WRONG_SIZE' },
    { given: 'nothing', make: () => new Uint8Array(0), code: 'WRONG_SIZE' },
    { given: 'half a header', make: () => bytes.slice(0, 60), code: 'WRONG_SIZE' },
    { given: 'a reserved byte', make: () => changed(37), code: 'BAD_HEADER' },
    { given: 'a depth of 255', make: () => changed(36, 255 ^ 5), code: 'BAD_HEADER' },
    { given: 'more members than changes', make: () => changed(120, 255), code: 'BAD_HEADER' },
  ])('$given: $code', ({ make, code }) => {
    expect(() => load(make())).toThrow(expect.objectContaining({ code }) as Error)
  })

  it('a header that names more trees than any memory holds: WRONG_SIZE, at once', () => {
    const greedy = bytes.slice()
    greedy[36] = 1 // trees of two leaves
    greedy.fill(0xff, 120, 128)
    greedy[123] = 0xfe // 2³² − 2 members and 2³² − 1 changes
    const refused = expect.objectContaining({ code: 'WRONG_SIZE' }) as Error
    expect(() => readSnapshot(greedy)).toThrow(refused)
  })

  it('any bytes at all, without any other error and without using memory that is not there', () => {
    const mutated = fc
      .array(fc.tuple(fc.nat(SNAPSHOT_HEADER_BYTES + 80), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((edits) => edits.reduce((copy, [at, to]) => ((copy[at] = to), copy), bytes.slice()))
    const any = fc.oneof(mutated, fc.uint8Array({ maxLength: 400 }))
    fc.assert(
      fc.property(any, (given) => {
        try {
          readSnapshot(given)
        } catch (error) {
          expect(error).toMatchObject({ name: 'SnapshotError' })
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
