import { expect, it } from 'vitest'
import { withGasMargin } from './gas-margin.ts'

it('leaves room for a word that others empty, and for an eighth', () => {
  expect(withGasMargin(80_000n)).toBe(107_100n)
  expect(withGasMargin(0n)).toBeGreaterThan(17_000n)
})
