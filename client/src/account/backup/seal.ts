import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, hexToBytes, randomBytes } from '@noble/hashes/utils.js'
import type { Account } from '../account.ts'
import { SCRYPT_COST, scryptKey, type ScryptCost } from '../keystore/kdf.ts'
import { utf8 } from '../text.ts'
import { BackupError } from './errors.ts'

export interface SealOptions {
  readonly account: Pick<Account, 'address' | 'backupKey'>
  /** Needed besides the phrase to open the backup again. */
  readonly passphrase?: string
  readonly cost?: ScryptCost
}

const MAGIC = utf8('TEAB')
const VERSION = 1
const WITH_PASSPHRASE = 1
const SALT_BYTES = 16
const NONCE_BYTES = 24
const TAG_BYTES = 16
const HEADER_BYTES = 9 + SALT_BYTES + NONCE_BYTES
const LENGTH_BYTES = 4
const SMALLEST = 4_096
const LARGEST = 16 * 1_048_576
const INFO = utf8('teahouse/backup/1')

interface Header {
  readonly bytes: Uint8Array
  readonly cost: ScryptCost | undefined
  readonly salt: Uint8Array
  readonly nonce: Uint8Array
}

/**
 * Encrypts a backup: `TEAB`, version, flags, log2 n, r and p of scrypt (0 without a passphrase), salt, nonce, then XChaCha20-Poly1305 of length and content
 * padded to 4 kB times a power of two. The header and the account's address are authenticated.
 * @throws BackupError TOO_LARGE, KeystoreError TOO_COSTLY.
 */
export async function sealBackup(content: Uint8Array, options: SealOptions): Promise<Uint8Array> {
  const most = LARGEST - LENGTH_BYTES
  if (content.length > most) {
    const detail = { code: 'TOO_LARGE', bytes: content.length, most } as const
    throw new BackupError(`A backup holds at most ${most} bytes`, detail)
  }
  const { account, passphrase, cost = SCRYPT_COST } = options
  const { n, r, p } = passphrase === undefined ? { n: 1, r: 0, p: 0 } : cost
  const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)]
  const flags = passphrase === undefined ? 0 : WITH_PASSPHRASE
  const header = concatBytes(MAGIC, Uint8Array.of(VERSION, flags, Math.log2(n), r, p), salt, nonce)
  const key = await keyOf(account, readHeader(header), passphrase)
  const plain = padded(content)
  const sealed = xchacha20poly1305(key, nonce, boundTo(header, account)).encrypt(plain)
  key.fill(0)
  plain.fill(0)
  return concatBytes(header, sealed)
}

/** Throws BackupError NOT_A_BACKUP, NEWER_BACKUP, NEEDS_PASSPHRASE, CANT_OPEN; KeystoreError TOO_COSTLY. */
export async function openBackup(
  bytes: Uint8Array,
  { account, passphrase }: Omit<SealOptions, 'cost'>,
): Promise<Uint8Array> {
  const header = readHeader(bytes)
  const key = await keyOf(account, header, passphrase)
  try {
    const cipher = xchacha20poly1305(key, header.nonce, boundTo(header.bytes, account))
    const plain = cipher.decrypt(bytes.subarray(HEADER_BYTES))
    const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0)
    return plain.slice(LENGTH_BYTES, LENGTH_BYTES + length)
  } catch {
    const message = 'The backup is of another account, under another passphrase, or was changed'
    throw new BackupError(message, { code: 'CANT_OPEN' })
  } finally {
    key.fill(0)
  }
}

/** What a backup says of itself before it is opened. Throws BackupError NOT_A_BACKUP or NEWER_BACKUP. */
export function readHeader(bytes: Uint8Array): Header {
  const isBackup = bytes.length >= HEADER_BYTES && MAGIC.every((byte, at) => byte === bytes[at])
  if (!isBackup || bytes.length > HEADER_BYTES + LARGEST + TAG_BYTES) throw notABackup()
  const [version, flags, log2n, r, p] = bytes.subarray(MAGIC.length, 9) as unknown as number[]
  if (version !== VERSION) {
    const message = `A newer release made this backup (version ${version})`
    throw new BackupError(message, { code: 'NEWER_BACKUP', version: version! })
  }
  if (flags! > WITH_PASSPHRASE || log2n! > 30) throw notABackup()
  return {
    bytes: bytes.subarray(0, HEADER_BYTES),
    cost: flags === WITH_PASSPHRASE ? { n: 2 ** log2n!, r: r!, p: p! } : undefined,
    salt: bytes.subarray(9, 9 + SALT_BYTES),
    nonce: bytes.subarray(9 + SALT_BYTES, HEADER_BYTES),
  }
}

async function keyOf(
  { backupKey }: SealOptions['account'],
  { cost, salt }: Header,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  if (cost && passphrase === undefined) {
    const message = 'This backup has a passphrase of its own'
    throw new BackupError(message, { code: 'NEEDS_PASSPHRASE' })
  }
  const second = cost
    ? await scryptKey(utf8(passphrase!.normalize('NFKD')), salt, cost, 32)
    : new Uint8Array()
  const both = concatBytes(backupKey, second)
  const key = hkdf(sha256, both, salt, INFO, 32)
  both.fill(0)
  second.fill(0)
  return key
}

const boundTo = (header: Uint8Array, { address }: SealOptions['account']): Uint8Array =>
  concatBytes(header, hexToBytes(address.slice(2)))

function padded(content: Uint8Array): Uint8Array {
  let size = SMALLEST
  while (size < LENGTH_BYTES + content.length) size *= 2
  const plain = new Uint8Array(size)
  new DataView(plain.buffer).setUint32(0, content.length)
  plain.set(content, LENGTH_BYTES)
  return plain
}

const notABackup = (): BackupError => new BackupError('This is not a backup', { code: 'NOT_A_BACKUP' })
