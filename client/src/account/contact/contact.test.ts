import fc from 'fast-check'
import { inspect } from 'node:util'
import { bytesToHex, getAddress, hexToBytes } from 'viem'
import { describe, expect, it } from 'vitest'
import { createAccount } from '../account.ts'
import { contactName, decodeCard, encodeCard, type ContactCard } from './card.ts'
import { ContactError } from './errors.ts'
import { decodeFields, encodeFields } from './fields.ts'
import { giftOf } from './gift.ts'
import { decodeIntroduction, encodeIntroduction, meaningOf } from './introduction.ts'
import { readInvitation, writeInvitation } from './invitation.ts'
import { checkVerification, digitsOf, fingerprint, safetyNumber, verificationText } from './safety-number.ts'

const [alice, bob, mallory] = [createAccount(), createAccount(), createAccount()].map(
  ({ chat }) => chat.publicKey,
) as [Uint8Array, Uint8Array, Uint8Array]
const keys = fc.constantFrom(alice, bob, mallory)
const names = fc.constantFrom('Alice', '爱丽丝', 'Åsa 🫖', 'o', 'x'.repeat(64))
const hints = fc.option(fc.uint8Array({ minLength: 1, maxLength: 512 }), { nil: undefined })
const cards: fc.Arbitrary<ContactCard> = fc
  .record({ key: keys, name: names, hint: hints })
  .map(({ hint, ...card }) => ({ ...card, ...(hint && { hint }) }))
const gifts = fc
  .record({
    chainId: fc.integer({ min: 1, max: 2 ** 48 }),
    amount: fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }),
    expiry: fc.integer({ min: 1, max: 2 ** 40 - 1 }),
    rateLimit: fc.integer({ min: 1, max: 600 }),
    salt: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  })
  .map(({ salt, ...gift }) =>
    giftOf({
      ...gift,
      salt: bytesToHex(salt),
      envelopes: getAddress('0x8e1f3742b987d8ba376c0cbbd7357fe1f003ed71'),
      creator: getAddress('0x70997970c51812dc3a010c7d01b50e0d17dc79c8'),
    }),
  )

describe('an invitation', () => {
  it('comes back from its link, with card and gift, whatever white space a mail program put in', () => {
    fc.assert(
      fc.property(cards, fc.option(gifts, { nil: undefined }), (card, gift) => {
        const link = writeInvitation({ card, ...(gift && { gift }) })
        expect(link).toMatch(/^teahouse:invite\/[\w-]+$/)
        const read = readInvitation(` ${link.slice(0, 20)}\r\n ${link.slice(20)}\n`)
        expect(read).toEqual({ card, ...(gift && { gift }) })
        expect(read.gift?.secret).toEqual(gift?.secret)
      }),
    )
  })

  it('keeps the secret of its gift from whatever prints it', () => {
    fc.assert(
      fc.property(cards, gifts, (card, gift) => {
        const invitation = readInvitation(writeInvitation({ card, gift }))
        const secret = bytesToHex(gift.secret).slice(2)
        const replacer = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
        for (const text of [inspect(invitation, { depth: 9 }), JSON.stringify(invitation, replacer)]) {
          expect(text).not.toContain(secret)
          expect(text).not.toContain('secret')
        }
      }),
      { numRuns: 10 },
    )
  })
})

describe('a safety number', () => {
  it('is the one that Signal shows for its test vector', () => {
    const side = (key: string, number: string) =>
      digitsOf(fingerprint(hexToBytes(`0x${key}`), new TextEncoder().encode(number)))
    const halves = [
      side('0506863bc66d02b40d27b8d49ca7c09e9239236f9d7d25d6fcca5ce13c7064d868', '+14152222222'),
      side('05f781b6fb32fed9ba1cf2de978d4d5da28dc34046ae814402b5c0dbd96fda907b', '+14153333333'),
    ]
    expect(halves.sort().join('')).toBe('300354477692869396892869876765458257569162576843440918079131')
  })

  it('is the same for both, another with anybody else, and has 60 digits', () => {
    const number = safetyNumber(alice, bob)
    expect(number).toMatch(/^(\d{5} ){11}\d{5}$/)
    expect(safetyNumber(bob, alice)).toBe(number)
    expect(safetyNumber(alice, mallory)).not.toBe(number)
  })

  it('is compared by scanning: a match, a stranger in between, another version', () => {
    const shown = verificationText(bob, alice)
    expect(checkVerification(shown, alice, bob)).toBe('match')
    expect(checkVerification(shown, alice, mallory)).toBe('mismatch')
    expect(checkVerification(verificationText(mallory, alice), alice, bob)).toBe('mismatch')
    expect(checkVerification(verificationText(alice, bob), alice, bob)).toBe('mismatch')
    expect(checkVerification('teahouse:verify/Ag', alice, bob)).toBe('other-version')
  })
})

describe('an introduction', () => {
  it('carries card and note', () => {
    fc.assert(
      fc.property(
        cards,
        fc.option(fc.constantFrom('我的朋友', 'n'.repeat(280)), { nil: undefined }),
        (card, note) => {
          const introduction = { card, ...(note !== undefined && { note }) }
          expect(decodeIntroduction(encodeIntroduction(introduction))).toEqual(introduction)
        },
      ),
    )
  })

  it('may have a name with the joiners that scripts and emoji need', () => {
    for (const name of ['👩‍🚀', 'می‌خواهم', '❤️']) expect(contactName(name)).toBe(name)
  })

  it('says who is new, known, oneself, or a known name with another key', () => {
    const known = { self: alice, contacts: [{ key: bob, name: 'Bob' }] }
    expect(meaningOf({ key: mallory, name: 'Mallory' }, known)).toBe('new')
    expect(meaningOf({ key: bob, name: 'Robert' }, known)).toBe('known')
    expect(meaningOf({ key: alice, name: 'Alice' }, known)).toBe('self')
    for (const name of ['ＢＯＢ', 'B\u200do\u200cb', 'Bo\u034fb', 'Bob\ufe0f', 'Bo\u3164b', 'Bob\u2800'])
      expect(meaningOf({ key: mallory, name }, known)).toBe('other-key')
  })
})

describe('when it must refuse', () => {
  it('a link of which any one letter is changed, or the end is missing', () => {
    const link = writeInvitation({ card: { key: alice, name: 'Alice' } })
    fc.assert(
      fc.property(fc.integer({ min: 'teahouse:invite/'.length, max: link.length - 1 }), (at) => {
        const changed = link.slice(0, at) + (link[at] === 'A' ? 'B' : 'A') + link.slice(at + 1)
        expect(() => readInvitation(changed)).toThrow(ContactError)
        expect(() => readInvitation(link.slice(0, at))).toThrow(ContactError)
      }),
    )
  })

  it.each([
    '',
    '   ',
    'x'.repeat(65),
    'a\u202eb',
    'a\u0000',
    'a\nb',
    '\u200d',
    'a\u200b',
    '\u3164',
    '\u115f',
    '\u2800',
  ])('%j as a name', (name) => {
    expect(() => contactName(name)).toThrow(expect.objectContaining({ code: 'BAD_NAME' }))
    expect(() => encodeCard({ key: alice, name })).toThrow(ContactError)
  })

  it.each([
    ['no key', new Uint8Array()],
    ['31 bytes', alice.subarray(1)],
    ['no point', new Uint8Array(32).fill(0xff)],
    ['a point of small order', Uint8Array.of(1, ...new Uint8Array(31))],
  ])('%s as a key', (_, key) => {
    const bytes = encodeFields({ 1: key, 2: new TextEncoder().encode('Alice') })
    expect(() => decodeCard(bytes)).toThrow(
      expect.objectContaining({ detail: { code: 'BAD_CARD', field: 'key' } }),
    )
    expect(() => encodeCard({ key, name: 'Alice' })).toThrow(ContactError)
  })

  it('fields in another order, twice, or cut off', () => {
    for (const bytes of [
      [2, 0, 0, 1, 0, 0],
      [1, 0, 0, 1, 0, 0],
      [1, 0, 2, 0],
      [1, 0],
      [0, 0, 0],
    ]) {
      expect(decodeFields(Uint8Array.from(bytes))).toBeUndefined()
    }
  })

  it('anything else with a ContactError', () => {
    const refuses = (task: () => unknown) => {
      try {
        task()
      } catch (error) {
        expect(error).toBeInstanceOf(ContactError)
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.string(), (bytes, text) => {
        refuses(() => decodeCard(bytes))
        refuses(() => decodeIntroduction(bytes))
        refuses(() => readInvitation(text))
        refuses(() => checkVerification(text, alice, bob))
      }),
    )
  })
})
