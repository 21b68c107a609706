import { wordlist as english } from '@scure/bip39/wordlists/english.js'
import { wordlist as chinese } from '@scure/bip39/wordlists/simplified-chinese.js'
import fc from 'fast-check'
import { pbkdf2Sync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { AccountError } from './errors.ts'
import { entropyOf, newPhrase, phraseOf, readPhrase, seedOf } from './phrase.ts'

const language = fc.constantFrom('en' as const, 'zh-Hans' as const)
const entropy = fc
  .constantFrom(16, 20, 24, 28, 32)
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))

describe('a phrase', () => {
  it.each([
    ['en', `${'abandon '.repeat(11)}about`],
    ['zh-Hans', `${'的 '.repeat(11)}在`],
  ] as const)('of no entropy in %s is that of BIP-39', (tongue, text) => {
    expect(phraseOf(new Uint8Array(16), tongue)).toEqual({ text, language: tongue })
    expect(readPhrase(text)).toEqual({ text, language: tongue })
  })

  it('comes back from its words in its own language, and to its entropy', () => {
    fc.assert(
      fc.property(entropy, language, (bytes, tongue) => {
        const phrase = phraseOf(bytes, tongue)
        expect(readPhrase(phrase.text)).toEqual(phrase)
        expect(entropyOf(phrase)).toEqual(bytes)
      }),
    )
  })

  it('of Chinese words reads the same with any spaces between them, and with none', () => {
    const spaces = fc.array(fc.constantFrom('', ' ', '\u3000', '\n', '\u00a0\t'), {
      minLength: 12,
      maxLength: 24,
    })
    fc.assert(
      fc.property(entropy, spaces, (bytes, between) => {
        const phrase = phraseOf(bytes, 'zh-Hans')
        const words = phrase.text.split(' ')
        const written = words.map((word, at) => (between[at % between.length] ?? '') + word).join('')
        expect(readPhrase(written)).toEqual(phrase)
      }),
    )
  })

  it('written in full-width letters reads as the plain one', () => {
    const { text } = phraseOf(new Uint8Array(16), 'en')
    const wide = text.replace(/[a-z]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0))
    expect(readPhrase(wide.replaceAll(' ', '\u3000')).text).toBe(text)
  })

  it('gives the seed that another implementation of PBKDF2 gives', () => {
    for (const tongue of ['en', 'zh-Hans'] as const) {
      const phrase = newPhrase(256, tongue)
      const seed = pbkdf2Sync(phrase.text.normalize('NFKD'), 'mnemonic', 2048, 64, 'sha512')
      expect(Buffer.from(seedOf(phrase)).equals(seed)).toBe(true)
    }
  })

  it('is made of words that stay as they are under NFKD, one character each in Chinese', () => {
    for (const word of [...english, ...chinese]) expect(word.normalize('NFKD')).toBe(word)
    for (const word of chinese) expect(word).toMatch(/^\p{Script=Han}$/u)
  })
})

describe('when it must refuse', () => {
  it('words of both lists, it says which belong to which, and repeats none', () => {
    const mixed = `的 ${'abandon '.repeat(10)}在 nonsense`
    const refusal = refusalOf(mixed)
    expect(refusal.detail).toEqual({
      code: 'MIXED_LANGUAGES',
      words: 13,
      of: { en: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 'zh-Hans': [1, 12] },
      unknown: [13],
    })
    expect(refusal.message).not.toMatch(/的|在|abandon|nonsense/)
  })

  it('any phrase of which one word is put in the other language', () => {
    fc.assert(
      fc.property(entropy, language, fc.nat(), (bytes, tongue, seed) => {
        const words = phraseOf(bytes, tongue).text.split(' ')
        const at = seed % words.length
        const [own, other] = tongue === 'en' ? [english, chinese] : [chinese, english]
        words[at] = other[own.indexOf(words[at]!)]!
        expect(refusalOf(words.join(' ')).code).toBe('MIXED_LANGUAGES')
      }),
    )
  })

  it.each([
    ['no words', '', { why: 'length', words: 0 }],
    ['11 words', 'abandon '.repeat(11), { why: 'length', words: 11 }],
    ['a book', 'abandon '.repeat(30_000), { why: 'length', words: 30_000 }],
    ['unknown words', `${'abandon '.repeat(10)}abot hm`, { why: 'unknown-words', unknown: [11, 12] }],
    ['a wrong checksum', 'abandon '.repeat(12), { why: 'checksum', unknown: [] }],
    ['traditional characters', `${'的 '.repeat(11)}產`, { why: 'unknown-words', unknown: [12] }],
  ])('%s', (_, text, detail) => {
    expect(refusalOf(text).detail).toMatchObject({ code: 'BAD_PHRASE', ...detail })
  })
})

function refusalOf(text: string): AccountError {
  try {
    readPhrase(text)
  } catch (error) {
    if (error instanceof AccountError) return error
    throw error
  }
  throw new Error('it was read')
}
