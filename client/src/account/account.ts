import { ed25519 } from '@noble/curves/ed25519.js'
import { identityFromSecret, type Identity } from '@teahouse/protocol/rln'
import type { Address } from 'viem'
import type { PhraseLanguage } from './errors.ts'
import { newPhrase, readPhrase, seedOf, type Phrase } from './phrase.ts'
import { rootsOf, type EthAccount } from './roots.ts'

/** The key that a person is known by in conversations (Ed25519, RFC 8032). It vouches for devices, never for content. */
export interface ChatIdentity {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** 64 bytes. Whoever calls it puts a domain of its own in front of what it signs. */
  sign(bytes: Uint8Array): Uint8Array
}

/** A persona's keys, all derived from one phrase. Printing or serializing it shows the address only. */
export interface Account {
  /** BIP-39 phrase; whoever knows it owns every persona of it. */
  readonly phrase: string
  readonly language: PhraseLanguage
  /** 0 unless another one was asked for. Personas of one phrase share no key, address or topic. */
  readonly persona: number
  /** Holder of memberships, payer of channels, party of deals. */
  readonly address: Address
  /** Signer at m/44'/60'/persona'/0/0. */
  readonly eth: EthAccount
  /** RLN identity; its secret is independent of the Ethereum key. */
  readonly rln: Identity
  readonly chat: ChatIdentity
  /** 32 bytes, under which what lies on the device is encrypted. */
  readonly storageKey: Uint8Array
  /** 32 bytes, under which backups are encrypted. */
  readonly backupKey: Uint8Array
  /** 32 bytes, which the secrets of gifts follow from, so that an unclaimed one can be taken back with the phrase alone. */
  readonly giftKey: Uint8Array
  toJSON(): { address: Address }
}

export interface NewAccountOptions {
  /** The list that the words are drawn from; English by default. */
  readonly language?: PhraseLanguage
  readonly persona?: number
}

/**
 * Draws a new phrase from the platform's random source: 12 words for 128 bits, 24 for 256. Needs no network.
 * @throws AccountError BAD_STRENGTH, BAD_PERSONA.
 */
export function createAccount(
  bits: 128 | 256 = 128,
  { language = 'en', persona = 0 }: NewAccountOptions = {},
): Account {
  return accountOf(newPhrase(bits, language), persona)
}

/**
 * Restores an account. Case and spacing of the phrase don't matter; its language is found.
 * @throws AccountError BAD_PHRASE, MIXED_LANGUAGES (the words are not repeated), BAD_PERSONA.
 */
export function accountFromPhrase(phrase: string, { persona = 0 }: { persona?: number } = {}): Account {
  return accountOf(readPhrase(phrase), persona)
}

function accountOf(phrase: Phrase, persona: number): Account {
  const seed = seedOf(phrase)
  const roots = rootsOf(seed, persona)
  seed.fill(0)
  const { eth } = roots
  const account = { address: eth.address, toJSON: () => ({ address: eth.address }) }
  return Object.defineProperties(account as Account, {
    phrase: { value: phrase.text },
    language: { value: phrase.language },
    persona: { value: persona },
    eth: { value: eth },
    rln: { value: identityFromSecret(roots.rln) },
    chat: { value: chatIdentity(roots.chat) },
    storageKey: { value: roots.storage },
    backupKey: { value: roots.backup },
    giftKey: { value: roots.gift },
    toJSON: { enumerable: false },
  })
}

/** The secret key stays in the closure, where nothing prints it. */
function chatIdentity(secretKey: Uint8Array): ChatIdentity {
  return Object.freeze({
    publicKey: ed25519.getPublicKey(secretKey),
    sign: (bytes: Uint8Array) => ed25519.sign(bytes, secretKey),
  })
}
