import type { Chat } from '../chat/open-chat.ts'
import { loadedLater, loadOnce } from '../loaded-later.ts'
import { sealedStore } from '../storage/sealed-store.ts'
import { isAsked } from './pay-at.ts'
import type { Purse, PurseDeps } from './purse.ts'

/** Another process of the account may have paid, or made an envelope, without the chat: what it owes goes out so often. */
const OWED_MS = 20_000

/**
 * What `openPurse` gives. Its code is loaded with the first call; when a contact asks where it can pay; and with the chat, if the account has
 * paid or given before.
 */
export function purseLater(deps: PurseDeps) {
  const { account, storage, scopes } = deps
  const { chainId } = deps.chain.network
  const kept = [`money/${scopes.money}`, `envelopes/${scopes.envelopes}`].map((scope) =>
    sealedStore(storage, { key: account.storageKey, scope }),
  )
  let chat: Chat | undefined

  const { get: load, peek } = loadOnce(async (): Promise<Purse> => {
    const purse = (await import('./purse.ts')).openPurse(deps)
    if (chat) purse.attach(chat)
    return purse
  })

  async function isUsed(): Promise<boolean> {
    const empty = await Promise.all(kept.map((store) => store.isEmpty()))
    return empty.includes(false)
  }

  /** What can't be sent stays owed. */
  async function sendOwed(): Promise<void> {
    if (await isUsed()) await (await load()).sendOwed()
  }

  /** Tells contacts where they can pay, until the chat ends. What fails is tried again when the chat is next started. */
  async function answerAll(asked: Chat): Promise<void> {
    const answer = async (contact: string): Promise<void> => {
      if (isAsked(await asked.recent(contact), chainId)) await (await load()).desk.answer(contact)
    }
    const quietly = (task: Promise<void>): Promise<void> => task.catch(() => undefined)
    const events = asked.events()
    for (const { account: contact } of asked.contacts.list()) await quietly(answer(contact))
    for await (const event of events) {
      if (event.kind === 'message') await quietly(answer(event.account))
      if (event.kind === 'contact') await quietly(answer(event.contact.account))
    }
  }

  return {
    load,
    money: loadedLater(async () => (await load()).money),
    envelopes: loadedLater(async () => (await load()).envelopes),
    /** Serves a chat from its start until it is stopped: tells contacts where to pay, and sends receipts and shares that are owed. */
    async attach<C extends Chat>(attached: C): Promise<C> {
      chat = attached
      ;(await peek())?.attach(attached)
      let timer: ReturnType<typeof setInterval> | undefined

      async function start(): Promise<void> {
        const wasStarted = attached.isStarted()
        await attached.start()
        if (wasStarted) return
        const owed = (): void => void sendOwed().catch(() => undefined)
        void answerAll(attached)
        owed()
        timer = setInterval(owed, OWED_MS)
      }
      async function stop(): Promise<void> {
        clearInterval(timer)
        await attached.stop()
      }
      async function wipe(): Promise<void> {
        clearInterval(timer)
        await attached.wipe()
      }
      return { ...attached, start, stop, wipe }
    },
  }
}
