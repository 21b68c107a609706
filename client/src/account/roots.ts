import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { accountOfKey } from '@teahouse/protocol/keys'
import { FIELD } from '@teahouse/protocol/rln'
import type { LocalAccount } from 'viem'
import { AccountError } from './errors.ts'
import { HARDENED, keysBelow } from './hd-key.ts'

/** The last number of a hardened index of BIP-32. */
export const MAX_PERSONA = 2 ** 31 - 1

/**
 * What is derived from the seed besides the Ethereum key: HKDF-SHA256 (RFC 5869) without a salt, the name as info.
 * The table with test vectors is docs/accounts.md.
 */
const INFO = {
  rln: 'teahouse/rln-secret/1',
  chat: 'teahouse/chat-identity/1',
  storage: 'teahouse/storage-key/1',
  backup: 'teahouse/backup-key/1',
  gift: 'teahouse/gift-key/1',
} as const

/** 254 bits of field and 128 more, so that reducing leaves a bias below 2^-128 (RFC 9380, section 5.1). */
const RLN_BYTES = 48
const KEY_BYTES = 32

/** A signer of Ethereum transactions and typed data, and its key. */
export interface EthAccount extends LocalAccount {
  /** A copy: 32 bytes. */
  privateKey(): Uint8Array
}

/** What one persona's keys grow from; no two personas share any of it. */
export interface Roots {
  /** Signer at m/44'/60'/persona'/0/0 (BIP-44). */
  readonly eth: EthAccount
  /** Signer at m/44'/60'/persona'/0/index. */
  readonly receiving: (index: number) => EthAccount
  /** In [1, r). */
  readonly rln: bigint
  /** Ed25519 secret key, 32 bytes. */
  readonly chat: Uint8Array
  /** 32 bytes. */
  readonly storage: Uint8Array
  /** 32 bytes. */
  readonly backup: Uint8Array
  /** 32 bytes. */
  readonly gift: Uint8Array
}

/** Derives the roots of a persona from a BIP-39 seed. Throws AccountError BAD_PERSONA unless it is 0 to 2^31 - 1. */
export function rootsOf(seed: Uint8Array, persona: number): Roots {
  if (!Number.isInteger(persona) || persona < 0 || persona > MAX_PERSONA) {
    const message = `A persona is a whole number from 0 to ${MAX_PERSONA}`
    throw new AccountError(message, { code: 'BAD_PERSONA', persona })
  }
  const derive = (info: string, bytes: number) => {
    const name = persona === 0 ? info : `${info}/${persona}`
    return hkdf(sha256, seed, undefined, utf8ToBytes(name), bytes)
  }
  const keyAt = keysBelow(seed, [HARDENED + 44, HARDENED + 60, HARDENED + persona, 0])
  const receiving = (addressIndex: number): EthAccount => {
    if (Number.isInteger(addressIndex) && addressIndex >= 0 && addressIndex <= MAX_PERSONA)
      return ethAccount(keyAt(addressIndex))
    const detail = { code: 'BAD_INDEX', index: addressIndex } as const
    throw new AccountError(`An address has a number from 0 to ${MAX_PERSONA}`, detail)
  }
  return {
    eth: receiving(0),
    receiving,
    rln: intoField(derive(INFO.rln, RLN_BYTES)),
    chat: derive(INFO.chat, KEY_BYTES),
    storage: derive(INFO.storage, KEY_BYTES),
    backup: derive(INFO.backup, KEY_BYTES),
    gift: derive(INFO.gift, KEY_BYTES),
  }
}

const ethAccount = (key: Uint8Array): EthAccount => ({ ...accountOfKey(key), privateKey: () => key.slice() })

/** Big-endian modulo the field. Never 0. Wipes `wide`. */
function intoField(wide: Uint8Array): bigint {
  const value = wide.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  wide.fill(0)
  return (value % (FIELD - 1n)) + 1n
}
