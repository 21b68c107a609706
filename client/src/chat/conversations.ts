import type { SealedStore } from '../storage/sealed-store.ts'
import { ChatError } from './errors.ts'
import { newConversation, parse, serialize, type ChatMessage, type Conversation } from './record.ts'

/** Messages that stay in a conversation's record, and that go to a page of their own when there are more. */
const TAIL = 96
const PAGE = 64

const keyOf = (account: string): string => `conversations/${account}`
const pageOf = (account: string, page: number): string => `pages/${account}/${page}`

export type Conversations = ReturnType<typeof conversations>

/** Conversations, each one value that changes as a whole; older messages lie in pages that hardly change. */
export function conversations(store: SealedStore) {
  async function get(account: string): Promise<Conversation | undefined> {
    const stored = await store.get(keyOf(account))
    return stored && parse<Conversation>(stored.value)
  }

  async function page(account: string, number: number): Promise<ChatMessage[]> {
    const stored = await store.get(pageOf(account, number))
    return stored ? parse<ChatMessage[]>(stored.value) : []
  }

  /**
   * Changes a conversation in one step that no crash can halve; makes it if there is none. `change` may return undefined:
   * then nothing is written. Returns what there is now.
   */
  async function update(
    account: string,
    change: (old: Conversation | undefined) => Conversation | undefined,
  ): Promise<Conversation | undefined> {
    let kept: Conversation | undefined
    try {
      await store.update(keyOf(account), (stored) => {
        const old = stored && parse<Conversation>(stored.value)
        kept = change(old)
        if (kept) return serialize(kept)
        kept = old
        throw UNCHANGED
      })
    } catch (error) {
      if (error !== UNCHANGED) throw error
    }
    return kept
  }

  return {
    get,
    update,
    /** Changes a conversation that is there, or a new open one. */
    change: async (account: string, change: (old: Conversation) => Conversation): Promise<Conversation> =>
      (await update(account, (old) => change(old ?? newConversation(account, 'open'))))!,
    async list(): Promise<Conversation[]> {
      const all = await Promise.all(
        (await store.keys('conversations/')).map((key) => get(key.slice('conversations/'.length))),
      )
      return all.filter((conversation) => conversation !== undefined)
    },
    /** All messages, in the order in which they were stored. */
    async messages(conversation: Conversation): Promise<ChatMessage[]> {
      const { account, pages, tail } = conversation
      const older = await Promise.all(Array.from({ length: pages }, (_, number) => page(account, number)))
      const inTail = new Set(tail.map(({ id }) => id))
      return [...older.flat().filter(({ id }) => !inTail.has(id)), ...tail]
    },
    /** Moves what is older than the newest messages to a page. The page is written first, so nothing is ever in neither. */
    async compact(account: string): Promise<void> {
      const conversation = await get(account)
      if (!conversation || conversation.tail.length <= TAIL) return
      const waiting = new Set(conversation.pending.map(({ content }) => content.id))
      const moved = conversation.tail
        .slice(0, conversation.tail.length - TAIL + PAGE)
        .filter(({ id }) => !waiting.has(id) && !conversation.unread.includes(id))
        .slice(0, PAGE)
      if (moved.length < PAGE) return
      const { pages } = conversation
      await store.set(pageOf(account, pages), serialize(moved))
      const ids = new Set(moved.map(({ id }) => id))
      await update(account, (old) => {
        if (old?.pages !== pages) return undefined
        return { ...old, pages: pages + 1, tail: old.tail.filter(({ id }) => !ids.has(id)) }
      })
    },
    /** Rewrites the pages of a conversation without the messages that `isGone`; `before` is told of them first. */
    async prunePages(
      { account, pages }: Conversation,
      isGone: (message: ChatMessage) => boolean,
      before: (gone: readonly ChatMessage[]) => Promise<void>,
    ): Promise<void> {
      for (let number = 0; number < pages; number++) {
        const messages = await page(account, number)
        const gone = messages.filter(isGone)
        if (gone.length === 0) continue
        await before(gone)
        await store.set(pageOf(account, number), serialize(messages.filter((message) => !isGone(message))))
      }
    },
    async remove(account: string): Promise<void> {
      for (const key of await store.keys(`pages/${account}/`)) await store.delete(key)
      await store.delete(keyOf(account))
    },
  }
}

/** Leaves an update without writing. */
const UNCHANGED = new ChatError('Nothing changes', { code: 'UNCHANGED' })
