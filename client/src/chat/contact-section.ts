import * as z from 'zod/mini'
import type { Account } from '../account/account.ts'
import type { BackupSection } from '../account/backup/backup.ts'
import { contactName } from '../account/contact/card.ts'
import { PlaceFields, placesOf, type Place } from '../places.ts'
import { scopesOf } from '../scopes.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import type { KeyValueStore } from '../storage/store.ts'
import { openContacts } from './contacts.ts'

const ContactFields = z.strictObject({
  account: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  name: z.string(),
  ...{ verified: z.boolean(), blocked: z.boolean(), muted: z.boolean() },
  addedAt: z.number(),
})
const Kept = z.array(z.strictObject({ place: PlaceFields, contacts: z.array(ContactFields) }))

/**
 * The contacts of an account, as a section of a backup; of the chat nothing else: keys, sessions and messages are this device's. Contacts that are known stay as
 * they are.
 */
export function contactSection(
  storage: KeyValueStore,
  account: Pick<Account, 'address' | 'storageKey'>,
  now: () => number = Date.now,
): BackupSection {
  const places = placesOf(storage, account)
  const open = (place: Place) => {
    const { chat: scope } = scopesOf({ ...place, account: account.address })
    return openContacts(sealedStore(storage, { key: account.storageKey, scope }), now)
  }
  return {
    name: 'contacts',
    version: 1,
    async collect() {
      const all = await Promise.all(
        (await places.list()).map(async (place) => ({ place, contacts: (await open(place)).list() })),
      )
      return all.filter(({ contacts }) => contacts.length > 0)
    },
    prepare(value) {
      const kept = Kept.parse(value)
      for (const { contacts } of kept) for (const { name } of contacts) contactName(name)
      return async () => {
        for (const { place, contacts } of kept) {
          await places.remember(place)
          await (await open(place)).addAll(contacts)
        }
      }
    },
  }
}
