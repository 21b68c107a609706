import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { addressOfKey } from '@teahouse/protocol/keys'
import type { Address, Hex } from 'viem'
import * as z from 'zod/mini'
import type { Account } from '../account.ts'
import { KeystoreError } from './errors.ts'
import { readKeystore } from './fields.ts'
import { SCRYPT_COST, type ScryptCost } from './kdf.ts'
import { openWeb3, sealWeb3, Web3Crypto } from './web3-crypto.ts'

const Web3Keystore = z.object({
  version: z.literal(3),
  address: z.optional(z.string().check(z.regex(/^(0x)?[0-9a-fA-F]{40}$/))),
  crypto: Web3Crypto,
})
export type Web3Keystore = z.output<typeof Web3Keystore>

/** A Web3 Secret Storage file, version 3, of the account's Ethereum key alone: what other wallets take in. */
export async function exportWeb3Keystore(
  account: Pick<Account, 'eth' | 'address'>,
  passphrase: string,
  cost: ScryptCost = SCRYPT_COST,
): Promise<string> {
  return sealWeb3Key(`0x${bytesToHex(account.eth.privateKey())}`, passphrase, cost)
}

/** The same of a private key that belongs to no account, such as a node's. Throws KeystoreError NO_PASSPHRASE. */
export async function sealWeb3Key(
  privateKey: Hex,
  passphrase: string,
  cost: ScryptCost = SCRYPT_COST,
): Promise<string> {
  const key = hexToBytes(privateKey.slice(2))
  const crypto = await sealWeb3(key, passphrase, { kdf: 'scrypt', cost })
  key.fill(0)
  const address = addressOfKey(privateKey).slice(2).toLowerCase()
  return JSON.stringify({ address, crypto, id: globalThis.crypto.randomUUID(), version: 3 })
}

/** Throws KeystoreError BAD_KEYSTORE. */
export const readWeb3Keystore = (text: string): Web3Keystore =>
  readKeystore('web3 keystore', Web3Keystore, text)

/** The private key in it. Throws KeystoreError WRONG_PASSPHRASE, TOO_COSTLY, BAD_KEYSTORE. */
export async function openWeb3Keystore(keystore: Web3Keystore, passphrase: string): Promise<Hex> {
  const bytes = await openWeb3(keystore.crypto, passphrase)
  const key: Hex = `0x${bytesToHex(bytes)}`
  bytes.fill(0)
  const named = keystore.address?.replace(/^0x/, '').toLowerCase()
  if (bytes.length !== 32 || (named !== undefined && addressOf(key) !== named)) {
    const detail = { code: 'BAD_KEYSTORE', kind: 'web3 keystore', field: 'address' } as const
    throw new KeystoreError('The key in this keystore is not that of its address', detail)
  }
  return key
}

function addressOf(key: Hex): string | undefined {
  try {
    return (addressOfKey(key) satisfies Address).slice(2).toLowerCase()
  } catch {
    return undefined // not a key of the curve
  }
}
