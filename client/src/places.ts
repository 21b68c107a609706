import * as z from 'zod/mini'
import type { Account } from './account/account.ts'
import { parseJson } from './account/text.ts'
import type { ScopedContract, ScopesOptions } from './scopes.ts'
import { sealedStore } from './storage/sealed-store.ts'
import type { KeyValueStore } from './storage/store.ts'

/** A network as names in a store know it. */
export type Place = Omit<ScopesOptions, 'account'>

const address = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]{40}$/))])
const contracts = {
  ...{ Token: address, MembershipRegistry: address, PaymentChannels: address, Escrow: address },
  ...{ RedEnvelope: address, RetrievalCourt: address, ArchiveCourt: address },
} satisfies Record<ScopedContract, typeof address>

export const PlaceFields = z.strictObject({
  chainId: z.int().check(z.positive()),
  genesis: z.string().check(z.regex(/^[0-9a-f]{1,64}$/)),
  contracts: z.strictObject(contracts),
})

const FOLDER = 'networks/'

/**
 * The networks on which an account has been used on this device. What is sealed has names that can be worked out and not listed: without this a backup
 * would have to ask a chain where to look.
 */
export function placesOf(storage: KeyValueStore, { storageKey }: Pick<Account, 'storageKey'>) {
  const store = sealedStore(storage, { key: storageKey, scope: 'networks' })
  const nameOf = (place: Place): string =>
    FOLDER + [place.chainId, place.genesis, ...Object.values(plain(place).contracts)].join('-').toLowerCase()

  return {
    async remember(place: Place): Promise<void> {
      const name = nameOf(place)
      if (!(await store.get(name))) await store.set(name, JSON.stringify(plain(place)))
    },
    async list(): Promise<Place[]> {
      const stored = await Promise.all((await store.keys(FOLDER)).map((name) => store.get(name)))
      return stored.flatMap((one) => (one ? [PlaceFields.parse(parseJson(one.value))] : []))
    },
  }
}

/** With the contracts that names go by, in their order. */
function plain({ chainId, genesis, contracts: all }: Place): Place {
  const names = Object.keys(contracts) as ScopedContract[]
  const kept = Object.fromEntries(names.map((name) => [name, all[name]])) as Place['contracts']
  return { chainId, genesis, contracts: kept }
}
