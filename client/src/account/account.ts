import { generateMnemonic, mnemonicToSeedSync, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { TeahouseError } from '@teahouse/protocol/errors'
import { identityFromSecret, type Identity } from '@teahouse/protocol/rln'
import type { Address } from 'viem'
import { mnemonicToAccount, type HDAccount } from 'viem/accounts'
import { rlnSecret } from './rln-secret.ts'

export class AccountError extends TeahouseError<
  | { readonly code: 'BAD_PHRASE'; readonly words: number }
  | { readonly code: 'BAD_STRENGTH'; readonly bits: number }
> {}

/** A person's keys, all derived from one phrase. Printing or serializing it shows the address only. */
export interface Account {
  /** BIP-39 phrase of English words; whoever knows it owns the account. */
  readonly phrase: string
  /** Holder of memberships, payer of channels, party of deals. */
  readonly address: Address
  /** Signer at m/44'/60'/0'/0/0. */
  readonly eth: HDAccount
  /** RLN identity; its secret is independent of the Ethereum key. */
  readonly rln: Identity
  toJSON(): { address: Address }
}

/** Draws a new phrase from the platform's random source: 12 words for 128 bits, 24 for 256. */
export function createAccount(bits: 128 | 256 = 128): Account {
  if (bits !== 128 && bits !== 256)
    throw new AccountError('A phrase has 128 or 256 bits', { code: 'BAD_STRENGTH', bits })
  return accountFromPhrase(generateMnemonic(wordlist, bits))
}

/**
 * Restores an account. Case and spacing of the phrase don't matter.
 * @throws AccountError BAD_PHRASE if a word is unknown or the checksum is wrong (the phrase is not repeated).
 */
export function accountFromPhrase(phrase: string): Account {
  const words = phrase.normalize('NFKD').trim().toLowerCase().split(/\s+/)
  const canonical = words.join(' ')
  if (!validateMnemonic(canonical, wordlist)) {
    throw new AccountError(`These ${words.length} words are not a valid BIP-39 phrase`, {
      code: 'BAD_PHRASE',
      words: words.length,
    })
  }
  const eth = mnemonicToAccount(canonical)
  const rln = identityFromSecret(rlnSecret(mnemonicToSeedSync(canonical)))
  const account = { address: eth.address, toJSON: () => ({ address: eth.address }) }
  return Object.defineProperties(account as Account, {
    phrase: { value: canonical },
    eth: { value: eth },
    rln: { value: rln },
    toJSON: { enumerable: false },
  })
}
