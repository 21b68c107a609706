import { describe, expect, it } from 'vitest'
import { areaOf, isArea } from './areas.ts'

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
    ['test/integration/spine/walk.test.ts', 'spine'],
    ['scripts/test/areas.test.ts', 'spine'],
  ])('puts %s in %s', (file, area) => {
    expect(areaOf(file)).toBe(area)
  })

  it('knows no area for a file outside every folder, so that the runner can refuse it', () => {
    expect(areaOf('test/somewhere/else.test.ts')).toBeUndefined()
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
