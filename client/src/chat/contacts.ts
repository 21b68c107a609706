import { contactName, foldedName } from '../account/contact/card.ts'
import type { SealedStore } from '../storage/sealed-store.ts'
import { ChatError } from './errors.ts'
import { parse, serialize } from './record.ts'
import { searchTextOf, type Romanize } from './search.ts'

/** A person whom this account knows. */
export interface Contact {
  /** Chat identity, as hex. */
  readonly account: string
  /** What this account calls it, checked by `contactName`; no two contacts have names that look alike. */
  readonly name: string
  /** Whether the safety number was compared, or a card was taken from the person's own screen. */
  readonly verified: boolean
  /** What it sends is dropped unread. */
  readonly blocked: boolean
  /** It may write, but nobody is to be disturbed. */
  readonly muted: boolean
  readonly addedAt: number
}

export type ContactChange = Partial<Pick<Contact, 'name' | 'verified' | 'blocked' | 'muted'>>

/** 10,000 contacts are 160 a value: each can be written at once, and all be read at once. */
const GROUPS = 64
/** One for all: making one costs more than comparing. */
const byName = new Intl.Collator()

export type Contacts = Awaited<ReturnType<typeof openContacts>>

/** Contacts, all in memory; each change is on disk when it resolves. */
export async function openContacts(
  store: SealedStore,
  now: () => number,
  romanize?: () => Promise<Romanize>,
) {
  const known = new Map<string, Contact>()
  const texts = new Map<string, { name: string; text: string }>()
  const groups = await Promise.all(
    Array.from({ length: GROUPS }, async (_, group) => (await store.get(keyOf(group)))?.value),
  )
  for (const group of groups) {
    for (const contact of group ? parse<Contact[]>(group) : []) known.set(contact.account, contact)
  }

  async function write(account: string, change: (old: Contact | undefined) => Contact | undefined) {
    let contact: Contact | undefined
    await store.update(keyOf(groupOf(account)), (stored) => {
      const group = stored ? parse<Contact[]>(stored.value) : []
      contact = change(group.find((one) => one.account === account))
      const others = group.filter((one) => one.account !== account)
      return serialize(contact ? [...others, contact] : others)
    })
    if (contact) known.set(account, contact)
    else known.delete(account)
    return contact
  }

  const named = (name: string) => {
    const wanted = foldedName(name)
    return [...known.values()].filter((contact) => foldedName(contact.name) === wanted)
  }

  return {
    get: (account: string): Contact | undefined => known.get(account),
    list: (): Contact[] => [...known.values()].sort((a, b) => byName.compare(a.name, b.name)),
    /** Throws ChatError UNKNOWN_CONTACT; AMBIGUOUS_NAME for the beginning of several names. */
    find(nameOrAccount: string): Contact {
      const exact = known.get(nameOrAccount.toLowerCase()) ?? named(nameOrAccount)[0]
      if (exact) return exact
      const beginning = foldedName(nameOrAccount)
      const begins = [...known.values()].filter(({ name }) => foldedName(name).startsWith(beginning))
      if (begins.length === 1) return begins[0]!
      if (begins.length === 0) throw new ChatError('There is no such contact', { code: 'UNKNOWN_CONTACT' })
      const detail = { code: 'AMBIGUOUS_NAME', matches: begins.length } as const
      throw new ChatError(`${begins.length} contacts begin so`, detail)
    },
    /** Adds a contact or changes one. Throws ChatError NAME_TAKEN; ContactError BAD_NAME. */
    async put(account: string, change: ContactChange & { readonly name?: string }): Promise<Contact> {
      const name = change.name === undefined ? undefined : contactName(change.name)
      if (name !== undefined && named(name).some((contact) => contact.account !== account))
        throw new ChatError('Another contact has this name', { code: 'NAME_TAKEN' })
      const written = await write(account, (old) => ({
        ...(old ?? { account, name: account.slice(0, 8), addedAt: now() }),
        ...{ verified: false, blocked: false, muted: false },
        ...old,
        ...change,
        ...(name !== undefined && { name }),
      }))
      return written!
    },
    /** Takes contacts as they are, from a backup; those that are known stay as they are, and keep their names: a newcomer of such a name goes by its account. */
    async addAll(contacts: readonly Contact[]): Promise<void> {
      const taken = new Map([...known.values()].map(({ account, name }) => [foldedName(name), account]))
      const renamed = contacts.map((one) => {
        const folded = foldedName(one.name)
        const holder = taken.get(folded) ?? one.account
        taken.set(folded, holder)
        return holder === one.account ? one : { ...one, name: one.account.slice(0, 8) }
      })
      const byGroup = Map.groupBy(renamed, ({ account }) => groupOf(account))
      for (const [group, added] of byGroup) {
        await store.update(keyOf(group), (stored) => {
          const kept = stored ? parse<Contact[]>(stored.value) : []
          const fresh = added.filter(({ account }) => !known.has(account))
          return serialize([...kept, ...fresh])
        })
        for (const contact of added) if (!known.has(contact.account)) known.set(contact.account, contact)
      }
    },
    remove: async (account: string): Promise<void> => void (await write(account, () => undefined)),
    /** Contacts whose name has the text in it, also as pinyin, in full or by initials; the best first. */
    async search(text: string, limit = 50): Promise<Contact[]> {
      const wanted = foldedName(text).replaceAll(' ', '')
      const spoken = await romanize?.().catch(() => undefined)
      const found: { contact: Contact; at: number }[] = []
      for (const contact of known.values()) {
        let cached = texts.get(contact.account)
        if (cached?.name !== contact.name) {
          cached = { name: contact.name, text: searchTextOf(foldedName(contact.name), spoken) }
          texts.set(contact.account, cached)
        }
        const at = cached.text.indexOf(wanted)
        if (at >= 0) found.push({ contact, at })
      }
      found.sort((a, b) => a.at - b.at || byName.compare(a.contact.name, b.contact.name))
      return found.slice(0, limit).map(({ contact }) => contact)
    },
  }
}

const keyOf = (group: number): string => `contacts/${group}`
const groupOf = (account: string): number => Number.parseInt(account.slice(0, 2), 16) % GROUPS
