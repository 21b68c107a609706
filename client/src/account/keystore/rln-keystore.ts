import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { identityFromSecret, type Identity } from '@teahouse/protocol/rln'
import type { Address } from 'viem'
import * as z from 'zod/mini'
import { fromUtf8, utf8, parseJson } from '../text.ts'
import { KeystoreError } from './errors.ts'
import { readKeystore } from './fields.ts'
import { openWeb3, sealWeb3, Web3Crypto } from './web3-crypto.ts'

/** As Waku's own clients write it; what they say of themselves is free. */
const APPLICATION = 'waku-rln-relay'
const APP_IDENTIFIER = '01234567890abcdef'
const VERSION = '0.2'
const ROUNDS = 1_000_000
const KIND = 'RLN keystore'

const RlnKeystore = z.object({
  application: z.string().check(z.maxLength(256)),
  appIdentifier: z.string().check(z.maxLength(256)),
  version: z.string().check(z.maxLength(256)),
  credentials: z.record(z.string().check(z.regex(/^[0-9A-F]{64}$/)), z.object({ crypto: Web3Crypto })),
})
export type RlnKeystore = z.output<typeof RlnKeystore>

const Bytes32 = z.array(z.int().check(z.gte(0), z.lte(255))).check(z.length(32))
const Credential = z.object({
  treeIndex: z.int().check(z.nonnegative()),
  identityCredential: z.object({ idSecretHash: Bytes32, idCommitment: Bytes32 }),
  membershipContract: z.object({
    chainId: z.string().check(z.maxLength(80)),
    address: z.string().check(z.maxLength(80)),
  }),
  userMessageLimit: z.optional(z.int().check(z.positive())),
})

/** The membership that an identity is kept for. */
export interface RlnMembership {
  readonly chainId: number
  readonly contract: Address
  /** Of the leaf. */
  readonly index: number
  /** Messages an epoch. */
  readonly rateLimit: number
}

/** How a keystore names a credential: SHA-256 of chain id, contract and index written one after another, upper-case hex. */
export function membershipHash({ chainId, contract, index }: Omit<RlnMembership, 'rateLimit'>): string {
  return hashOf(chainIdText(chainId), contract, index)
}

/**
 * A Waku RLN keystore (72/WAKU-RLN-KEYSTORE) with one credential. Its identity has no trapdoor and nullifier, since our
 * secret is drawn as a whole: both are written as zeros, which RLN-v2 does not use.
 */
export async function exportRlnKeystore(
  identity: Identity,
  membership: RlnMembership,
  passphrase: string,
  rounds = ROUNDS,
): Promise<string> {
  const zeros = Array.from<number>({ length: 32 }).fill(0)
  const credential = {
    treeIndex: membership.index,
    identityCredential: {
      idCommitment: littleEndian(identity.commitment),
      idNullifier: zeros,
      idSecretHash: littleEndian(identity.secret),
      idTrapdoor: zeros,
    },
    membershipContract: { chainId: chainIdText(membership.chainId), address: membership.contract },
    userMessageLimit: membership.rateLimit,
  }
  const plain = utf8(JSON.stringify(credential))
  const crypto = await sealWeb3(plain, passphrase, { kdf: 'pbkdf2', rounds })
  plain.fill(0)
  const credentials = { [membershipHash(membership)]: { crypto } }
  const head = { application: APPLICATION, appIdentifier: APP_IDENTIFIER, version: VERSION }
  return JSON.stringify({ ...head, credentials })
}

/** Throws KeystoreError BAD_KEYSTORE. */
export const readRlnKeystore = (text: string): RlnKeystore => readKeystore(KIND, RlnKeystore, text)

/**
 * The identity under `hash`, and the leaf that it is for.
 * @throws KeystoreError NO_CREDENTIAL, WRONG_PASSPHRASE, TOO_COSTLY; BAD_KEYSTORE if the identity is not one, or not the hash's.
 */
export async function openRlnKeystore(
  { credentials }: RlnKeystore,
  hash: string,
  passphrase: string,
): Promise<{ readonly identity: Identity; readonly index: number }> {
  const found = Object.hasOwn(credentials, hash) ? credentials[hash] : undefined
  if (!found) {
    const message = 'The keystore has no such credential'
    throw new KeystoreError(message, { code: 'NO_CREDENTIAL', membershipHash: hash })
  }
  const plain = await openWeb3(found.crypto, passphrase)
  const parsed = Credential.safeParse(parseJson(fromUtf8(plain)))
  plain.fill(0)
  if (!parsed.success) throw badCredential('credential')
  const { treeIndex, identityCredential, membershipContract } = parsed.data
  if (hashOf(membershipContract.chainId, membershipContract.address, treeIndex) !== hash) {
    throw badCredential('membershipContract')
  }
  const identity = identityOf(bigintOf(identityCredential.idSecretHash))
  if (identity.commitment !== bigintOf(identityCredential.idCommitment)) throw badCredential('idCommitment')
  return { identity, index: treeIndex }
}

function identityOf(secret: bigint): Identity {
  try {
    return identityFromSecret(secret)
  } catch {
    throw badCredential('idSecretHash') // without the cause, which may repeat the secret
  }
}

const badCredential = (field: string): KeystoreError =>
  new KeystoreError(`The credential in this keystore is not valid: ${field}`, {
    code: 'BAD_KEYSTORE',
    kind: KIND,
    field,
  })

const chainIdText = (chainId: number): string => `0x${chainId.toString(16).toUpperCase()}`

const hashOf = (chainId: string, contract: string, index: number): string =>
  bytesToHex(sha256(utf8(`${chainId}${contract}${index}`))).toUpperCase()

const littleEndian = (value: bigint): number[] =>
  Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn))

const bigintOf = (bytes: readonly number[]): bigint =>
  bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
