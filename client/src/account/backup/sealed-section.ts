import * as z from 'zod/mini'
import { PlaceFields, placesOf } from '../../places.ts'
import { scopesOf, type Scopes } from '../../scopes.ts'
import { sealedStore } from '../../storage/sealed-store.ts'
import type { KeyValueStore } from '../../storage/store.ts'
import type { Account } from '../account.ts'
import type { BackupSection } from './backup.ts'

/** Values of one sealed store of each network, as a section. */
export interface SealedPart {
  readonly name: string
  readonly version: number
  /** The scope of the sealed store. */
  readonly scopeOf: (scopes: Scopes) => string
  /** Folders of that store, of which each value is kept; names that are in none of them never are. */
  readonly folders: readonly string[]
  /** Names that are in no folder. */
  readonly names?: readonly string[]
  /** The name, among `names`, under which whoever takes the section in finds when it was made, in milliseconds since 1970. */
  readonly madeAt?: string
  /** Throws for a value that can't stand under this name. */
  readonly check: (name: string, value: string) => void
  /** What stands there once a value is taken in: by default what is there already. */
  readonly merge?: (name: string, mine: string, theirs: string) => string
}

const Kept = z.array(z.strictObject({ place: PlaceFields, values: z.record(z.string(), z.string()) }))

/** A section of values that are sealed on the device: only in the folders and under the names that are listed, in a backup as on the way back. */
export function sealedSection(
  storage: KeyValueStore,
  account: Pick<Account, 'address' | 'storageKey'>,
  part: SealedPart,
  now: () => number = Date.now,
): BackupSection {
  const { name: section, version, folders, names = [], madeAt, check, merge = (_, mine) => mine } = part
  const places = placesOf(storage, account)

  const storeOf = (place: z.output<typeof PlaceFields>) => {
    const scope = part.scopeOf(scopesOf({ ...place, account: account.address }))
    return sealedStore(storage, { key: account.storageKey, scope })
  }

  function isKept(name: string): boolean {
    const folder = name.slice(0, name.lastIndexOf('/') + 1)
    return folder === '' ? names.includes(name) : folders.includes(folder)
  }

  async function valuesOf(place: z.output<typeof PlaceFields>): Promise<Record<string, string>> {
    const store = storeOf(place)
    const found = [...(await Promise.all(folders.map((folder) => store.keys(folder)))).flat(), ...names]
    const values = await Promise.all(
      found.map(async (name) => [name, (await store.get(name))?.value] as const),
    )
    const there = values.filter((one): one is [string, string] => one[1] !== undefined)
    return { ...Object.fromEntries(there), ...(madeAt !== undefined && { [madeAt]: String(now()) }) }
  }

  return {
    name: section,
    version,
    async collect() {
      const all = await Promise.all(
        (await places.list()).map(async (place) => ({ place, values: await valuesOf(place) })),
      )
      return all.filter(({ values }) => Object.keys(values).length > 0)
    },
    prepare(value) {
      const kept = Kept.parse(value)
      for (const { values } of kept) {
        for (const [name, text] of Object.entries(values)) {
          if (!isKept(name)) throw new RangeError(`${name} has no place in this section`)
          check(name, text)
        }
      }
      return async () => {
        for (const { place, values } of kept) {
          await places.remember(place)
          const store = storeOf(place)
          for (const [name, theirs] of Object.entries(values))
            await store.update(name, (old) => (old ? merge(name, old.value, theirs) : theirs))
        }
      }
    },
  }
}
