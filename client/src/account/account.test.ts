import { ed25519 } from '@noble/curves/ed25519.js'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import fc from 'fast-check'
import { inspect } from 'node:util'
import { bytesToHex } from 'viem'
import { describe, expect, it } from 'vitest'
import { accountFromPhrase, createAccount } from './account.ts'
import { AccountError } from './errors.ts'

const PHRASE = 'test test test test test test test test test test test junk'

describe('an account', () => {
  it('has the address that every wallet derives from the phrase', () => {
    expect(accountFromPhrase(PHRASE).address).toBe('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
  })

  it('is restored from its phrase, however it is spaced and written', () => {
    const account = createAccount(256)
    expect(account.phrase.split(' ')).toHaveLength(24)
    const copied = accountFromPhrase(`  ${account.phrase.toUpperCase().replaceAll(' ', '\n ')}\n`)
    expect(copied.address).toBe(account.address)
    expect(copied.rln).toEqual(account.rln)
  })

  it('shows neither phrase nor keys when it is printed or serialized', () => {
    const account = createAccount()
    const { phrase, rln, chat, storageKey, backupKey, giftKey } = account
    const secrets = [
      phrase,
      rln.secret.toString(),
      ...[storageKey, backupKey, giftKey, chat.publicKey].flatMap(spelled),
    ]
    for (const text of [
      JSON.stringify(account),
      inspect(account, { depth: 9 }),
      inspect({ ...account }),
      JSON.stringify({ ...account }),
    ]) {
      for (const secret of secrets) expect(text).not.toContain(secret)
    }
    expect(JSON.parse(JSON.stringify(account))).toEqual({ address: account.address })
  })

  it('signs as its chat identity, and nothing of it tells the key', () => {
    const { chat } = accountFromPhrase(PHRASE)
    const bytes = new TextEncoder().encode('a certificate')
    expect(ed25519.verify(chat.sign(bytes), bytes, chat.publicKey)).toBe(true)
    expect(Reflect.ownKeys(chat)).toEqual(['publicKey', 'sign'])
  })

  it('is made offline within ten seconds, in either language', () => {
    const started = performance.now()
    for (const language of ['en', 'zh-Hans'] as const) {
      const account = createAccount(256, { language })
      expect(account.language).toBe(language)
      expect(accountFromPhrase(account.phrase).chat.publicKey).toEqual(account.chat.publicKey)
    }
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

const spelled = (bytes: Uint8Array) => [
  bytesToHex(bytes).slice(2),
  Buffer.from(bytes).toString('base64'),
  bytes.join(','),
]

describe('the RLN secret', () => {
  it('stays the same for a phrase', () => {
    expect(accountFromPhrase(PHRASE).rln.commitment).toBe(
      19577060426556385983336397621642323654388121976943765922530338904384324127390n,
    )
  })
})

describe('when it must refuse', () => {
  it.each([-1, 0.5, 2 ** 31, NaN])('%s as a persona', (persona) => {
    const make = () => accountFromPhrase(PHRASE, { persona })
    expect(make).toThrow(expect.objectContaining({ code: 'BAD_PERSONA' }))
  })

  it.each([
    ['no words', ''],
    ['a wrong checksum', PHRASE.replace('junk', 'test')],
    ['an unknown word', PHRASE.replace('junk', 'jonk')],
    ['11 words', PHRASE.slice(5)],
  ])('%s, and not repeat them', (_, phrase) => {
    const restore = () => accountFromPhrase(phrase)
    expect(restore).toThrow(AccountError)
    expect(restore).toThrow(expect.objectContaining({ code: 'BAD_PHRASE' }))
    if (phrase) expect(restore).not.toThrow(phrase)
  })

  it('any words with an AccountError and nothing else', () => {
    const words = fc.array(fc.oneof(fc.constantFrom(...wordlist), fc.string()), { maxLength: 26 })
    fc.assert(
      fc.property(words, (given) => {
        try {
          accountFromPhrase(given.join(' '))
        } catch (error) {
          expect(error).toBeInstanceOf(AccountError)
        }
      }),
    )
  })
})
