import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { paragraph, printable, showPayload, showTime, toJson } from './output.ts'

describe('what came from the network', () => {
  it('can not reach the terminal as control characters', () => {
    expect(printable('\u001b[2Jhi\u202e\u0007\r')).toBe('\\u001b[2Jhi\\u202e\\u0007\\u000d')
    expect(printable('ünï, 茶, 👩‍🚀\tتحية')).toBe('ünï, 茶, 👩‍🚀\tتحية')
    fc.assert(
      fc.property(fc.uint8Array(), (payload) => {
        expect(showPayload(payload)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
      }),
    )
  })

  it('can not pass for a line of its own', () => {
    expect(printable('Bob\nCarol\u2028\u061c')).toBe('Bob\\u000aCarol\\u2028\\u061c')
    expect(paragraph('one\r\ntwo\n\nthree')).toBe('one\n    two\n    \n    three')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const [, ...more] = showPayload(new TextEncoder().encode(text)).split(/[\r\n\v\f\u0085\u2028\u2029]/)
        for (const line of more) expect(line).toMatch(/^ {4}/)
      }),
    )
  })

  it('is shown as hex if it is not UTF-8', () => {
    expect(showPayload(Uint8Array.of(0xff, 0x00))).toBe('0xff00')
  })

  it.each([
    [1_795_340_403_810_565_634n, '2026-11-22T09:40:03.810Z'],
    [undefined, '-'],
    [2n ** 63n - 1n, '2262-04-11T23:47:16.854Z'],
    [-(2n ** 63n), '1677-09-21T00:12:43.146Z'],
  ])('has a time: %s', (timestamp, text) => {
    expect(showTime(timestamp)).toBe(text)
  })
})

describe('JSON', () => {
  it('has amounts as decimal strings and bytes as hex', () => {
    expect(toJson({ amount: 10n ** 20n, payload: Uint8Array.of(1, 2) })).toBe(
      '{"amount":"100000000000000000000","payload":"0x0102"}',
    )
  })
})
