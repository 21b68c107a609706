import type { Account } from '../account/account.ts'
import type { Chain } from '../chain/chain.ts'
import { StorageError, type KeyValueStore } from '../storage/store.ts'

/** Where this account's membership stands in the registry; `expiry` in unix seconds. */
export interface OwnMembership {
  readonly index: number
  readonly rateLimit: number
  readonly expiry: number
}

/** The registry's state of a membership that has not been left. */
const ACTIVE = 1

/**
 * The account's own membership. The chain's provider is asked for it by name, so it is asked once, and the answer kept:
 * number and limit never change. Undefined before joining.
 */
export function ownMembership(chain: Chain, account: Account, storage: KeyValueStore, key: string) {
  return {
    async known(): Promise<OwnMembership | undefined> {
      const stored = await storage.get(key)
      return stored && parse(key, stored.value)
    },
    /** Asks the chain again, and keeps the answer. Throws CallError. */
    async refresh(): Promise<(OwnMembership & { readonly active: boolean }) | undefined> {
      const found = await chain.read('read the membership', () =>
        chain.contracts.MembershipRegistry.read.member([account.rln.commitment, account.address]),
      )
      if (found.state === 0) return undefined
      const { index, rateLimit, expiry } = found
      await storage.set(key, JSON.stringify({ index, rateLimit, expiry }))
      return { index, rateLimit, expiry, active: found.state === ACTIVE }
    },
  }
}

function parse(key: string, value: string): OwnMembership {
  try {
    const { index, rateLimit, expiry } = JSON.parse(value) as Record<keyof OwnMembership, unknown>
    const numbers = [index, rateLimit, expiry]
    if (numbers.every(Number.isSafeInteger)) return { index, rateLimit, expiry } as OwnMembership
  } catch (cause) {
    throw new StorageError('The kept membership is damaged', { code: 'CORRUPT', key }, { cause })
  }
  throw new StorageError('The kept membership is damaged', { code: 'CORRUPT', key })
}
