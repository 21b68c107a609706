import { decodeAbiParameters, encodeAbiParameters, isHex, type Hex } from 'viem'
import { StorageError, type KeyValueStore } from '../storage/store.ts'
import { TERMS_TYPE, type DealTerms } from './terms.ts'

const TUPLE = [{ type: 'tuple', components: TERMS_TYPE }] as const

/** Terms of deals between the decision to open them and the receipt; they survive a crash. */
export function openingDeals(storage: KeyValueStore, scope: string) {
  const prefix = `deals/${scope}/`
  return {
    put: (deal: Hex, terms: DealTerms): Promise<void> =>
      storage.set(prefix + deal, encodeAbiParameters(TUPLE, [terms])),
    remove: async (deal: Hex): Promise<void> => void (await storage.delete(prefix + deal)),
    /** Ids of the deals, sorted. */
    list: async () => (await storage.keys(prefix)).map((key) => key.slice(prefix.length) as Hex),
    /** Throws StorageError CORRUPT. */
    async get(deal: Hex): Promise<DealTerms | undefined> {
      const key = prefix + deal
      const stored = await storage.get(key)
      return stored && parse(stored.value, key)
    },
  }
}

function parse(text: string, key: string): DealTerms {
  try {
    if (isHex(text)) return decodeAbiParameters(TUPLE, text)[0]
  } catch (cause) {
    throw damaged(key, cause)
  }
  throw damaged(key)
}

const damaged = (key: string, cause?: unknown): StorageError =>
  new StorageError('The terms of a deal are damaged', { code: 'CORRUPT', key }, { cause })
