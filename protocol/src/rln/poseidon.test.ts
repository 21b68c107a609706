import fc from 'fast-check'
import { poseidon1 as lite1 } from 'poseidon-lite/poseidon1'
import { poseidon2 as lite2 } from 'poseidon-lite/poseidon2'
import { describe, expect, it } from 'vitest'
import { FIELD } from './field.ts'
import { poseidon1, poseidon2 } from './poseidon.ts'

const edges = fc.constantFrom(0n, 1n, 2n, FIELD - 1n, FIELD, FIELD + 1n, 2n ** 256n - 1n)
const numbers = fc.oneof(edges, fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }))

describe('Poseidon with constants that are drawn', () => {
  it('is that of poseidon-lite', () => {
    const property = fc.property(numbers, numbers, (a, b) => {
      expect(poseidon1([a])).toBe(lite1([a]))
      expect(poseidon2([a, b])).toBe(lite2([a, b]))
    })
    fc.assert(property)
  })

  // circomlib, test/poseidoncircuit.js
  it('is that of circomlib', () => {
    const expected = 7853200120776062878684798364095072458815029376092732009249414926327459813530n
    expect(poseidon2([1n, 2n])).toBe(expected)
  })
})
