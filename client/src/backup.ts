import type { Account } from './account/account.ts'
import type { BackupSection } from './account/backup/backup.ts'
import { voucherSection } from './payments/voucher-section.ts'
import type { KeyValueStore } from './storage/store.ts'

/**
 * What a backup of an account takes along from its storage. Each part of the client that has something worth keeping adds its
 * section here; what is left out on purpose is listed in docs/accounts.md.
 */
export function backupSections(storage: KeyValueStore, account: Account): BackupSection[] {
  return [voucherSection(storage, account.address)]
}
