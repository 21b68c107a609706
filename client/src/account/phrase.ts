import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync } from '@scure/bip39'
import { wordlist as english } from '@scure/bip39/wordlists/english.js'
import { wordlist as simplifiedChinese } from '@scure/bip39/wordlists/simplified-chinese.js'
import { AccountError, type PhraseLanguage } from './errors.ts'

/** A BIP-39 phrase that was checked. */
export interface Phrase {
  /** NFKD, lower case, one space between the words. */
  readonly text: string
  readonly language: PhraseLanguage
}

const LISTS: Readonly<Record<PhraseLanguage, readonly string[]>> = {
  en: english,
  'zh-Hans': simplifiedChinese,
}
const MAX_WORDS = 24
const LENGTHS: readonly number[] = [12, 15, 18, 21, MAX_WORDS]

/** Every Chinese word of BIP-39 is one character, so it ends a word whether a space follows or not. */
const WORD = /\p{Script=Han}|[^\s\p{Script=Han}]+/gu

/** Draws a phrase from the platform's random source: 12 words for 128 bits, 24 for 256. Throws AccountError BAD_STRENGTH. */
export function newPhrase(bits: number = 128, language: PhraseLanguage = 'en'): Phrase {
  if (bits !== 128 && bits !== 256) {
    throw new AccountError('A phrase has 128 or 256 bits', { code: 'BAD_STRENGTH', bits })
  }
  const entropy = crypto.getRandomValues(new Uint8Array(bits / 8))
  try {
    return phraseOf(entropy, language)
  } finally {
    entropy.fill(0)
  }
}

/** The phrase of 16, 20, 24, 28 or 32 bytes of entropy. */
export function phraseOf(entropy: Uint8Array, language: PhraseLanguage): Phrase {
  return { text: entropyToMnemonic(entropy, [...LISTS[language]]), language }
}

/**
 * Reads a phrase and finds its language. Case doesn't matter, nor what space there is between words; Chinese
 * words need none. Unicode is brought to NFKD, as BIP-39 asks for.
 * @throws AccountError BAD_PHRASE, or MIXED_LANGUAGES if words of both lists are among it.
 */
export function readPhrase(text: string): Phrase {
  const words = text.normalize('NFKD').toLowerCase().match(WORD) ?? []
  if (words.length > MAX_WORDS) throw badPhrase(words, 'length')
  const language = languageOf(words)
  const canonical = words.join(' ')
  try {
    mnemonicToEntropy(canonical, [...LISTS[language]]).fill(0)
  } catch {
    // Without the cause: its message may repeat a word.
    throw badPhrase(words, 'checksum')
  }
  return { text: canonical, language }
}

/** The entropy behind a phrase. */
export const entropyOf = ({ text, language }: Phrase): Uint8Array =>
  mnemonicToEntropy(text, [...LISTS[language]])

/** The 64-byte seed of BIP-39, without a passphrase. */
export const seedOf = ({ text }: Phrase): Uint8Array => mnemonicToSeedSync(text)

function languageOf(words: readonly string[]): PhraseLanguage {
  const of = { en: placesIn(words, english), 'zh-Hans': placesIn(words, simplifiedChinese) }
  const known = new Set([...of.en, ...of['zh-Hans']])
  const unknown = words.map((_, at) => at + 1).filter((place) => !known.has(place))
  if (of.en.length > 0 && of['zh-Hans'].length > 0) {
    const message = `Words of two lists are mixed: English ${of.en.join(', ')}; Chinese ${of['zh-Hans'].join(', ')}`
    throw new AccountError(message, { code: 'MIXED_LANGUAGES', words: words.length, of, unknown })
  }
  if (unknown.length > 0) throw badPhrase(words, 'unknown-words', unknown)
  if (!LENGTHS.includes(words.length)) throw badPhrase(words, 'length')
  return of.en.length > 0 ? 'en' : 'zh-Hans'
}

function placesIn(words: readonly string[], list: readonly string[]): number[] {
  return words.flatMap((word, at) => (list.includes(word) ? [at + 1] : []))
}

type Fault = Extract<AccountError['detail'], { code: 'BAD_PHRASE' }>['why']

const EXPLAINED: Readonly<Record<Fault, string>> = {
  length: 'a phrase has 12, 15, 18, 21 or 24',
  'unknown-words': 'not all are on a word list',
  checksum: 'their checksum is wrong',
}

function badPhrase(words: readonly string[], why: Fault, unknown: readonly number[] = []): AccountError {
  const places = unknown.length > 0 ? ` (${unknown.join(', ')})` : ''
  const message = `These ${words.length} words are not a valid BIP-39 phrase: ${EXPLAINED[why]}${places}`
  return new AccountError(message, { code: 'BAD_PHRASE', words: words.length, why, unknown })
}
