import { describe, expect, it } from 'vitest'
import { FIELD } from './field.ts'
import { identityFromSecret, rateCommitment } from './identity.ts'

describe('an identity', () => {
  it('commits to its secret by Poseidon', () => {
    const expected = 18586133768512220936620570745912940619677854269274689475585506675881198879027n
    expect(identityFromSecret(1n)).toEqual({ secret: 1n, commitment: expected })
  })

  it('gets its leaf together with its limit', () => {
    const { commitment } = identityFromSecret(1n)
    expect(rateCommitment(commitment, 1)).not.toBe(rateCommitment(commitment, 2))
  })

  it.each([0n, -1n, FIELD, FIELD + 1n])('has no secret %s', (secret) => {
    expect(() => identityFromSecret(secret)).toThrow(expect.objectContaining({ code: 'OUT_OF_FIELD' }))
  })

  it.each([0, -1, 65_536, 1.5, NaN])('has no limit of %s', (limit) => {
    expect(() => rateCommitment(1n, limit)).toThrow(expect.objectContaining({ code: 'BAD_LIMIT' }))
  })
})
