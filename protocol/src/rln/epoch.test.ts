import { poseidon2 } from 'poseidon-lite/poseidon2'
import { concat, encodePacked, keccak256, toHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { epochAt, epochBytes, epochOfBytes, externalNullifier, messageX, rlnIdentifier } from './epoch.ts'
import { FIELD } from './field.ts'

const REGISTRY = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const littleEndian = (hex: string) => BigInt(toHex(Buffer.from(hex.slice(2), 'hex').reverse()))

describe('epochs', () => {
  it('change at multiples of the period', () => {
    expect([0, 59, 59.9, 60, 119, 120].map((time) => epochAt(time, 60))).toEqual([0n, 0n, 0n, 1n, 1n, 2n])
  })

  it('are 32 little-endian bytes', () => {
    expect(epochBytes(258n).subarray(0, 3)).toEqual(Uint8Array.of(2, 1, 0))
    expect(epochOfBytes(epochBytes(2_938_271n))).toBe(2_938_271n)
  })

  it.each([
    { given: 'a time before 1970', make: () => epochAt(-1, 60) },
    { given: 'no time', make: () => epochAt(NaN, 60) },
    { given: 'a period of zero', make: () => epochAt(10, 0) },
    { given: 'a broken period', make: () => epochAt(10, 1.5) },
    { given: 'a negative epoch', make: () => epochBytes(-1n) },
    { given: 'an epoch of 33 bytes', make: () => epochBytes(1n << 256n) },
  ])('do not exist for $given', ({ make }) => {
    expect(make).toThrow(expect.objectContaining({ code: 'BAD_EPOCH' }))
  })
})

describe('what a proof is bound to', () => {
  it('names the application as the registry does', () => {
    const types = ['string', 'uint256', 'address'] as const
    const expected = keccak256(encodePacked(types, ['teahouse/rln/1', 31_337n, REGISTRY]))
    expect(toHex(rlnIdentifier(31_337, REGISTRY))).toBe(expected)
    expect(toHex(rlnIdentifier(31_337n, REGISTRY.toLowerCase()))).toBe(expected)
    expect(toHex(rlnIdentifier(1, REGISTRY))).not.toBe(expected)
  })

  it('joins epoch and application in the external nullifier', () => {
    const [epoch, application] = [epochBytes(7n), rlnIdentifier(1, REGISTRY)]
    const expected = poseidon2([
      littleEndian(keccak256(epoch)) % FIELD,
      littleEndian(keccak256(application)) % FIELD,
    ])
    expect(externalNullifier(epoch, application)).toBe(expected)
  })

  it('hashes payload, content topic and little-endian timestamp into x', () => {
    const payload = Uint8Array.of(1, 2, 3)
    const bytes = concat([
      payload,
      new TextEncoder().encode('/app/1/é/proto'),
      Uint8Array.of(4, 3, 0, 0, 0, 0, 0, 0),
    ])
    const x = messageX({ payload, contentTopic: '/app/1/é/proto', timestamp: 0x0304n })
    expect(x).toBe(littleEndian(keccak256(bytes)) % FIELD)
  })

  it('takes an absent timestamp as zero and a negative one as sint64', () => {
    const message = { payload: new Uint8Array(), contentTopic: '' }
    expect(messageX(message)).toBe(messageX({ ...message, timestamp: 0n }))
    expect(messageX({ ...message, timestamp: -1n })).not.toBe(messageX(message))
  })

  it.each([1n << 63n, -(1n << 63n) - 1n])('refuses the timestamp %s', (timestamp) => {
    const make = () => messageX({ payload: new Uint8Array(), contentTopic: '', timestamp })
    expect(make).toThrow(expect.objectContaining({ code: 'BAD_TIMESTAMP' }))
  })

  it('refuses what is no address and what is not 32 bytes', () => {
    expect(() => rlnIdentifier(1, '0x12')).toThrow(expect.objectContaining({ code: 'BAD_ADDRESS' }))
    const make = () => externalNullifier(new Uint8Array(31), new Uint8Array(32))
    expect(make).toThrow(expect.objectContaining({ code: 'BAD_LENGTH' }))
  })
})
