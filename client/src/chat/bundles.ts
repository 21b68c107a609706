import { hexToBytes } from '@noble/hashes/utils.js'
import type { Hex } from 'viem'
import type { HistoryOptions, HistoryResult } from '../messaging/reader.ts'
import { readBundle } from '../secure/bundle.ts'
import type { DeviceAddress, Sessions } from '../secure/types.ts'
import type { SealedStore } from '../storage/sealed-store.ts'
import { openBundle, sealBundle } from './bundle-seal.ts'
import { MAX_DEVICES, parse, serialize } from './record.ts'
import { hashOf, resent } from './resending.ts'
import { bundlesTopic, type TopicLevels } from './topics.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A device whose bundle is older has not been online for long, and is passed over. */
const READ_DAYS = 15
/** Nodes forget after 30 days, readers after 15. */
const PUBLISH_DAYS = 7
/** With fewer one-time prekeys the next bundle doesn't wait for its day, but for an hour. */
const FEW_KEYS = 3
const PUBLISHED = 'state/bundle'

export interface BundlesDeps {
  readonly sessions: Sessions
  readonly store: SealedStore
  readonly levels: TopicLevels
  readonly history: (options: HistoryOptions) => Promise<HistoryResult>
  readonly send: (contentTopic: string, payload: Uint8Array) => Promise<unknown>
  /** Sends a message of the outbox again, byte for byte. */
  readonly resend: (hash: Hex) => Promise<unknown>
  readonly now: () => number
}

/** A device and the bytes from which a session with it begins. */
export interface FoundBundle {
  readonly address: DeviceAddress
  readonly madeAt: number
  readonly bytes: Uint8Array
}

/** What is known of this device's own bundle. */
interface Published {
  readonly device: string
  /** When it was published last. */
  readonly at: number
  readonly done: boolean
  /** From when on a changed one is published. Drawn beforehand, so that it says nothing of when a prekey was used. */
  readonly nextAt?: number
  /** A bundle that no node has taken; it is sent again byte for byte. */
  readonly waiting?: Hex | undefined
}

/** Bundles of prekeys on their bucketed topics: one's own are published there, others' are looked up by whole buckets. */
export function bundles({ sessions, store, levels, history, send, resend, now }: BundlesDeps) {
  const keep = (published: Published) => store.set(PUBLISHED, serialize(published))
  const nextTime = () => now() + DAY_MS * (1 + Math.random() / 2)
  let mayBeFew = true

  async function fewAreLeft(publishedAt: number): Promise<boolean> {
    if (!mayBeFew || publishedAt > now() - HOUR_MS) return false
    mayBeFew = false
    const { oneTimeKeys } = await readBundle(await sessions.bundle())
    return oneTimeKeys < FEW_KEYS
  }

  return {
    /**
     * Publishes the bundle if that is due: a changed one at a random time one to one and a half days after the last, sooner if
     * few one-time prekeys are left, and an unchanged one after a week. Returns whether it did.
     */
    async publish(): Promise<boolean> {
      const { account, device } = sessions.address
      const stored = await store.get(PUBLISHED)
      const kept = stored && parse<Published>(stored.value)
      const last = kept?.device === device ? kept : undefined
      if (last?.done && (last.nextAt ?? 0) > now() && !(await fewAreLeft(last.at))) return false
      // What `replenish` returns is returned once: the need for it must outlive a crash.
      const trying = { device, at: last?.at ?? 0, done: false }
      await keep({ ...trying, waiting: last?.waiting })
      const fresh = await sessions.replenish()
      if (!fresh && last?.done && last.at > now() - PUBLISH_DAYS * DAY_MS) {
        await keep({ ...last, nextAt: nextTime() })
        return false
      }
      const waiting = fresh ? undefined : last?.waiting
      const key = hexToBytes(account)
      try {
        if (!waiting || !(await resent(resend, waiting)))
          await send(bundlesTopic(key, levels), sealBundle(key, fresh ?? (await sessions.bundle())))
      } catch (error) {
        await keep({ ...trying, waiting: hashOf(error) ?? waiting })
        throw error
      }
      await keep({ device, at: now(), done: true, nextAt: nextTime() })
      return true
    },
    /** A session was begun with one of the prekeys. */
    used(): void {
      mayBeFew = true
    },
    /**
     * The newest bundle of each device of an account, the newest first; of eight devices at most. A second node is asked if
     * the first has none: it may have missed them, or withhold them.
     */
    async fetch(account: string): Promise<FoundBundle[]> {
      const contentTopic = bundlesTopic(hexToBytes(account), levels)
      const since = (now() - READ_DAYS * DAY_MS) / 1000
      const first = await history({ contentTopic, since })
      const found = await newestOf(account, first)
      if (found.length > 0) return found
      const second = await history({ contentTopic, since, except: first.peerId }).catch(() => undefined)
      return second ? await newestOf(account, second) : []
    },
  }
}

/** The newest bundle of each device of an account. */
async function newestOf(account: string, { messages }: HistoryResult): Promise<FoundBundle[]> {
  const newest = new Map<string, FoundBundle>()
  for (const { payload } of messages) {
    const found = await read(account, payload)
    if (found?.address.account !== account) continue
    const known = newest.get(found.address.device)
    if (!known || known.madeAt < found.madeAt) newest.set(found.address.device, found)
  }
  return [...newest.values()].sort((a, b) => b.madeAt - a.madeAt).slice(0, MAX_DEVICES)
}

/** Anybody may write to a bucket: what is of another account, or not signed by this one, is passed over. */
async function read(account: string, payload: Uint8Array): Promise<FoundBundle | undefined> {
  const bytes = openBundle(hexToBytes(account), payload)
  if (!bytes) return undefined
  try {
    const { address, madeAt } = await readBundle(bytes)
    return { address, madeAt, bytes }
  } catch {
    return undefined
  }
}
