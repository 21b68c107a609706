import type { HistoryOptions, HistoryResult } from '../messaging/reader.ts'
import type { SealedStore } from '../storage/sealed-store.ts'
import { blockListTopic, markOf, readBlockList, type BlockList } from './block-list.ts'
import { ChatError } from './errors.ts'
import { parse, serialize } from './record.ts'

/** A list that this device follows, as a person is shown it. */
export interface FollowedList extends Omit<BlockList, 'marks'> {
  readonly accounts: number
  /** When a store was last asked for a later one, in milliseconds since 1970. */
  readonly checkedAt: number
}

interface Followed extends BlockList {
  readonly checkedAt: number
}

export interface BlockListsDeps {
  readonly store: SealedStore
  readonly history: (options: HistoryOptions) => Promise<HistoryResult>
  readonly now: () => number
}

const FOLDER = 'blocklists/'
/** Lists that a device follows, at most: each costs a hash for every stranger. */
const MAX_LISTS = 16
const DAY_MS = 86_400_000
const RETENTION_MS = 30 * DAY_MS
/** Messages of a list's topic that are looked at: anybody may write there. */
const LOOKS = 50
/** A list from the future would stand for ever. */
const AHEAD_MS = DAY_MS

export type BlockLists = Awaited<ReturnType<typeof openBlockLists>>

/** Lists of others that this device follows, in memory and on disk. They never touch contacts: what is no longer followed has left nothing. */
export async function openBlockLists({ store, history, now }: BlockListsDeps) {
  const lists = new Map<string, Followed & { readonly set: ReadonlySet<string> }>()
  for (const key of await store.keys(FOLDER)) {
    const stored = await store.get(key)
    if (stored) remember(parse<Followed>(stored.value))
  }

  function remember(list: Followed): void {
    lists.set(list.publisher, { ...list, set: new Set(list.marks) })
  }

  async function keep(list: BlockList, checkedAt: number): Promise<FollowedList> {
    const { publisher } = list
    if (list.madeAt > now() + AHEAD_MS)
      throw new ChatError('The block list is of a time to come', { code: 'BAD_LIST', why: 'its time' })
    if (!lists.has(publisher) && lists.size >= MAX_LISTS) {
      const detail = { code: 'TOO_LARGE', size: lists.size + 1, limit: MAX_LISTS } as const
      throw new ChatError(`A device follows ${MAX_LISTS} block lists at most`, detail)
    }
    const old = lists.get(publisher)
    const followed: Followed = { ...(old && old.madeAt >= list.madeAt ? withoutSet(old) : list), checkedAt }
    await store.set(FOLDER + publisher, serialize(followed))
    remember(followed)
    return shown(followed)
  }

  /** The latest list of a publisher that stores have; undefined if they have none. */
  async function fetch(publisher: string): Promise<BlockList | undefined> {
    const contentTopic = blockListTopic(publisher)
    const since = (now() - RETENTION_MS) / 1_000
    const { messages } = await history({ contentTopic, since, limit: LOOKS })
    const found = messages.flatMap(({ payload }) => {
      try {
        const list = readBlockList(payload)
        return list.publisher === publisher && list.madeAt <= now() + AHEAD_MS ? [list] : []
      } catch {
        return [] // anybody may write there
      }
    })
    return found.toSorted((a, b) => b.madeAt - a.madeAt)[0]
  }

  return {
    /** Whether a list that is followed has an account. */
    has(account: string): boolean {
      for (const { publisher, set } of lists.values()) if (set.has(markOf(publisher, account))) return true
      return false
    },
    list: (): FollowedList[] => [...lists.values()].map(shown),
    /** Follows a list that came as bytes. Throws ChatError BAD_LIST, TOO_LARGE. */
    follow: (bytes: Uint8Array): Promise<FollowedList> => keep(readBlockList(bytes), now()),
    /** Follows the lists that a publisher publishes. Throws ChatError NO_LIST, TOO_LARGE; NetError and others of `history`. */
    async followPublisher(publisher: string): Promise<FollowedList> {
      const list = await fetch(publisher)
      if (!list) throw new ChatError('This person has published no block list', { code: 'NO_LIST' })
      return keep(list, now())
    },
    /** From now on as if it had never been followed. Throws ChatError NO_LIST. */
    async unfollow(publisher: string): Promise<void> {
      if (!lists.has(publisher)) throw new ChatError('This list is not followed', { code: 'NO_LIST' })
      await store.delete(FOLDER + publisher)
      lists.delete(publisher)
    },
    /** Looks for later ones of what was not looked for today. One that can't be had stops none of the others; the first error is thrown at the end. */
    async refresh(olderThanMs = DAY_MS): Promise<void> {
      const failures: unknown[] = []
      for (const old of [...lists.values()].filter(({ checkedAt }) => checkedAt <= now() - olderThanMs)) {
        try {
          await keep((await fetch(old.publisher)) ?? withoutSet(old), now())
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}

function withoutSet({ publisher, name, madeAt, marks }: BlockList): BlockList {
  return { publisher, name, madeAt, marks }
}

const shown = ({ publisher, name, madeAt, marks, checkedAt }: Followed): FollowedList => {
  return { publisher, name, madeAt, accounts: marks.length, checkedAt }
}
