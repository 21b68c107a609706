import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { bucketTopic } from '../chat/topics.ts'

/** As many buckets as prekey bundles have: whoever restores reads a whole one. */
export const BACKUP_LEVEL = 9
/** Topics change this often, so that looking back for as long as nodes keep messages takes few queries. */
const PERIOD_DAYS = 8
/** How long nodes keep messages. */
const KEPT_DAYS = 30
const DAY_SECONDS = 86_400
const PERIOD_SECONDS = PERIOD_DAYS * DAY_SECONDS
const INFO = 'teahouse/backup/topic/1'

/** Where to look for an account's backups, and from when on, in unix seconds. */
export interface BackupPlace {
  readonly contentTopic: string
  readonly since: number
}

/** The topic of an account's backups at a time (unix seconds): a bucket that only the account can tell, by HKDF-SHA256 of its backup key. */
export function backupTopic(backupKey: Uint8Array, seconds: number): string {
  const period = Math.floor(seconds / PERIOD_SECONDS)
  return bucketTopic(
    'backups',
    hkdf(sha256, backupKey, undefined, utf8ToBytes(`${INFO}/${period}`), 2),
    BACKUP_LEVEL,
  )
}

/** All topics on which a backup can still be, the newest first. */
export function backupPlaces(backupKey: Uint8Array, seconds: number): BackupPlace[] {
  const oldest = seconds - KEPT_DAYS * DAY_SECONDS
  const periods = Math.floor(seconds / PERIOD_SECONDS) - Math.floor(oldest / PERIOD_SECONDS) + 1
  return Array.from({ length: periods }, (_, ago) => {
    const at = seconds - ago * PERIOD_SECONDS
    const begun = Math.floor(at / PERIOD_SECONDS) * PERIOD_SECONDS
    return { contentTopic: backupTopic(backupKey, at), since: Math.max(begun, oldest) }
  })
}
