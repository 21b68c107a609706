import fc from 'fast-check'
import type { Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import { arrivalEvidence, newRide, rideDetails } from './cab-ride.ts'

describe('a ride', () => {
  it('has a code of its own each time, and other details with other steps', () => {
    const [first, second] = [newRide(), newRide()]
    expect(first.code).not.toBe(second.code)
    const details = [first.ride, second.ride, { ...first.ride, steps: [{ from: 1, bps: 1 }] }].map(
      rideDetails,
    )
    expect(new Set(details).size).toBe(3)
  })

  it('does not tell the code', () => {
    const { ride, code } = newRide()
    expect(JSON.stringify(ride)).not.toContain(code.slice(2))
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'more than the fare', steps: [{ from: 1, bps: 10_001 }] },
    { given: 'a negative share', steps: [{ from: 1, bps: -1 }] },
    { given: 'a part of a basis point', steps: [{ from: 1, bps: 0.5 }] },
    { given: 'a time before 1970', steps: [{ from: -1, bps: 1 }] },
    { given: 'a time that the contract can’t hold', steps: [{ from: 2 ** 40, bps: 1 }] },
    {
      given: 'steps in another order',
      steps: [
        { from: 2, bps: 1 },
        { from: 1, bps: 2 },
      ],
    },
  ])('given $given, says BAD_TERMS', ({ steps }) => {
    const detail = expect.objectContaining({ code: 'BAD_TERMS', field: 'details' }) as object
    const bad = expect.objectContaining({ detail }) as Error
    expect(() => newRide(steps)).toThrow(bad)
    expect(() => rideDetails({ ...newRide().ride, steps })).toThrow(bad)
  })

  it('given anything but its code, says BAD_EVIDENCE', () => {
    const { ride, code } = newRide()
    const words = fc.oneof(
      fc.string(),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => `0x${Buffer.from(bytes).toString('hex')}`),
    )
    fc.assert(
      fc.property(words, (word) => {
        fc.pre(word !== code)
        const evidence = () => arrivalEvidence(ride, word as Hex)
        expect(evidence).toThrow(expect.objectContaining({ detail: { code: 'BAD_EVIDENCE' } }) as Error)
      }),
    )
  })
})
