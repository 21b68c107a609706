import { TeahouseError } from '@teahouse/protocol/errors'
import { recoverMessageAddress } from '@teahouse/protocol/keys'
import { getAddress, isAddressEqual, type Address, type Hex } from 'viem'
import * as z from 'zod/mini'
import type { Account } from '../account/account.ts'
import type { KeyValueStore } from '../storage/store.ts'
import { ServiceHistory } from './record.ts'
import { parseJson, type Records } from './records.ts'

export class MarketError extends TeahouseError<
  | { readonly code: 'BAD_RECORDS'; readonly why: string }
  | { readonly code: 'OTHER_NETWORK'; readonly network: string }
> {}

const MAX_TEXT = 64 * 1024
/** Senders whose word is kept; the oldest goes first. */
const MAX_SENDERS = 16
/** One sender's word counts as no more requests of its own than this. */
const MOST_ASKED = 2
const VERSION = 1

const Shared = z.strictObject({
  version: z.literal(VERSION),
  /** Names chain and contracts. */
  network: z.string().check(z.maxLength(200)),
  account: z.string().check(z.regex(/^0x[0-9a-fA-F]{40}$/)),
  /** Unix seconds. */
  at: z.int().check(z.gte(0)),
  operators: z
    .record(z.string().check(z.regex(/^\d{1,10}$/)), ServiceHistory)
    .check(z.refine((operators) => Object.keys(operators).length <= 1_000, 'too many operators')),
})
const Signed = z.strictObject({
  records: z.string().check(z.maxLength(MAX_TEXT)),
  signature: z.string().check(z.regex(/^0x[0-9a-f]{130}$/)),
})

export interface SharedRecordsDeps {
  readonly account: Pick<Account, 'address' | 'eth'>
  readonly records: Pick<Records, 'all'>
  readonly storage: KeyValueStore
  /** Every key of somebody else's records starts with it. */
  readonly prefix: string
  readonly network: string
  readonly now: () => number
}

/** Tells others how operators served this account, under its signature, and hears it from them. */
export function sharedRecords({ account, records, storage, prefix, network, now }: SharedRecordsDeps) {
  return {
    /** Text to give to others. It says which operators this account asked, how often, and since when. */
    async export(): Promise<string> {
      const operators = Object.fromEntries(await records.all())
      const at = Math.floor(now() / 1000)
      const text = JSON.stringify({ version: VERSION, network, account: account.address, at, operators })
      return JSON.stringify({ records: text, signature: await account.eth.signMessage({ message: text }) })
    },
    /** Takes over what somebody else has exported, in place of its earlier word. Returns whose it is. Throws MarketError. */
    async import(text: string): Promise<Address> {
      const shared = await readShared(text)
      if (shared.network !== network) {
        const detail = { code: 'OTHER_NETWORK', network: shared.network } as const
        throw new MarketError('These records are of another network', detail)
      }
      const sender = getAddress(shared.account)
      const kept = await senders()
      const oldest = kept.toSorted((a, b) => a.at - b.at)[0]
      if (kept.length >= MAX_SENDERS && oldest && !kept.some(({ key }) => key === keyOf(sender)))
        await storage.delete(oldest.key)
      await storage.set(keyOf(sender), JSON.stringify(shared))
      return sender
    },
    /** What all others say of each operator together: the word of one counts as few requests, and no promise as broken. */
    async hearsay(): Promise<Map<number, Pick<ServiceHistory, 'asked' | 'served'>>> {
      const sums = new Map<number, { asked: number; served: number }>()
      for (const { operators, account: sender } of await senders()) {
        if (isAddressEqual(sender as Address, account.address)) continue
        for (const [id, history] of Object.entries(operators)) {
          const asked = Math.max(1, history.asked)
          const served = Math.max(0, Math.min(history.served, asked - history.broken))
          const share = Math.min(1, MOST_ASKED / asked)
          const sum = sums.get(Number(id)) ?? { asked: 0, served: 0 }
          sums.set(Number(id), { asked: sum.asked + share * asked, served: sum.served + share * served })
        }
      }
      return sums
    },
  }

  function keyOf(sender: Address): string {
    return prefix + sender.toLowerCase()
  }

  async function senders() {
    const keys = await storage.keys(prefix)
    const stored = await Promise.all(
      keys.map(async (key) => ({ key, ...Shared.safeParse(parseJson((await storage.get(key))?.value)) })),
    )
    return stored.flatMap(({ key, data }) => (data ? [{ key, ...data }] : []))
  }
}

/** Reads and checks what somebody exported. Throws MarketError BAD_RECORDS. */
export async function readShared(text: string): Promise<z.output<typeof Shared>> {
  const bad = (why: string) => new MarketError(`These are no records: ${why}`, { code: 'BAD_RECORDS', why })
  if (text.length > 2 * MAX_TEXT) throw bad('too long')
  const signed = Signed.safeParse(parseJson(text))
  if (!signed.success) throw bad('not in the form of an export')
  const shared = Shared.safeParse(parseJson(signed.data.records))
  if (!shared.success) throw bad('not in the form of records')
  const signature = signed.data.signature as Hex
  const signer = await recoverMessageAddress({ message: signed.data.records, signature }).catch(
    () => undefined,
  )
  if (!signer || !isAddressEqual(signer, shared.data.account as Address))
    throw bad('not signed by their account')
  return shared.data
}
