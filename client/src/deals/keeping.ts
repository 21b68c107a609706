import type { Hex } from 'viem'
import type { DealPlace } from './agreed.ts'
import { readOffer, writeOffer, type Offer } from './offer.ts'
import type { AnyTemplate } from './templates/template.ts'
import { StorageError, type KeyValueStore } from '../storage/store.ts'

/** Offers that this account has a part in. The chain has the terms of a deal and not what their details say: without it no evidence can be brought. */
export function keptOffers(storage: KeyValueStore, scope: string) {
  const prefix = `deal-offers/${scope}/`
  return {
    put: (offer: Offer): Promise<void> => storage.set(prefix + offer.deal, writeOffer(offer)),
    remove: async (deal: Hex): Promise<void> => void (await storage.delete(prefix + deal)),
    /** Ids of the deals, sorted. */
    list: async () => (await storage.keys(prefix)).map((key) => key.slice(prefix.length) as Hex),
    /** Throws StorageError CORRUPT; also for a template that is not among those given. */
    async get(deal: Hex, place: DealPlace, templates?: readonly AnyTemplate[]): Promise<Offer | undefined> {
      const key = prefix + deal
      const stored = await storage.get(key)
      if (!stored) return undefined
      try {
        return readOffer(stored.value, place, templates)
      } catch (cause) {
        throw new StorageError('The offer of a deal can’t be read', { code: 'CORRUPT', key }, { cause })
      }
    },
  }
}
