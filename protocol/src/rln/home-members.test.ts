import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identityFromSecret, rateCommitment } from './identity.ts'
import { type HomeChange, type HomeEntry, type MembershipChange, nextLedgerHash } from './ledger-change.ts'
import { membershipLedger, type MembershipLedger } from './ledger.ts'
import { membershipTree, rootOfPath } from './tree.ts'

const HOLDER = `0x${'ab'.repeat(20)}` as const
const CONFIG = { graceSeconds: 10, rootWindowSeconds: 60, depth: 4 }
const LIMIT = 10
const HOME = 7
const OTHER = 8
const commitmentOf = (index: number) => identityFromSecret(BigInt(index + 1)).commitment
const leafOf = (index: number) => rateCommitment(commitmentOf(index), LIMIT)

/** A ledger with what happened so far, and the time, which a change moves by a second. */
function scene(follows = true) {
  const ledger = membershipLedger(CONFIG)
  const entries: HomeEntry[] = []
  if (follows) ledger.followHome(HOME, [])
  let second = 0
  const block = () => ({ number: BigInt(++second), timestamp: second })

  function apply(change: MembershipChange, expiry: number): void {
    const hash = nextLedgerHash(ledger.ledgerHash, change, { rateLimit: LIMIT, expiry })
    ledger.apply({ ...change, ledger: hash }, block())
    if (change.kind === 'registered') entries.push(change)
  }
  const base = (index: number) =>
    ({ index, idCommitment: commitmentOf(index), holder: HOLDER, ledger: '0x' }) as const

  return {
    ledger,
    entries,
    now: () => second,
    join: (home: number, expiry = 1_000) =>
      apply({ kind: 'registered', ...base(ledger.memberCount), rateLimit: LIMIT, expiry, home }, expiry),
    exit: (index: number) => apply({ kind: 'exited', ...base(index) }, ledger.member(index)!.expiry),
    move(index: number, home: number, previous = 0): void {
      const { idCommitment, holder } = base(index)
      const change: HomeChange = { kind: 'homeSet', idCommitment, holder, home, previous }
      ledger.setHome(change, block())
      entries.push(change)
    },
    pass: (seconds: number) => ledger.advance({ number: BigInt((second += seconds)), timestamp: second }),
  }
}

const home = (ledger: MembershipLedger) => ledger.home!
function rootOf(...leaves: bigint[]): bigint {
  const tree = membershipTree(CONFIG.depth)
  leaves.forEach((leaf, place) => tree.set(place, leaf))
  return tree.root
}

describe('the members of a home', () => {
  it('stand in a tree of their own, in the order in which they came', () => {
    const { ledger, join, move } = scene()
    join(OTHER)
    join(HOME)
    join(0)
    join(HOME)
    move(2, HOME)
    expect(home(ledger)).toMatchObject({ operatorId: HOME, count: 3 })
    expect(home(ledger).roots()).toEqual([rootOf(leafOf(1), leafOf(3), leafOf(2))])
    expect(rootOfPath(leafOf(2), home(ledger).path(2)!)).toBe(home(ledger).rootOf(2))
    expect(home(ledger).path(0)).toBeUndefined()
  })

  it('leave an empty place, and get a new one when they come back', () => {
    const { ledger, join, move } = scene()
    for (let n = 0; n < 3; n++) join(HOME)
    move(0, OTHER, HOME)
    expect(home(ledger).roots()).toEqual([rootOf(0n, leafOf(1), leafOf(2))])
    move(0, HOME, OTHER)
    move(0, HOME, HOME)
    expect(home(ledger).roots()).toEqual([rootOf(0n, leafOf(1), leafOf(2), leafOf(0))])
  })

  it('are gone with their leaf: by exit, and after expiry and grace', () => {
    const { ledger, join, exit, pass } = scene()
    join(HOME)
    join(HOME, 5)
    exit(0)
    expect(home(ledger).roots()).toEqual([rootOf(0n, leafOf(1))])
    pass(20)
    expect(home(ledger)).toMatchObject({ count: 0 })
    expect(home(ledger).roots()).toEqual([rootOf()])
    expect(home(ledger).has(0) || home(ledger).has(1)).toBe(false)
  })

  it('prove under a replaced root until its window ends', () => {
    const { ledger, join, pass, now } = scene()
    join(HOME)
    const before = home(ledger).rootOf(0)!
    join(OTHER)
    expect(home(ledger).rootStatus(before, now())).toBe('current')
    join(HOME)
    expect(home(ledger).rootStatus(before, now())).toBe('recent')
    pass(61)
    expect(home(ledger).rootStatus(before, now())).toBe('expired')
    expect(home(ledger).rootStatus(ledger.root, now())).toBe('unknown')
  })

  it('fill a second tree when the first is full', () => {
    const { ledger, join } = scene()
    for (let n = 0; n < 17; n++) join(HOME)
    expect(home(ledger).roots()).toHaveLength(2)
    expect(rootOfPath(leafOf(16), home(ledger).path(16)!)).toBe(home(ledger).roots()[1])
  })

  it('are the same for who follows later, whatever happened', () => {
    const step = fc.tuple(
      fc.constantFrom('join', 'move', 'exit', 'pass'),
      fc.nat(5),
      fc.constantFrom(0, HOME, OTHER),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, from) => {
        const early = scene()
        const late = scene(false)
        const where: number[] = []
        steps.forEach(([kind, index, to], at) => {
          if (at === from) late.ledger.followHome(HOME, late.entries)
          for (const { ledger, join, move, exit, pass } of [early, late]) {
            if (kind === 'join') join(to, 20 + index * 100)
            else if (kind === 'pass') pass(index)
            else if (index >= ledger.memberCount) continue
            else if (kind === 'move') move(index, to, where[index] ?? 0)
            else if (ledger.member(index)!.active && ledger.member(index)!.expiry + 10 > early.now() + 2)
              exit(index)
          }
          if (kind === 'join') where.push(to)
          if (kind === 'move' && index < where.length) where[index] = to
        })
        if (from >= steps.length) late.ledger.followHome(HOME, late.entries)
        expect(home(late.ledger).roots()).toEqual(home(early.ledger).roots())
        expect(home(late.ledger).count).toBe(home(early.ledger).count)
      }),
    )
  })
})
