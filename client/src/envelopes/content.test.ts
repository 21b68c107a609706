import { groupOf, isShareOf, MAX_SHARES } from '@teahouse/protocol/envelopes'
import fc from 'fast-check'
import { bytesToHex, getAddress, numberToHex, type Hex } from 'viem'
import { describe, expect, it } from 'vitest'
import {
  decodeEnvelope,
  encodeEnvelope,
  readEnvelopeLink,
  shareIn,
  termsOf,
  wholeOf,
  writeEnvelopeLink,
  type EnvelopeContent,
} from './content.ts'
import { EnvelopesError } from './errors.ts'

const word = (byte: string): Hex => `0x${byte.repeat(32)}`
const HEAD = {
  ...{
    chainId: 31_337,
    envelopes: getAddress(`0x${'1'.repeat(40)}`),
    creator: getAddress(`0x${'2'.repeat(40)}`),
  },
  ...{ amount: 3_000_000n, shares: 3, expiry: 1_800_000_000, salt: word('ab'), note: '恭喜发财' },
}
const SECRET = new Uint8Array(32).fill(7)
const OPEN: EnvelopeContent = { kind: 'open', ...HEAD, split: 'random', secret: SECRET }
const GATED: EnvelopeContent = { kind: 'gated', ...HEAD, group: 'tea', members: [1n, 2n, 3n] }
const WHOLE = wholeOf(HEAD, 'random', SECRET)
const shareOf = (index: number): Extract<EnvelopeContent, { kind: 'share' }> => ({
  ...{ kind: 'share', ...HEAD, root: WHOLE.terms.root, index, share: WHOLE.shares[index]!.amount },
  ...{ key: WHOLE.keyOf(index), path: WHOLE.tree.path(index) },
})

const words = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytesToHex(bytes))
const heads = fc.record({
  chainId: fc.integer({ min: 1, max: 2 ** 50 }),
  envelopes: fc.constant(HEAD.envelopes),
  creator: fc.constant(HEAD.creator),
  amount: fc.bigInt(BigInt(MAX_SHARES), 2n ** 128n - 1n),
  shares: fc.integer({ min: 1, max: MAX_SHARES }),
  expiry: fc.integer({ min: 1, max: 2 ** 40 - 1 }),
  salt: words,
  note: fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => [...text].length <= 280),
})
const bodies = fc.oneof(
  fc.record({
    kind: fc.constant('open' as const),
    split: fc.constantFrom('random' as const, 'equal' as const),
    secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  }),
  fc.record({
    kind: fc.constant('share' as const),
    ...{ root: words, index: fc.constant(0), share: fc.bigInt(1n, 2n ** 128n - 1n), key: words },
    path: fc.array(words, { maxLength: 7 }),
  }),
  fc.record({
    kind: fc.constant('gated' as const),
    group: fc.string({ minLength: 1, maxLength: 20 }),
    members: fc.array(fc.bigInt(0n, 2n ** 250n), { minLength: 1, maxLength: 20 }),
  }),
)
const contents = fc.tuple(heads, bodies).map(([head, body]): EnvelopeContent => ({ ...head, ...body }))

const whyOf = (act: () => unknown): string | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return error instanceof EnvelopesError && error.detail.code === 'BAD_ENVELOPE'
      ? error.detail.why
      : String(error)
  }
}

describe('what it does', () => {
  it('reads what it writes, as bytes and as a link, spaces or not', () => {
    fc.assert(
      fc.property(contents, (content) => {
        expect(decodeEnvelope(encodeEnvelope(content))).toEqual(content)
        const link = writeEnvelopeLink(content)
        expect(readEnvelopeLink(` ${link.slice(0, 40)}\n${link.slice(40)} `)).toEqual(content)
      }),
    )
  })

  it('names the same envelope by its secret and by each of its shares', () => {
    const terms = termsOf(OPEN)
    expect(terms).toMatchObject({ creator: HEAD.creator, amount: HEAD.amount, shares: 3, gated: false })
    for (const index of [0, 1, 2]) {
      const content = shareOf(index)
      expect(termsOf(content)).toEqual(terms)
      expect(isShareOf(terms.root, shareIn(content), content.path)).toBe(true)
    }
  })

  it('names an envelope for a group by the root of its members', () => {
    const root = numberToHex(groupOf([1n, 2n, 3n]).root, { size: 32 })
    expect(termsOf(GATED)).toMatchObject({ gated: true, root })
  })

  it('keeps the link of an open envelope short enough for a code', () => {
    expect(writeEnvelopeLink({ ...OPEN, note: '' }).length).toBeLessThan(220)
  })
})

describe('when it must refuse', () => {
  const link = writeEnvelopeLink(OPEN)
  it.each([
    { given: 'another kind of link', text: link.replace('envelope', 'invite'), why: 'format' },
    { given: 'a link cut short', text: link.slice(0, -4), why: 'checksum' },
    {
      given: 'a wrong letter',
      text: link.slice(0, 60) + (link[60] === 'A' ? 'B' : 'A') + link.slice(61),
      why: 'checksum',
    },
    { given: 'nothing', text: '', why: 'format' },
  ])('$given', ({ text, why }) => expect(whyOf(() => readEnvelopeLink(text))).toBe(why))

  it.each([
    { given: 'no shares', bad: { ...OPEN, shares: 0 } },
    { given: '129 shares', bad: { ...OPEN, shares: 129 } },
    { given: 'more shares than units', bad: { ...OPEN, amount: 2n } },
    { given: 'a chain 0', bad: { ...OPEN, chainId: 0 } },
    { given: 'an amount of 2^128', bad: { ...OPEN, amount: 2n ** 128n } },
    { given: 'a secret too short', bad: { ...OPEN, secret: new Uint8Array(31) } },
    { given: 'a greeting too long', bad: { ...OPEN, note: 'x'.repeat(281) } },
    { given: 'an index beyond the shares', bad: { ...shareOf(0), index: 3 } },
    { given: 'a path too long', bad: { ...shareOf(0), path: Array.from({ length: 8 }, () => word('01')) } },
    { given: 'a group without a name', bad: { ...GATED, group: '' } },
    { given: 'a group without members', bad: { ...GATED, members: [] } },
    { given: 'a member outside the field', bad: { ...GATED, members: [2n ** 255n] } },
  ] as { given: string; bad: EnvelopeContent }[])('to write $given', ({ bad }) => {
    expect(whyOf(() => encodeEnvelope(bad))).toBe('content')
  })

  it('a claim key that is none', () => {
    expect(whyOf(() => shareIn({ ...shareOf(0), key: word('00') }))).toBe('content')
  })

  it('any other bytes and texts, with a typed error', () => {
    const changed = fc.tuple(contents, fc.nat(400), fc.nat(255)).map(([content, at, byte]) => {
      const bytes = encodeEnvelope(content)
      bytes[at % bytes.length] = byte
      return bytes
    })
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), fc.string(), (bytes, text) => {
        expect(whyOf(() => decodeEnvelope(bytes))).toBeOneOf([undefined, 'content'])
        expect(whyOf(() => readEnvelopeLink(text))).toBe('format')
      }),
    )
  })
})
