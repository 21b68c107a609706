import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeLeaseAnswer,
  decodeLeaseRequest,
  encodeLeaseAnswer,
  encodeLeaseRequest,
  isSigned,
  LeaseWireError,
  signClaim,
} from './index.ts'

const identifier = new Uint8Array(32).fill(1)
const seed = new Uint8Array(32).fill(2)
const claim = signClaim(identifier, { epoch: 5n, first: 3, end: 9, nonce: new Uint8Array(16).fill(3) }, seed)

describe('a claim', () => {
  it('is signed about network, epoch, places and nonce', () => {
    expect(isSigned(identifier, claim)).toBe(true)
    const changes = [{ epoch: 6n }, { first: 2 }, { end: 10 }, { nonce: new Uint8Array(16) }]
    for (const change of changes) expect(isSigned(identifier, { ...claim, ...change })).toBe(false)
    expect(isSigned(new Uint8Array(32), claim)).toBe(false)
    expect(isSigned(identifier, { ...claim, key: new Uint8Array(32).fill(0xff) })).toBe(false)
  })

  it('travels there and back', () => {
    const { key, epoch, ...range } = claim
    const request = encodeLeaseRequest({ key, epoch, claim: range }, 'a')
    expect(decodeLeaseRequest(request)).toEqual({ requestId: 'a', question: { key, epoch, claim: range } })
    expect(decodeLeaseRequest(encodeLeaseRequest())).toEqual({ requestId: '' })
    const answer = { status: 409, description: 'TAKEN', time: 1_800_000_000_000, taken: range }
    expect(decodeLeaseAnswer(encodeLeaseAnswer(answer))).toEqual(answer)
  })
})

describe('when it must refuse', () => {
  it.each([{ time: 0 }, { taken: { ...claim, nonce: new Uint8Array(3) } }, { taken: { ...claim, end: 3 } }])(
    'an answer with %o',
    (change) => {
      const answer = encodeLeaseAnswer({ status: 200, description: 'OK', time: 1, ...change })
      expect(() => decodeLeaseAnswer(answer)).toThrow(expect.objectContaining({ code: 'BAD_ANSWER' }))
    },
  )

  it('any bytes, with its own error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeLeaseAnswer(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(LeaseWireError)
        }
      }),
    )
  })
})
