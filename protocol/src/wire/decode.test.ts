import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, type MessageCodec } from './decode.ts'
import { WireError } from './errors.ts'
import * as waku from './generated/waku.js'
import * as wire from './index.ts'

/** All messages there are. */
const CODECS = Object.entries(wire).filter(
  ([, one]) => typeof one === 'object' && 'decode' in one,
) as unknown as [string, MessageCodec<unknown>][]

describe('decode', () => {
  it.each(CODECS)('%s takes any bytes and throws nothing but WireErrors', (_name, codec) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decode(codec, bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(WireError)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('keeps repeated fields within their limit', () => {
    const request = waku.FilterSubscribeRequest.encode({ contentTopics: ['a', 'b', 'c'] })
    expect(decode(waku.FilterSubscribeRequest, request, { contentTopics: 3 }).contentTopics).toHaveLength(3)
    expect(() => decode(waku.FilterSubscribeRequest, request, { contentTopics: 2 })).toThrowError(WireError)
  })

  it('refuses an unknown subscribe type', () => {
    expect(() => decode(waku.FilterSubscribeRequest, Uint8Array.of(0x10, 9))).toThrowError(
      expect.objectContaining({ code: 'MALFORMED' }),
    )
  })
})
