import { buildPoseidon } from 'circomlibjs'
import fc from 'fast-check'
import { FIELD } from '@teahouse/protocol/rln'
import { poseidon1 } from 'poseidon-lite/poseidon1'
import { poseidon2 } from 'poseidon-lite/poseidon2'
import { poseidon3 } from 'poseidon-lite/poseidon3'
import { describe, it } from 'vitest'

const poseidon = await buildPoseidon()
const reference = (inputs: bigint[]): bigint => poseidon.F.toObject(poseidon(inputs))
const element = fc.oneof(fc.bigInt({ min: 0n, max: FIELD - 1n }), fc.constantFrom(0n, 1n, FIELD - 1n))

describe('Poseidon', () => {
  it.each([
    { inputs: 1, hash: poseidon1 },
    { inputs: 2, hash: poseidon2 },
    { inputs: 3, hash: poseidon3 },
  ])('of $inputs is the same in poseidon-lite and circomlibjs', ({ inputs, hash }) => {
    const values = fc.array(element, { minLength: inputs, maxLength: inputs })
    fc.assert(
      fc.property(values, (given) => hash(given) === reference(given)),
      { numRuns: 50 },
    )
  })
})
