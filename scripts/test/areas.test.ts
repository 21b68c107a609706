import { describe, expect, it } from 'vitest'
import { areaOf, isArea, isIn } from './areas.ts'

describe('areaOf', () => {
  it.each([
    ['test/contracts/escrow.test.ts', 'contracts'],
    ['protocol/src/rln/tree.test.ts', 'rln'],
    ['protocol/src/wire/message.test.ts', 'nodes'],
    ['protocol/src/payments/voucher.test.ts', 'market'],
    ['nodes/src/store/archive.test.ts', 'nodes'],
    ['nodes/src/payments/account.test.ts', 'market'],
    ['nodes/src/operator/set-up.test.ts', 'operator'],
    ['client/src/send.test.ts', 'client'],
    ['client/src/deals/deals.test.ts', 'deals'],
    ['test/integration/nodes/js-waku/light.test.ts', 'nodes'],
    ['test/browser/proving.test.ts', 'rln'],
    ['test/browser/js-waku.test.ts', 'nodes'],
    ['test/integration/spine/walk.test.ts', 'spine'],
    ['scripts/test/areas.test.ts', 'spine'],
  ])('puts %s in %s', (file, area) => {
    expect(areaOf(file)).toBe(area)
  })

  it('knows no area for a file outside every folder, so that the runner can refuse it', () => {
    expect(areaOf('test/somewhere/else.test.ts')).toBeUndefined()
  })
})

describe('isIn', () => {
  it.each([
    ['test/contracts/EscrowRulings.t.sol', true],
    ['test/contracts/attacks/EvaluatorAttacks.t.sol', true],
    ['test/contracts/gas/EnvelopeGas.t.sol', true],
    ['test/contracts/invariants/Escrow.t.sol', true],
    ['test/contracts/cab-ride.test.ts', true],
    ['test/contracts/MembershipRegistry.t.sol', false],
    ['client/src/deals/terms.test.ts', true],
    ['client/src/courts/courts.test.ts', false],
  ])('a run of deals has %s: %s', (file, expected) => {
    expect(isIn(file, 'deals')).toBe(expected)
  })

  it('leaves contract tests to a run of contracts all the same', () => {
    expect(isIn('test/contracts/Escrow.t.sol', 'contracts')).toBe(true)
  })
})

describe('isArea', () => {
  it.each([
    ['rln', true],
    ['RLN', false],
    ['toString', false],
  ])('%s: %s', (name, expected) => {
    expect(isArea(name)).toBe(expected)
  })
})
