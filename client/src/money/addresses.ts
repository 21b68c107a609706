import { isAddressEqual, type Address } from 'viem'
import type { Account } from '../account/account.ts'
import type { SealedStore } from '../storage/sealed-store.ts'

/** An address of this account that others can pay. */
export interface OwnAddress {
  /** The last number of its path (BIP-44); 0 is the account itself. */
  readonly index: number
  readonly address: Address
  /** Whom it was told, as the chat identity in hex; undefined for the account's own and for those taken for claims. */
  readonly contact?: string | undefined
}

export type Addresses = ReturnType<typeof ownAddresses>

/** Under a contact's chat identity: the number of the address that it was told. */
export const ADDRESSES = 'addresses/'
export const COUNT = 'addresses-given'
/** Addresses beyond the last that is known which are looked at, too: another device or a lost book may have given them (BIP-44). */
const GAP = 20

/**
 * Addresses to be paid at, one for each contact: what two contacts see on the chain does not show that they pay the same person. They follow from the
 * phrase, so what is paid to them is not lost with the device.
 */
export function ownAddresses(
  { address, receiving }: Pick<Account, 'address' | 'receiving'>,
  store: SealedStore,
) {
  const derived = new Map<number, Address>([[0, address]])
  const at = (index: number): Address => {
    const known = derived.get(index) ?? receiving(index).address
    derived.set(index, known)
    return known
  }

  const given = async (): Promise<number> => Number((await store.get(COUNT))?.value ?? 0)
  const next = async (): Promise<number> =>
    Number(await store.update(COUNT, (old) => String(Number(old?.value ?? 0) + 1)))

  async function indexOf(contact: string): Promise<number | undefined> {
    const stored = await store.get(ADDRESSES + contact)
    return stored && Number(stored.value)
  }

  return {
    /** The address that a contact pays; on disk before it is told. */
    async forContact(contact: string): Promise<Address> {
      const known = await indexOf(contact)
      if (known !== undefined) return at(known)
      const index = await next()
      return at(Number(await store.update(ADDRESSES + contact, (old) => old?.value ?? String(index))))
    },
    /** An address that nobody has seen. */
    fresh: async (): Promise<Address> => at(await next()),
    /** Whether this account told a contact that address. */
    async isToldTo(contact: string, told: Address): Promise<boolean> {
      const index = await indexOf(contact)
      return index !== undefined && isAddressEqual(at(index), told)
    },
    /** All of them, and those that may have been given out without this device's knowledge. */
    async all(): Promise<OwnAddress[]> {
      const contacts = new Map<number, string>()
      for (const key of await store.keys(ADDRESSES)) {
        const contact = key.slice(ADDRESSES.length)
        contacts.set((await indexOf(contact))!, contact)
      }
      const count = (await given()) + GAP
      return Array.from({ length: count + 1 }, (_, index) => {
        const contact = contacts.get(index)
        return { index, address: at(index), ...(contact !== undefined && { contact }) }
      })
    },
  }
}
