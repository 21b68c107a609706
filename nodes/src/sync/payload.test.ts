import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareKeys, type MessageKey } from '../store/keys.ts'
import { SyncError } from './errors.ts'
import { decodePayload, encodePayload, startOf, type RangesPayload, type SyncRange } from './payload.ts'

const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 })
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const filled = (byte: number) => new Uint8Array(32).fill(byte)

/** Ranges one after the other, with items in them. */
const drawnRanges = fc
  .array(
    fc.record({
      gap: fc.bigInt({ min: 1n, max: 2n ** 40n }),
      type: fc.constantFrom('skip', 'fingerprint', 'items'),
      fingerprint: hashes,
      reconciled: fc.boolean(),
      items: fc.array(fc.record({ at: fc.bigInt({ min: 0n, max: 2n ** 40n }), hash: hashes }), {
        maxLength: 5,
      }),
    }),
    { maxLength: 8 },
  )
  .map((drawn) => {
    let from = startOf(1_700_000_000_000_000_000n)
    return drawn.map(({ gap, type, fingerprint, reconciled, items }): SyncRange => {
      const range = { from, to: startOf(from.timestamp + gap) }
      from = range.to
      if (type === 'skip') return { ...range, type }
      if (type === 'fingerprint') return { ...range, type, fingerprint }
      const keys = items
        .map(({ at, hash }): MessageKey => ({ timestamp: range.from.timestamp + (at % gap), hash }))
        .sort(compareKeys)
        .filter((key, at, all) => at === 0 || compareKeys(all[at - 1]!, key) < 0)
      return { ...range, type: 'items', items: keys, reconciled }
    })
  })

describe('a payload', () => {
  it('comes back as it was', () => {
    const topics = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 3 })
    fc.assert(
      fc.property(topics, topics, drawnRanges, (pubsubTopics, contentTopics, ranges) => {
        const back = decodePayload(encodePayload({ pubsubTopics, contentTopics, ranges }))
        if (ranges.length === 0) expect(back).toEqual({ pubsubTopics: [], contentTopics: [], ranges: [] })
        else expect(back).toEqual({ pubsubTopics, contentTopics, ranges })
      }),
    )
  })

  // By hand, from the rules of WAKU-SYNC and the order in which deployed nodes write it.
  it('has these very bytes', () => {
    const payload: RangesPayload = {
      pubsubTopics: ['/a'],
      contentTopics: [],
      ranges: [
        { from: startOf(1_000n), to: startOf(1_300n), type: 'skip' },
        { from: startOf(1_300n), to: startOf(1_301n), type: 'fingerprint', fingerprint: filled(0xaa) },
        {
          from: startOf(1_301n),
          to: startOf(1_400n),
          type: 'items',
          items: [
            { timestamp: 1_301n, hash: filled(1) },
            { timestamp: 1_305n, hash: filled(2) },
          ],
          reconciled: true,
        },
      ],
    }
    const expected = bytes(
      `01 02 2f61  00  e807  ac02 00  01 01 ${'aa'.repeat(32)}  63 02 02 950a ${'01'.repeat(32)} 04 ${'02'.repeat(32)} 01`,
    )
    expect(encodePayload(payload)).toEqual(expected)
    expect(decodePayload(expected)).toEqual(payload)
  })

  it('carries the hash of a bound where two bounds have one time, up to the byte that differs', () => {
    const to = { timestamp: 1_000n, hash: Uint8Array.of(0x35, ...new Uint8Array(31)) }
    const next = { timestamp: 1_000n, hash: Uint8Array.of(0x35, 0x60, ...new Uint8Array(30)) }
    const payload: RangesPayload = {
      pubsubTopics: [],
      contentTopics: [],
      ranges: [
        { from: startOf(1_000n), to, type: 'skip' },
        { from: to, to: next, type: 'skip' },
      ],
    }
    const expected = bytes('00 00 e807  00 01 35 00  00 02 3560 00')
    expect(encodePayload(payload)).toEqual(expected)
    expect(decodePayload(expected)).toEqual(payload)
  })

  it.each(['', '00'])('without ranges is empty: 0x%s', (hex) => {
    expect(decodePayload(bytes(hex)).ranges).toEqual([])
  })
})

describe('bytes that are no payload', () => {
  it.each([
    { what: 'a topic that is cut off', hex: '01 05 2f61' },
    { what: 'more topics than bytes', hex: 'ffffffffffffffff7f 00' },
    { what: 'a topic that is not UTF-8', hex: '01 02 ff61 00 e807' },
    { what: 'a number of ten bytes', hex: '00 00 ffffffffffffffffff01' },
    { what: 'a number that is longer than it need be', hex: '00 00 e88700' },
    { what: 'a time that overflows', hex: '00 00 ffffffffffffffff7f 01 00' },
    { what: 'a range type that there is not', hex: '00 00 e807 05 03' },
    { what: 'a fingerprint that is cut off', hex: '00 00 e807 05 01 aabb' },
    { what: 'a range that is empty', hex: '00 00 e807 00 00 00' },
    { what: 'a bound of 33 bytes', hex: `00 00 e807 00 21 ${'11'.repeat(33)} 00` },
    { what: 'more items than bytes', hex: '00 00 e807 05 02 ffff7f' },
    { what: 'an item outside its range', hex: `00 00 e807 05 02 01 f007 ${'11'.repeat(32)} 00` },
    {
      what: 'items that are not in order',
      hex: `00 00 e807 05 02 02 e907 ${'11'.repeat(32)} 00 ${'10'.repeat(32)} 00`,
    },
    { what: 'reconciled as 2', hex: '00 00 e807 05 02 00 02' },
  ])('are refused: $what', ({ hex }) => {
    expect(() => decodePayload(bytes(hex))).toThrow(expect.objectContaining({ code: 'MALFORMED' }))
  })

  it('lead to nothing but SyncErrors', () => {
    const start = fc.constantFrom(bytes(''), bytes('00 00'), bytes('01 02 2f61 00 e807 05'))
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 200 }), (prefix, rest) => {
        try {
          const { ranges } = decodePayload(Uint8Array.from([...prefix, ...rest]))
          for (const { from, to } of ranges) expect(compareKeys(from, to)).toBeLessThan(0)
        } catch (err) {
          expect(err).toBeInstanceOf(SyncError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('lead to nothing but SyncErrors, where a good payload is changed', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() })
    fc.assert(
      fc.property(drawnRanges, change, (ranges, { at, byte, cut }) => {
        const good = encodePayload({ pubsubTopics: ['/waku/2/rs/1/0'], contentTopics: [], ranges })
        good[at % good.length] = byte
        try {
          decodePayload(cut ? good.subarray(0, at % good.length) : good)
        } catch (err) {
          expect(err).toBeInstanceOf(SyncError)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
