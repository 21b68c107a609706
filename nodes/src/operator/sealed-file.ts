import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { BackupError } from './backup-error.ts'

/** Cost of scrypt (RFC 7914): `128 · r · n` bytes of memory. */
export interface SealCost {
  readonly log2n: number
  readonly r: number
  readonly p: number
}

/** 128 MiB and about half a second. */
const COST: SealCost = { log2n: 17, r: 8, p: 1 }
/** Twice what we ask for; a file that asks for more is refused unread. */
const MAX_WORK = 2 ** 18 * 8

const MAGIC = Buffer.from('TEANODE1')
const SALT_BYTES = 16
const IV_BYTES = 12
const TAG_BYTES = 16
const HEADER_BYTES = MAGIC.length + 3 + SALT_BYTES + IV_BYTES
/** Of what comes out of it: a small file can't fill the memory. */
const MAX_BYTES = 1024 ** 3

/**
 * Compresses and encrypts: `TEANODE1`, log2 n, r and p of scrypt, salt and nonce, all authenticated, then AES-256-GCM of the gzipped content and its tag.
 */
export function seal(content: Uint8Array, passphrase: string, { log2n, r, p }: SealCost = COST): Uint8Array {
  const [salt, iv] = [randomBytes(SALT_BYTES), randomBytes(IV_BYTES)]
  const header = Buffer.concat([MAGIC, Uint8Array.of(log2n, r, p), salt, iv])
  const cipher = createCipheriv('aes-256-gcm', keyOf(passphrase, salt, { log2n, r, p }), iv).setAAD(header)
  return Buffer.concat([header, cipher.update(gzipSync(content)), cipher.final(), cipher.getAuthTag()])
}

/** Throws BackupError NOT_A_BACKUP, CANT_OPEN. */
export function unseal(bytes: Uint8Array, passphrase: string): Uint8Array {
  const file = Buffer.from(bytes)
  const isSealed = file.length >= HEADER_BYTES + TAG_BYTES && file.subarray(0, MAGIC.length).equals(MAGIC)
  const [log2n = 0, r = 0, p = 0] = file.subarray(MAGIC.length)
  if (!isSealed || log2n < 1 || log2n > 20 || r < 1 || p < 1 || 2 ** log2n * r * p > MAX_WORK)
    throw new BackupError('This is no backup of a node', { code: 'NOT_A_BACKUP' })
  const header = file.subarray(0, HEADER_BYTES)
  const salt = header.subarray(MAGIC.length + 3, HEADER_BYTES - IV_BYTES)
  try {
    const key = keyOf(passphrase, salt, { log2n, r, p })
    const decipher = createDecipheriv('aes-256-gcm', key, header.subarray(-IV_BYTES)).setAAD(header)
    decipher.setAuthTag(file.subarray(-TAG_BYTES))
    const packed = Buffer.concat([decipher.update(file.subarray(HEADER_BYTES, -TAG_BYTES)), decipher.final()])
    return gunzipSync(packed, { maxOutputLength: MAX_BYTES })
  } catch {
    throw new BackupError('The passphrase is wrong, or the backup was changed', { code: 'CANT_OPEN' })
  }
}

const keyOf = (passphrase: string, salt: Uint8Array, { log2n, r, p }: SealCost): Buffer =>
  scryptSync(passphrase.normalize('NFKD'), salt, 32, {
    N: 2 ** log2n,
    r,
    p,
    maxmem: 2 * 128 * 2 ** log2n * r,
  })
