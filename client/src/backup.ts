import type { Account } from './account/account.ts'
import type { BackupSection } from './account/backup/backup.ts'
import { sealedSection } from './account/backup/sealed-section.ts'
import { contactSection } from './chat/contact-section.ts'
import { messageReceiptPart, receiptPart } from './courts/receipt-sections.ts'
import { offerSection } from './deals/offer-section.ts'
import { envelopePart } from './envelopes/book-section.ts'
import { moneyPart } from './money/book-section.ts'
import { voucherSection } from './payments/voucher-section.ts'
import type { KeyValueStore } from './storage/store.ts'

/**
 * What a backup of an account takes along from its storage. Each part of the client that has something worth keeping adds its
 * section here; what is left out on purpose is listed in docs/accounts.md. `now` in milliseconds since 1970.
 */
export function backupSections(
  storage: KeyValueStore,
  account: Account,
  now: () => number = Date.now,
): BackupSection[] {
  const sealed = [moneyPart, envelopePart, receiptPart, messageReceiptPart]
  return [
    voucherSection(storage, account.address),
    offerSection(storage, account.address),
    contactSection(storage, account, now),
    ...sealed.map((part) => sealedSection(storage, account, part, now)),
  ]
}
