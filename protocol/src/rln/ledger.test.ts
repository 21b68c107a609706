import fc from 'fast-check'
import type { Address } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { identityFromSecret, rateCommitment } from './identity.ts'
import { EMPTY_LEDGER, type MembershipChange, nextLedgerHash } from './ledger-change.ts'
import { type LedgerBlock, membershipLedger, type MembershipLedger } from './ledger.ts'
import { membershipTree, rootOfPath } from './tree.ts'

const HOLDER: Address = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'
const TERM = 1_000
const GRACE = 100
const WINDOW = 60
const commitmentOf = (secret: bigint) => identityFromSecret(secret).commitment
const leafOf = (secret: bigint, limit = 10) => rateCommitment(commitmentOf(secret), limit)

type Bare = MembershipChange extends infer Change
  ? Change extends unknown
    ? Omit<Change, 'ledger'>
    : never
  : never

/** Fills in the ledger hash as the registry would. */
function sealed(ledger: MembershipLedger, change: Bare): MembershipChange {
  const member = 'rateLimit' in change ? change : ledger.member(change.index)!
  const expiry = 'expiry' in change ? change.expiry : member.expiry
  return {
    ...change,
    ledger: nextLedgerHash(ledger.ledgerHash, change, { rateLimit: member.rateLimit, expiry }),
  }
}

const base = (index: number, secret: bigint) => ({
  index,
  idCommitment: commitmentOf(secret),
  holder: HOLDER,
})
const registered = (index: number, secret: bigint, expiry = TERM, rateLimit = 10): Bare => {
  return { kind: 'registered', ...base(index, secret), rateLimit, expiry, home: 1 }
}
const at = (number: number, timestamp: number): LedgerBlock => ({ number: BigInt(number), timestamp })

let ledger: MembershipLedger
const apply = (change: Bare, block: LedgerBlock) => ledger.apply(sealed(ledger, change), block)
beforeEach(() => {
  ledger = membershipLedger({ graceSeconds: GRACE, rootWindowSeconds: WINDOW })
})

describe('what the ledger does', () => {
  it('puts members into the tree in the order of their index', () => {
    apply(registered(0, 5n), at(1, 10))
    apply(registered(1, 6n, TERM, 3), at(2, 20))
    const tree = membershipTree()
    tree.set(0, leafOf(5n))
    tree.set(1, leafOf(6n, 3))
    expect(ledger.root).toBe(tree.root)
    expect(rootOfPath(leafOf(6n, 3), ledger.path(1))).toBe(ledger.root)
    expect(ledger.memberCount).toBe(2)
    expect(ledger.membersOf(commitmentOf(6n))).toMatchObject([
      { index: 1, rateLimit: 3, state: 'active', active: true },
    ])
  })

  it('keeps a replaced root for the window after the replacing block, by its last second', () => {
    apply(registered(0, 5n), at(1, 10))
    const { root } = ledger
    apply(registered(1, 6n), at(2, 20))
    expect(ledger.rootStatus(root, 20 + WINDOW)).toBe('recent')
    expect(ledger.isValidRoot(root, 20 + WINDOW)).toBe(true)
    expect(ledger.rootStatus(root, 21 + WINDOW)).toBe('expired')
    expect(ledger.isValidRoot(root, 21 + WINDOW)).toBe(false)
    expect(ledger.rootStatus(ledger.root, 1e9)).toBe('current')
    expect(ledger.rootStatus(12345n, 20)).toBe('unknown')
  })

  it('has one root a block: those in between never count', () => {
    apply(registered(0, 5n), at(1, 10))
    const between = ledger.root
    apply(registered(1, 6n), at(1, 10))
    expect(ledger.isValidRoot(between, 10)).toBe(false)
  })

  it('zeroes a leaf in the first block later than expiry and grace', () => {
    const { root: empty } = ledger
    apply(registered(0, 5n), at(1, 10))
    const { root } = ledger
    ledger.advance(at(2, TERM + GRACE))
    expect(ledger.root).toBe(root)
    ledger.advance(at(3, TERM + GRACE + 1))
    expect(ledger.root).toBe(empty)
    expect(ledger.member(0)).toMatchObject({ state: 'expired', active: false })
    expect(ledger.isValidRoot(root, TERM + GRACE + 1 + WINDOW)).toBe(true)
    expect(ledger.isValidRoot(root, TERM + GRACE + 2 + WINDOW)).toBe(false)
  })

  it('keeps the leaf of who renews, within the grace period too', () => {
    apply(registered(0, 5n), at(1, 10))
    const { root } = ledger
    apply({ kind: 'renewed', ...base(0, 5n), expiry: 2 * TERM }, at(2, TERM + GRACE))
    expect(ledger.root).toBe(root)
    ledger.advance(at(3, 2 * TERM + GRACE))
    expect(ledger.member(0)).toMatchObject({ state: 'active', expiry: 2 * TERM })
    ledger.advance(at(4, 2 * TERM + GRACE + 1))
    expect(ledger.member(0)).toMatchObject({ state: 'expired' })
  })

  it('zeroes the leaf of who exits, and of who is slashed', () => {
    const { root: empty } = ledger
    apply(registered(0, 5n), at(1, 10))
    apply(registered(1, 6n), at(2, 20))
    apply({ kind: 'exited', ...base(0, 5n) }, at(3, 30))
    apply({ kind: 'slashed', ...base(1, 6n), secret: 6n }, at(3, 30))
    expect(ledger.root).toBe(empty)
    expect([0, 1].map((index) => ledger.member(index)!.state)).toEqual(['exited', 'slashed'])
  })

  it('tells revealed secrets through the root window', () => {
    apply(registered(0, 5n), at(1, 10))
    apply({ kind: 'slashed', ...base(0, 5n), secret: 5n }, at(2, 20))
    expect(ledger.revealedSecrets()).toEqual([5n])
    ledger.advance(at(3, 20 + WINDOW))
    expect(ledger.revealedSecrets()).toEqual([5n])
    ledger.advance(at(4, 21 + WINDOW))
    expect(ledger.revealedSecrets()).toEqual([])
  })

  it('tells a revealed secret for as long as another membership of it is active', () => {
    apply(registered(0, 5n, 10 * TERM), at(1, 10))
    apply({ ...registered(1, 5n), holder: `0x${'1'.repeat(40)}` }, at(1, 10))
    apply({ kind: 'slashed', ...base(0, 5n), secret: 5n }, at(2, 20))
    ledger.advance(at(3, 30 + WINDOW))
    expect(ledger.revealedSecrets()).toEqual([5n])
    ledger.advance(at(4, TERM + GRACE + 1))
    expect(ledger.revealedSecrets()).toEqual([])
  })

  it('slashes who has exited, and whose term is over', () => {
    apply(registered(0, 5n), at(1, 10))
    apply({ kind: 'exited', ...base(0, 5n) }, at(2, 20))
    apply({ kind: 'slashed', ...base(0, 5n), secret: 5n }, at(3, 30))
    expect(ledger.revealedSecrets()).toEqual([5n])
    apply(registered(1, 6n), at(4, 40))
    ledger.advance(at(5, TERM + GRACE + 1))
    apply({ kind: 'slashed', ...base(1, 6n), secret: 6n }, at(6, TERM + GRACE + 2))
    expect(ledger.member(1)).toMatchObject({ state: 'slashed' })
  })

  it('survives the slashing of the secret zero, which anyone can register', () => {
    const idCommitment = 19014214495641488759237505126948346942972912379615652741039992445865937985820n
    apply(
      { kind: 'registered', index: 0, idCommitment, holder: HOLDER, rateLimit: 1, expiry: TERM, home: 0 },
      at(1, 10),
    )
    apply({ kind: 'slashed', index: 0, idCommitment, holder: HOLDER, secret: 0n }, at(2, 20))
    ledger.advance(at(3, 30 + WINDOW))
    expect(ledger.member(0)).toMatchObject({ state: 'slashed' })
  })

  it('starts another tree when one is full', () => {
    ledger = membershipLedger({ graceSeconds: GRACE, rootWindowSeconds: WINDOW, depth: 1 })
    for (const index of [0, 1, 2]) apply(registered(index, BigInt(index + 1)), at(index, index))
    expect(ledger.rootOf(0)).not.toBe(ledger.root)
    expect(ledger.rootOf(2)).toBe(ledger.root)
    expect(ledger.isValidRoot(ledger.rootOf(0), 1e6)).toBe(true)
    expect(rootOfPath(leafOf(2n), ledger.path(1))).toBe(ledger.rootOf(0))
    expect(rootOfPath(leafOf(3n), ledger.path(2))).toBe(ledger.root)
  })

  it('has the same roots when it skips those that nobody will ask for', () => {
    const quick = membershipLedger({ graceSeconds: GRACE, rootWindowSeconds: WINDOW, startSeconds: 90 })
    for (const [index, time] of [10, 20, 30, 40].entries()) {
      const change = sealed(ledger, registered(index, BigInt(index + 1)))
      const { root } = ledger
      ledger.apply(change, at(index, time))
      quick.apply(change, at(index, time))
      const status = ledger.rootStatus(root, 90)
      expect(quick.rootStatus(root, 90)).toBe(status === 'expired' ? 'unknown' : status)
    }
    expect(quick.root).toBe(ledger.root)
  })

  it('has the root of its active members after any history', () => {
    const step = fc.record({
      pick: fc.nat(20),
      kind: fc.constantFrom('registered', 'renewed', 'exited', 'slashed', 'block'),
      wait: fc.nat(400),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        ledger = membershipLedger({ graceSeconds: GRACE, rootWindowSeconds: WINDOW, depth: 5 })
        let now = 0
        steps.forEach(({ pick, kind, wait }, number) => {
          now += wait
          const block = at(number, now)
          ledger.advance(block)
          const index = pick % Math.max(1, ledger.memberCount)
          const member = ledger.member(index)
          const secret = BigInt(index + 1)
          if (kind === 'registered')
            apply(registered(ledger.memberCount, BigInt(ledger.memberCount + 1), now + TERM), block)
          else if (kind === 'renewed' && member?.active)
            apply({ kind, ...base(index, secret), expiry: member.expiry + TERM }, block)
          else if (kind === 'exited' && member?.active) apply({ kind, ...base(index, secret) }, block)
          else if (kind === 'slashed' && member && member.state !== 'slashed')
            apply({ kind, ...base(index, secret), secret }, block)
        })
        const tree = membershipTree(5)
        for (let index = 0; index < ledger.memberCount; index++) {
          const member = ledger.member(index)!
          const live = !['exited', 'slashed'].includes(member.state) && now <= member.expiry + GRACE
          expect(member.active).toBe(live)
          if (live) tree.set(index, leafOf(BigInt(index + 1)))
        }
        expect(ledger.root).toBe(tree.root)
      }),
      { numRuns: 25 },
    )
  })
})

describe('when it must refuse', () => {
  beforeEach(() => apply(registered(0, 5n), at(5, 10)))

  it.each<{ given: string; change: Bare; code: string }>([
    { given: 'a skipped member', change: registered(2, 6n), code: 'OUT_OF_ORDER' },
    { given: 'a member registered again', change: registered(0, 6n), code: 'OUT_OF_ORDER' },
    {
      given: 'an exit of another commitment',
      change: { kind: 'exited', ...base(0, 6n) },
      code: 'WRONG_MEMBER',
    },
    {
      given: 'an exit of another holder',
      change: { kind: 'exited', ...base(0, 5n), holder: `0x${'2'.repeat(40)}` },
      code: 'WRONG_MEMBER',
    },
    {
      given: 'a slashing by a wrong secret',
      change: { kind: 'slashed', ...base(0, 5n), secret: 6n },
      code: 'WRONG_MEMBER',
    },
  ])('given $given, answers $code and stays as it is', ({ change, code }) => {
    const { root, ledgerHash, memberCount } = ledger
    expect(() => apply(change, at(6, 20))).toThrow(expect.objectContaining({ code }))
    expect(ledger).toMatchObject({ root, ledgerHash, memberCount })
  })

  it('given a member that nobody registered, answers UNKNOWN_MEMBER', () => {
    const change = { kind: 'exited', ...base(7, 5n), ledger: EMPTY_LEDGER } as const
    expect(() => ledger.apply(change, at(6, 20))).toThrow(expect.objectContaining({ code: 'UNKNOWN_MEMBER' }))
    expect(() => ledger.path(7)).toThrow(expect.objectContaining({ code: 'UNKNOWN_MEMBER' }))
  })

  it.each(['limit', 'expiry', 'holder', 'hash'])(
    'given another %s than the hash covers, answers HASH_MISMATCH',
    (what) => {
      const change = sealed(ledger, registered(1, 6n)) as Extract<MembershipChange, { kind: 'registered' }>
      const forged = {
        limit: { ...change, rateLimit: 11 },
        expiry: { ...change, expiry: TERM + 1 },
        holder: { ...change, holder: `0x${'3'.repeat(40)}` as const },
        hash: { ...change, ledger: EMPTY_LEDGER },
      }[what]!
      const { root } = ledger
      expect(() => ledger.apply(forged, at(6, 20))).toThrow(
        expect.objectContaining({ code: 'HASH_MISMATCH' }),
      )
      expect(ledger.root).toBe(root)
      ledger.apply(change, at(6, 20))
      expect(ledger.memberCount).toBe(2)
    },
  )

  it('given a left-out change, answers HASH_MISMATCH to the next one', () => {
    const other = membershipLedger({ graceSeconds: GRACE, rootWindowSeconds: WINDOW })
    other.apply(sealed(other, registered(0, 5n)), at(5, 10))
    other.apply(sealed(other, { kind: 'renewed', ...base(0, 5n), expiry: 2 * TERM }), at(6, 20))
    const next = sealed(other, registered(1, 6n))
    expect(() => ledger.apply(next, at(7, 30))).toThrow(expect.objectContaining({ code: 'HASH_MISMATCH' }))
  })

  it('given a renewal after the leaf is gone, answers BAD_STATE', () => {
    const renewal: Bare = { kind: 'renewed', ...base(0, 5n), expiry: 2 * TERM }
    expect(() => apply(renewal, at(6, TERM + GRACE + 1))).toThrow(
      expect.objectContaining({ code: 'BAD_STATE' }),
    )
  })

  it('given a second slashing, answers BAD_STATE', () => {
    const slashing: Bare = { kind: 'slashed', ...base(0, 5n), secret: 5n }
    apply(slashing, at(6, 20))
    expect(() => apply(slashing, at(7, 30))).toThrow(expect.objectContaining({ code: 'BAD_STATE' }))
  })

  it('given an older block, answers BLOCK_BACKWARDS', () => {
    expect(() => ledger.advance(at(4, 20))).toThrow(expect.objectContaining({ code: 'BLOCK_BACKWARDS' }))
  })
})
