import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { randomBytes } from '@noble/hashes/utils.js'
import { getAddress, isAddress, type Address } from 'viem'
import * as z from 'zod/mini'
import { accountFromPhrase, type Account } from '../account.ts'
import { fromUtf8, toBase64Url, utf8 } from '../text.ts'
import { KeystoreError } from './errors.ts'
import { base64Field, readKeystore } from './fields.ts'
import { SCRYPT_COST, scryptKey, type ScryptCost } from './kdf.ts'

const FORMAT = 'teahouse-account'
const VERSION = 2
const KIND = 'account file'
const KEY_BYTES = 32
const NONCE_BYTES = 24
const TAG_BYTES = 16
/** Longer than any phrase, so that a file doesn't tell the number of words or their language. */
const PHRASE_BYTES = 256
const MAX_LOCKS = 8

const wrapped = { nonce: base64Field(NONCE_BYTES), key: base64Field(KEY_BYTES + TAG_BYTES) }
const Lock = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('passphrase'),
    salt: base64Field(16, 64),
    n: z.int().check(z.positive()),
    r: z.int().check(z.positive()),
    p: z.int().check(z.positive()),
    ...wrapped,
  }),
  z.strictObject({
    kind: z.literal('passkey'),
    /** WebAuthn's id of the credential. */
    credential: base64Field(1, 1023),
    /** What the authenticator's PRF is asked about. */
    salt: base64Field(32),
    ...wrapped,
  }),
])
export type Lock = z.output<typeof Lock>

const AccountFileSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  address: z.pipe(
    z.string().check(z.refine((text) => isAddress(text, { strict: false }))),
    z.transform((text) => getAddress(text)),
  ),
  persona: z.int().check(z.nonnegative()),
  locks: z.array(Lock).check(z.minLength(1), z.maxLength(MAX_LOCKS)),
  nonce: base64Field(NONCE_BYTES),
  sealed: base64Field(PHRASE_BYTES + TAG_BYTES),
})

/**
 * An account file: the phrase under a random key, and that key under one lock or more, each of which opens it. Address and
 * persona are in the clear, and bound to the phrase.
 */
export type AccountFile = z.output<typeof AccountFileSchema>

/** Parses an account file, and opens nothing. Throws KeystoreError BAD_KEYSTORE. */
export const readAccountFile = (text: string): AccountFile => readKeystore(KIND, AccountFileSchema, text)

/** Throws KeystoreError TOO_MANY_LOCKS: nobody could read such a file. */
export function checkLocks(count: number): void {
  if (count <= MAX_LOCKS) return
  const message = `An account file has at most ${MAX_LOCKS} locks`
  throw new KeystoreError(message, { code: 'TOO_MANY_LOCKS', limit: MAX_LOCKS })
}

/** The text that `readAccountFile` takes. Throws KeystoreError TOO_MANY_LOCKS. */
export function writeAccountFile(file: AccountFile): string {
  checkLocks(file.locks.length)
  const encode = (_: string, value: unknown) => (value instanceof Uint8Array ? toBase64Url(value) : value)
  return `${JSON.stringify(file, encode, 2)}\n`
}

/** Seals an account with a passphrase as its first lock. Throws KeystoreError NO_PASSPHRASE, TOO_COSTLY. */
export async function sealAccount(
  account: Account,
  passphrase: string,
  cost: ScryptCost = SCRYPT_COST,
): Promise<AccountFile> {
  const key = randomBytes(KEY_BYTES)
  const { address, persona } = account
  const nonce = randomBytes(NONCE_BYTES)
  const plain = new Uint8Array(PHRASE_BYTES)
  plain.set(utf8(account.phrase))
  const sealed = xchacha20poly1305(key, nonce, headOf(address, persona)).encrypt(plain)
  plain.fill(0)
  const lock = await passphraseLock(key, address, passphrase, cost)
  key.fill(0)
  return { format: FORMAT, version: VERSION, address, persona, locks: [lock], nonce, sealed }
}

/**
 * Opens an account file by its passphrase.
 * @throws KeystoreError WRONG_PASSPHRASE, TOO_COSTLY, NO_SUCH_LOCK, BAD_KEYSTORE.
 */
export async function openAccountFile(file: AccountFile, passphrase: string): Promise<Account> {
  const key = await fileKey(file, passphrase)
  try {
    return openWithKey(file, key)
  } finally {
    key.fill(0)
  }
}

/** The key that the locks hold. Throws KeystoreError WRONG_PASSPHRASE, TOO_COSTLY, NO_SUCH_LOCK. */
export async function fileKey({ address, locks }: AccountFile, passphrase: string): Promise<Uint8Array> {
  const lock = locks.find(({ kind }) => kind === 'passphrase')
  if (lock?.kind !== 'passphrase') throw noSuchLock('passphrase')
  const kek = await scryptKey(passphraseBytes(passphrase), lock.salt, lock, KEY_BYTES)
  try {
    return unwrapKey(lock, address, kek)
  } finally {
    kek.fill(0)
  }
}

/** Opens an account file by the key that its locks hold. Throws KeystoreError BAD_KEYSTORE. */
export function openWithKey(file: AccountFile, key: Uint8Array): Account {
  const { address, persona, nonce, sealed } = file
  let plain: Uint8Array
  try {
    plain = xchacha20poly1305(key, nonce, headOf(address, persona)).decrypt(sealed)
  } catch {
    throw changed('sealed')
  }
  const phrase = fromUtf8(plain.subarray(0, plain.indexOf(0) === -1 ? plain.length : plain.indexOf(0)))
  plain.fill(0)
  const account = accountFromPhrase(phrase ?? '', { persona })
  if (account.address !== address) throw changed('address')
  return account
}

/** The file with another passphrase in place of the old one; other locks stay. */
export async function withPassphrase(
  file: AccountFile,
  key: Uint8Array,
  passphrase: string,
  cost: ScryptCost = SCRYPT_COST,
): Promise<AccountFile> {
  const others = file.locks.filter(({ kind }) => kind !== 'passphrase')
  return { ...file, locks: [await passphraseLock(key, file.address, passphrase, cost), ...others] }
}

/** Wraps the file's key under a key of 32 bytes that a lock of this kind is opened with. */
export function wrapKey(kind: Lock['kind'], address: Address, kek: Uint8Array, key: Uint8Array) {
  const nonce = randomBytes(NONCE_BYTES)
  return { nonce, key: xchacha20poly1305(kek, nonce, lockHead(kind, address)).encrypt(key) }
}

/** Throws KeystoreError WRONG_PASSPHRASE if `kek` is not the lock's. */
export function unwrapKey(lock: Lock, address: Address, kek: Uint8Array): Uint8Array {
  try {
    return xchacha20poly1305(kek, lock.nonce, lockHead(lock.kind, address)).decrypt(lock.key)
  } catch {
    const message = 'The passphrase (or passkey) is wrong, or the account file was changed'
    throw new KeystoreError(message, { code: 'WRONG_PASSPHRASE' })
  }
}

export const noSuchLock = (lock: string): KeystoreError =>
  new KeystoreError(`This account file can't be opened by a ${lock}`, { code: 'NO_SUCH_LOCK', lock })

async function passphraseLock(
  key: Uint8Array,
  address: Address,
  passphrase: string,
  { n, r, p }: ScryptCost,
): Promise<Lock> {
  if (passphrase === '') {
    throw new KeystoreError('An account file needs a passphrase', { code: 'NO_PASSPHRASE' })
  }
  const salt = randomBytes(16)
  const kek = await scryptKey(passphraseBytes(passphrase), salt, { n, r, p }, KEY_BYTES)
  const lock = { kind: 'passphrase', salt, n, r, p, ...wrapKey('passphrase', address, kek, key) } as const
  kek.fill(0)
  return lock
}

/** The same passphrase may be typed on machines that compose letters differently. */
const passphraseBytes = (passphrase: string): Uint8Array => utf8(passphrase.normalize('NFKD'))

const headOf = (address: Address, persona: number): Uint8Array =>
  utf8(`${FORMAT}/${VERSION}/${address}/${persona}`)

const lockHead = (kind: Lock['kind'], address: Address): Uint8Array =>
  utf8(`${FORMAT}/${VERSION}/lock/${kind}/${address}`)

function changed(field: string): KeystoreError {
  const detail = { code: 'BAD_KEYSTORE', kind: KIND, field } as const
  return new KeystoreError('The account file was changed', detail)
}
