import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { ACTION_MIGRATIONS } from './chain-relay/index.ts'
import { LEASE_MIGRATIONS } from './lease/index.ts'
import { MEMBERSHIP_MIGRATIONS } from './membership/change-store.ts'
import { VOUCHER_MIGRATIONS } from './payments/voucher-book.ts'
import { CHALLENGE_MIGRATIONS, RECEIPT_MIGRATIONS } from './receipts/index.ts'
import { COUNTER_MIGRATIONS } from './rln/message-counter.ts'
import { NULLIFIER_MIGRATIONS } from './rln/nullifier-log.ts'
import { ROOT_MIGRATIONS } from './roots/index.ts'
import { SLASHING_MIGRATIONS } from './slashing/case-store.ts'
import { openDatabase } from './storage/index.ts'
import { WAKE_MIGRATIONS } from './wake/index.ts'

const MIGRATIONS = {
  membership: MEMBERSHIP_MIGRATIONS,
  nullifiers: NULLIFIER_MIGRATIONS,
  counter: COUNTER_MIGRATIONS,
  slashing: SLASHING_MIGRATIONS,
  vouchers: VOUCHER_MIGRATIONS,
  roots: ROOT_MIGRATIONS,
  leases: LEASE_MIGRATIONS,
  receipts: RECEIPT_MIGRATIONS,
  challenges: CHALLENGE_MIGRATIONS,
  actions: ACTION_MIGRATIONS,
  wakes: WAKE_MIGRATIONS,
} as const

/** The node's databases beside the archive, one file a concern: what is damaged or lost is only that. */
export type Databases = Readonly<Record<keyof typeof MIGRATIONS, DatabaseSync>> & { close(): void }

/** Opens all of them. @throws StorageError, and then none stays open. */
export function openDatabases(dataDir: string): Databases {
  const opened: [string, DatabaseSync][] = []
  const close = () => {
    for (const [, db] of opened) db.close()
  }
  try {
    for (const [name, migrations] of Object.entries(MIGRATIONS)) {
      opened.push([name, openDatabase(join(dataDir, `${name}.sqlite`), migrations)])
    }
    return { ...(Object.fromEntries(opened) as Omit<Databases, 'close'>), close }
  } catch (err) {
    close()
    throw err
  }
}
