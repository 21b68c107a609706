import type { Address } from 'viem'
import * as z from 'zod/mini'
import type { BackupSection } from '../account/backup/backup.ts'
import { parseJson } from '../account/text.ts'
import type { KeyValueStore } from '../storage/store.ts'

const OFFERS = 'deal-offers/'
const Offer = z.object({ 'teahouse-deal': z.int(), deal: z.string() })

/** Offers that an account keeps, as a section of a backup: what the terms of its deals mean, which no chain says. Whoever reads one checks all of it again. */
export function offerSection(storage: KeyValueStore, account: Address): BackupSection {
  const own = new RegExp(`^[0-9a-f]{1,64}/0x[0-9a-f]{40}/${account.toLowerCase()}/0x[0-9a-f]{64}$`)
  const Offers = z.record(z.string().check(z.regex(own)), z.string())
  return {
    name: 'deal-offers',
    version: 1,
    async collect() {
      const keys = (await storage.keys(OFFERS)).filter((key) => own.test(key.slice(OFFERS.length)))
      const entries = await Promise.all(
        keys.map(async (key) => [key.slice(OFFERS.length), (await storage.get(key))?.value] as const),
      )
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
    },
    prepare(value) {
      const kept = Object.entries(Offers.parse(value))
      for (const [key, text] of kept) {
        if (Offer.parse(parseJson(text)).deal !== key.slice(key.lastIndexOf('/') + 1))
          throw new RangeError('An offer stands under the name of another deal')
      }
      return async () => {
        for (const [key, text] of kept) await storage.update(OFFERS + key, (old) => old?.value ?? text)
      }
    },
  }
}
