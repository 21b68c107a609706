import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { WireError } from './errors.ts'
import { WakuMessage } from './generated/waku.js'
import { MAX_CONTENT_TOPIC_BYTES, MAX_MESSAGE_BYTES, MAX_META_BYTES } from './limits.ts'
import { decodeMessage, encodeMessage, messageHash } from './message.ts'

const MESSAGE: WakuMessage = {
  payload: hexToBytes('010203045445535405060708'),
  contentTopic: '/waku/2/default-content/proto',
  timestamp: 0x175789bfa23f8400n,
}
const META_64 = Uint8Array.from({ length: 64 }, (_, index) => index)

describe('messageHash', () => {
  // 14/WAKU2-MESSAGE, "Test vectors"
  it.each([
    {
      given: '12 bytes of meta',
      message: { ...MESSAGE, meta: hexToBytes('73757065722d736563726574') },
      hash: '64cce733fed134e83da02b02c6f689814872b1a0ac97ea56b76095c3c72bfe05',
    },
    {
      given: '64 bytes of meta',
      message: { ...MESSAGE, meta: META_64 },
      hash: '7158b6498753313368b9af8f6e0a0a05104f68f972981da42a43bc53fb0c1b27',
    },
    {
      given: 'no meta',
      message: MESSAGE,
      hash: 'a2554498b31f5bcdfcbf7fa58ad1c2d45f0254f3f8110a85588ec3cf10720fd8',
    },
    {
      given: 'an empty payload',
      message: { ...MESSAGE, payload: new Uint8Array(0), meta: hexToBytes('73757065722d736563726574') },
      hash: '483ea950cb63f9b9d6926b262bb36194d3f40a0463ce8446228350bd44e96de4',
    },
  ])('gives the hash of the specification for $given', ({ message, hash }) => {
    expect(bytesToHex(messageHash('/waku/2/default-waku/proto', message))).toBe(hash)
  })
})

describe('encodeMessage and decodeMessage', () => {
  it('carry every field', () => {
    const bytes = (fill: number, length = 32) => new Uint8Array(length).fill(fill)
    const message: WakuMessage = {
      ...MESSAGE,
      version: 0,
      meta: META_64,
      ephemeral: true,
      rateLimitProof: {
        proof: bytes(1, 128),
        merkleRoot: bytes(2),
        epoch: bytes(3),
        shareX: bytes(4),
        shareY: bytes(5),
        nullifier: bytes(6),
        rlnIdentifier: bytes(7),
      },
    }
    expect(decodeMessage(encodeMessage(message))).toEqual(message)
  })

  it('use the field numbers of the specification', () => {
    const encoded = encodeMessage({
      payload: Uint8Array.of(9),
      contentTopic: 'a',
      timestamp: -1n,
      ephemeral: true,
    })
    expect(bytesToHex(encoded)).toBe('0a0109' + '120161' + '5001' + 'f80101')
  })

  it('pass over unknown fields', () => {
    const unknown = Uint8Array.of(0xf8, 0x3f, 0x01)
    const decoded = decodeMessage(Uint8Array.of(...encodeMessage(MESSAGE), ...unknown))
    expect(decoded).toEqual(MESSAGE)
  })
})

describe('when they must refuse', () => {
  const topicOf = (length: number) => '/'.repeat(length)
  it.each([
    {
      given: 'too large a message',
      message: { ...MESSAGE, payload: new Uint8Array(MAX_MESSAGE_BYTES) },
      code: 'TOO_LARGE',
    },
    {
      given: 'too long a meta',
      message: { ...MESSAGE, meta: new Uint8Array(MAX_META_BYTES + 1) },
      code: 'TOO_LARGE',
    },
    { given: 'no content topic', message: { ...MESSAGE, contentTopic: '' }, code: 'INVALID_TOPIC' },
    { given: 'a lone surrogate', message: { ...MESSAGE, contentTopic: '/a\uD800' }, code: 'INVALID_TOPIC' },
    {
      given: 'too long a content topic',
      message: { ...MESSAGE, contentTopic: topicOf(MAX_CONTENT_TOPIC_BYTES + 1) },
      code: 'TOO_LARGE',
    },
  ])('encodeMessage throws $code for $given', ({ message, code }) => {
    expect(() => encodeMessage(message)).toThrowError(expect.objectContaining({ code }))
    expect(() => decodeMessage(WakuMessage.encode(message))).toThrowError(
      expect.objectContaining({ code: expect.any(String) }),
    )
  })

  it('decodeMessage throws MALFORMED for a topic that is not UTF-8', () => {
    expect(() => decodeMessage(Uint8Array.of(0x12, 2, 0xc3, 0x28))).toThrowError(
      expect.objectContaining({ code: 'MALFORMED' }),
    )
  })

  it('decodeMessage takes any bytes and throws nothing but WireErrors', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          encodeMessage(decodeMessage(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('decodeMessage survives a bit flipped anywhere', () => {
    const valid = encodeMessage({ ...MESSAGE, meta: META_64 })
    fc.assert(
      fc.property(fc.nat(valid.length - 1), fc.nat(7), (at, bit) => {
        const bytes = Uint8Array.from(valid)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        try {
          decodeMessage(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
        }
      }),
    )
  })
  it('decodeMessage does not overflow the stack on nested groups', () => {
    const groups = new Uint8Array(MAX_MESSAGE_BYTES).fill(0x0b + 8 * 12)
    expect(() => decodeMessage(groups)).toThrowError(WireError)
  })
})
