import { hexToBytes, bytesToHex } from '@noble/hashes/utils.js'
import { MAX_WAKE_TOPICS } from '@teahouse/protocol/wire'
import { contactName } from '../account/contact/card.ts'
import { readInvitation } from '../account/contact/invitation.ts'
import { safetyNumber } from '../account/contact/safety-number.ts'
import { attachments, type OutgoingFile, type SendFileOptions, type SentFile } from './attachments.ts'
import { blocking } from './blocking.ts'
import { contactCard, readContactCard } from './card.ts'
import type { Contact, ContactChange } from './contacts.ts'
import type { Body, ContentId } from './content.ts'
import { asRead, isExpired } from './drafting.ts'
import { createEngine, type ChatDeps, type ChatOptions } from './engine.ts'
import { ChatError } from './errors.ts'
import type { ChatEvent } from './events.ts'
import { missingIn } from './inbound.ts'
import { unreadMessages, type IncomingMessage } from './incoming.ts'
import { entriesOf, inOrder, type Entry } from './ordering.ts'
import { RETENTION_MS } from './outgoing.ts'
import type { MoneyBody } from './money-bodies.ts'
import type { ChatMessage, Conversation, SentChat } from './record.ts'
import { topicsAhead } from './routing.ts'

/** A conversation as a list shows it. */
export interface ConversationSummary {
  readonly account: string
  /** Undefined for whoever is no contact. */
  readonly contact: Contact | undefined
  /** What the other side calls itself, which nothing proves. */
  readonly senderName: string | undefined
  readonly unread: number
  /** Messages that are known to be missing. */
  readonly missing: number
  readonly last: ChatMessage | undefined
}

/**
 * Conversations of one device, end-to-end encrypted. Contacts and messages can be read at once; nothing is sent or received
 * before `start`. Only one process at a time may use a device's store; the others can only read.
 * @throws ContactError BAD_NAME for a name that nobody would take.
 */
export async function createChat(deps: ChatDeps, options: ChatOptions = {}) {
  const name = options.name ? contactName(options.name) : undefined
  const engine = await createEngine(deps, { ...options, name })
  const { own, conversations, contacts, lists, events, pump, drafts, publish, refollow, ackDelayMs, now } =
    engine

  function mayWrite(nameOrAccount: string): string {
    if (!engine.isStarted()) throw new ChatError('The chat has not been started', { code: 'NOT_STARTED' })
    const { account, blocked } = contacts.find(nameOrAccount)
    if (blocked) throw new ChatError('This contact is blocked', { code: 'BLOCKED' })
    return account
  }

  async function say(nameOrAccount: string, body: Body, given?: ContentId): Promise<SentChat> {
    const account = mayWrite(nameOrAccount)
    const id = await drafts.add(account, body, true, given)
    const hasOwn = await drafts.copy(account, id)
    const problem = await pump.run(account)
    if (hasOwn) pump.wake(own.account)
    await refollow()
    const message = (await conversations.get(account))?.tail.find((one) => one.id === id)
    const state = message?.state ?? 'waiting'
    const failed = state === 'waiting' && problem !== undefined
    return { id, state, waitsUntil: now() + RETENTION_MS, ...(failed && { problem }) }
  }

  const { files, store } = deps
  const attached = attachments({ store, files, conversations, contacts, say, mayWrite, now })

  async function summaryOf(conversation: Conversation): Promise<ConversationSummary> {
    const { account, senderName, unread, tail } = conversation
    const last = inOrder(tail.filter((message) => !isExpired(now())(message))).at(-1)
    const contact = contacts.get(account)
    return {
      ...{ account, contact, senderName, last },
      unread: unread.length,
      missing: missingIn(conversation),
    }
  }

  /** A contact by what this account says of it, a stranger by what lists say. */
  function isBlocked(account: string): boolean {
    const contact = contacts.get(account)
    return contact ? contact.blocked : lists.has(account)
  }

  async function summaries(kind: Conversation['kind']): Promise<ConversationSummary[]> {
    const all = (await conversations.list()).filter((one) => one.kind === kind && one.account !== own.account)
    const shown = await Promise.all(all.filter(({ account }) => !isBlocked(account)).map(summaryOf))
    return shown.sort((a, b) => (b.last?.storedAt ?? 0) - (a.last?.storedAt ?? 0))
  }

  async function markRead(nameOrAccount: string, ids?: readonly ContentId[]): Promise<void> {
    const { account } = contacts.find(nameOrAccount)
    const unread = (await conversations.get(account))?.unread ?? []
    const read = unread.filter((id) => ids?.includes(id) ?? true)
    if (read.length === 0) return
    await conversations.change(account, (old) => asRead(old, read, now()))
    if (!options.readReceipts || !engine.isStarted()) return
    await drafts.add(account, { kind: 'read', ids: read }, false)
    pump.wake(account, ackDelayMs)
  }

  /** The account of a card, of an invitation, of a name, or of 64 hex digits. */
  function accountOf(given: string): string {
    const text = given.trim()
    if (text.startsWith('teahouse:invite/')) return bytesToHex(readInvitation(text).card.key)
    if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
    return /^tea1/i.test(text) ? bytesToHex(readContactCard(text)) : contacts.find(text).account
  }

  /** Changes contacts while no other process uses this chat: one that does has them in memory, and would not notice. */
  async function alone<T>(change: () => Promise<T>): Promise<T> {
    if (engine.isStarted()) return change()
    const release = await deps.hold()
    try {
      return await change()
    } finally {
      release()
    }
  }

  async function accept(request: string, name?: string): Promise<Contact> {
    const account = accountOf(request)
    const found = await conversations.get(account)
    const fallback = found?.senderName ?? account.slice(0, 8)
    const contact = await contacts.put(account, { name: name ?? contacts.get(account)?.name ?? fallback })
    await conversations.change(account, (old) => ({
      ...old,
      kind: 'open',
      ackDue: Object.keys(old.stored),
      unread: old.kind === 'request' ? old.tail.filter(({ mine }) => !mine).map(({ id }) => id) : old.unread,
    }))
    events.emit({ kind: 'contact', contact })
    pump.wake(account, ackDelayMs)
    await refollow()
    return contact
  }

  /** What waited while a contact was blocked goes on. */
  async function resume(account: string): Promise<void> {
    pump.wake(account)
    await refollow()
  }

  async function block(whom: string): Promise<Contact> {
    const account = accountOf(whom)
    const contact = await contacts.put(account, { blocked: true })
    const found = await conversations.get(account)
    if (found?.kind === 'request') await conversations.remove(account)
    await refollow()
    return contact
  }

  return {
    /** This account's chat identity, as hex. */
    account: own.account,
    /** What others add as a contact: print it, show it, send it. */
    card: contactCard(hexToBytes(own.account)),
    /**
     * Publishes keys, receives what was missed and what comes, and sends what waits. Needs no network to return.
     * @throws StorageError LOCKED if another process uses this chat.
     */
    start: engine.start,
    /** Resolves when everything that nodes kept for this account so far is on disk. */
    caughtUp: engine.caughtUp,
    /** Publishes this device's keys if that is due: from then on strangers can begin to write. */
    publish,
    /** Ends all of it; acknowledgements that wait are sent first. */
    stop: engine.stop,

    /** Sends a text to a contact. Resolves once it is on disk and was tried; `problem` says why it still waits. */
    send: (contact: string, text: string): Promise<SentChat> => say(contact, { kind: 'text', text }),
    /** Sends data of an application to a contact. */
    sendData: (contact: string, type: string, data: Uint8Array): Promise<SentChat> =>
      say(contact, { kind: 'app', type, data }),
    /**
     * Stores a file at nodes, sealed, and sends its reference to a contact; goes on with what was cut off.
     * @throws ChatError NOT_STARTED, UNKNOWN_CONTACT, AMBIGUOUS_NAME, BLOCKED; FileError, PayError, NetError, StorageError.
     */
    sendFile: (contact: string, file: OutgoingFile, options: SendFileOptions = {}): Promise<SentFile> =>
      attached.send(contact, file, options),
    /** The file of a message, by the message's id or its beginning, and its bytes. Nothing is fetched unasked, and nothing of strangers. */
    files: { find: attached.find, read: attached.read },
    /** Sends what is about money, which the client writes itself: see `client.pay` and `client.envelopes`. */
    sendMoney: (contact: string, body: MoneyBody): Promise<SentChat> => say(contact, body),
    /** Introduces one contact to another. */
    async introduce(contact: string, whom: string): Promise<SentChat> {
      const { account, name } = contacts.find(whom)
      return say(contact, { kind: 'card', chatKey: hexToBytes(account), name: contactName(name) })
    },
    /** From now on messages of both disappear so many seconds after they were read; 0: never. */
    disappear: (contact: string, seconds: number): Promise<SentChat> =>
      say(contact, { kind: 'timer', seconds }),

    /** Conversations with contacts, the newest first. */
    conversations: () => summaries('open'),
    /** Strangers who wrote: they see no sign of it, and nothing counts as unread, until one is accepted. */
    requests: () => summaries('request'),
    /** All messages with a contact or of a request, in order, and where some are missing. */
    async messages(of: string): Promise<Entry[]> {
      const conversation = await conversations.get(accountOf(of))
      if (!conversation) return []
      const messages = await conversations.messages(conversation)
      return entriesOf(
        conversation,
        messages.filter((message) => !isExpired(now())(message)),
      )
    },
    /** The newest messages of a conversation, about a hundred at most, in the order in which they were stored. */
    recent: async (of: string): Promise<readonly ChatMessage[]> =>
      (await conversations.get(accountOf(of)))?.tail ?? [],
    /** Whether it was started, and not stopped since. */
    isStarted: engine.isStarted,
    /** Messages that were not read, of all contacts, and then those that come; asking for the next one marks it as read. */
    incoming: (signal?: AbortSignal): AsyncIterable<IncomingMessage> =>
      unreadMessages({ conversations, contacts, listen: events.listen, now, markRead }, signal),
    /** Marks messages of a contact as read: these, or all. What disappears begins to. */
    markRead,
    /**
     * Topics by which others reach this device, for `client.wake`: its inbox, and with `days` the buckets of its conversations with contacts that are neither
     * blocked nor muted, for so many days; 64 at most.
     */
    async wakeTopics({ days = 0 }: { readonly days?: number } = {}): Promise<string[]> {
      const all = (await conversations.list()).filter(({ account }) => {
        const contact = contacts.get(account)
        return contact && !contact.blocked && !contact.muted
      })
      const recent = all.sort((a, b) => Math.max(b.heardAt, b.spokeAt) - Math.max(a.heardAt, a.spokeAt))
      return topicsAhead(own.account, recent, { nowMs: now(), days, levels: engine.levels }).slice(
        0,
        MAX_WAKE_TOPICS,
      )
    },
    /** What happens, from now on. */
    events: (signal?: AbortSignal): AsyncIterable<ChatEvent> => events.listen(signal),

    contacts: {
      list: contacts.list,
      find: contacts.find,
      search: contacts.search,
      addAll: (added: readonly Contact[]): Promise<void> => alone(() => contacts.addAll(added)),
      /**
       * Adds the person of a card or an invitation.
       * @throws ChatError BAD_CARD, NAME_TAKEN, SELF; ContactError BAD_INVITATION, BAD_NAME; StorageError LOCKED.
       */
      async add(
        card: string,
        { name, verified = false }: { name: string; verified?: boolean },
      ): Promise<Contact> {
        const account = accountOf(card)
        if (account === own.account) throw new ChatError('This is your own card', { code: 'SELF' })
        return alone(async () => {
          await contacts.put(account, { name, verified })
          return accept(account, name)
        })
      },
      /** Sixty digits to compare with the other side's: if they are the same, nobody is in between. */
      safetyNumber: (contact: string): string =>
        safetyNumber(hexToBytes(own.account), hexToBytes(contacts.find(contact).account)),
      change: (contact: string, change: ContactChange): Promise<Contact> =>
        alone(async () => {
          const before = contacts.find(contact)
          const changed = await contacts.put(before.account, change)
          if (before.blocked && !changed.blocked) await resume(changed.account)
          return changed
        }),
    },
    /** Block lists: signed by whoever makes them, followed by whoever trusts that person. They touch no contact. */
    blockLists: blocking({
      ...{ identity: deps.identity, contacts, lists, accountOf, alone, now },
      send: engine.send,
    }),
    /**
     * Takes a stranger's request: it becomes a contact, and learns that its messages came. Without a name it keeps the one
     * that it claims.
     * @throws ChatError NAME_TAKEN, also for a name that only looks like another's; ContactError BAD_NAME; StorageError
     * LOCKED.
     */
    accept: (request: string, name?: string): Promise<Contact> => alone(() => accept(request, name)),
    /** Drops a request, or all that a contact sends from now on. Nobody is told. Throws StorageError LOCKED. */
    block: (whom: string): Promise<Contact> => alone(() => block(whom)),
  }
}
