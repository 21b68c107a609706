import type { Address } from 'viem'
import * as z from 'zod/mini'
import type { BackupSection } from '../account/backup/backup.ts'
import type { KeyValueStore } from '../storage/store.ts'
import { readEntry, VOUCHERS } from './voucher-book.ts'

/**
 * What was signed for payees, as a section of a backup. A restored sum never lowers one that is known: the larger epoch counts,
 * and in it the larger sum.
 */
export function voucherSection(storage: KeyValueStore, account: Address): BackupSection {
  const own = new RegExp(`^[0-9a-f]{1,64}/0x[0-9a-f]{40}/${account.toLowerCase()}/0x[0-9a-f]{40}$`)
  const Vouchers = z.record(z.string().check(z.regex(own)), z.string())
  return {
    name: 'vouchers',
    version: 1,
    async collect() {
      const keys = (await storage.keys(VOUCHERS)).filter((key) => own.test(key.slice(VOUCHERS.length)))
      const entries = await Promise.all(
        keys.map(async (key) => [key.slice(VOUCHERS.length), (await storage.get(key))?.value] as const),
      )
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
    },
    prepare(value) {
      const kept = Object.entries(Vouchers.parse(value))
      for (const [key, text] of kept) readEntry(key, { value: text, native: true })
      return async () => {
        for (const [key, text] of kept) {
          await storage.update(VOUCHERS + key, (old) =>
            old && isAhead(key, old.value, text) ? old.value : text,
          )
        }
      }
    },
  }
}

function isAhead(key: string, known: string, restored: string): boolean {
  const [a, b] = [known, restored].map((value) => readEntry(key, { value, native: true })!)
  return a!.epoch > b!.epoch || (a!.epoch === b!.epoch && a!.cumulative >= b!.cumulative)
}
