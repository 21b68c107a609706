import { wordlist } from '@scure/bip39/wordlists/english.js'
import { FIELD } from '@teahouse/protocol/rln'
import fc from 'fast-check'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { AccountError, accountFromPhrase, createAccount } from './account.ts'
import { rlnSecret } from './rln-secret.ts'

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
    for (const text of [JSON.stringify(account), inspect(account, { depth: 9 }), inspect({ ...account })]) {
      expect(text).not.toContain(account.phrase)
      expect(text).not.toContain(account.rln.secret.toString())
    }
    expect(JSON.parse(JSON.stringify(account))).toEqual({ address: account.address })
  })
})

describe('the RLN secret', () => {
  it('stays the same for a phrase', () => {
    expect(accountFromPhrase(PHRASE).rln.commitment).toBe(
      19577060426556385983336397621642323654388121976943765922530338904384324127390n,
    )
  })

  it('lies in the field, is not 0, and has bits everywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (seed) => {
        const secret = rlnSecret(seed)
        return secret > 0n && secret < FIELD && secret > FIELD >> 100n
      }),
    )
  })
})

describe('when it must refuse', () => {
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
