import { isAddressEqual, type Address } from 'viem'
import type { Chat } from '../chat/open-chat.ts'
import type { ChatMessage } from '../chat/record.ts'
import type { Addresses } from './addresses.ts'
import type { MoneyBook, Payment } from './book.ts'
import { MoneyError } from './errors.ts'
import { isAsked, payAtOf } from './pay-at.ts'
import type { GivenReceipt } from './receipts.ts'

export interface DeskDeps {
  readonly addresses: Addresses
  readonly book: MoneyBook
  readonly chainId: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

type PartOfChat = Pick<Chat, 'contacts' | 'events' | 'isStarted' | 'messages' | 'recent' | 'sendMoney'>

export type Desk = ReturnType<typeof createDesk>

/** An unanswered question is asked again after this. */
const ASK_AGAIN_MS = 86_400_000

/** What the client itself says and answers about money in conversations: where it can be paid, and what it has paid. */
export function createDesk({ addresses, book, chainId, now }: DeskDeps) {
  let chat: PartOfChat | undefined
  let last: Promise<void> = Promise.resolve()

  const messagesOf = async (account: string): Promise<ChatMessage[]> =>
    ((await chat?.messages(account)) ?? []).flatMap((entry) => (entry.kind === 'message' ? [entry] : []))

  const addressIn = (message: ChatMessage) => payAtOf(message, chainId)

  /** What a side of a conversation said last about where it can be paid. */
  async function told(account: string, mine: boolean): Promise<Address | undefined> {
    const said = (await messagesOf(account)).filter((one) => one.mine === mine).map(addressIn)
    return said.filter((address) => typeof address === 'string').at(-1)
  }

  /** Tells a contact where it can pay, if it asked and was not told since. Whoever is no contact is told nothing. */
  async function answer(account: string): Promise<void> {
    const contact = chat?.contacts.list().find((one) => one.account === account)
    if (!chat || !contact || contact.blocked) return
    if (!isAsked(await chat.recent(account), chainId)) return
    const address = (await told(account, true)) ?? (await addresses.forContact(account))
    await chat.sendMoney(account, { kind: 'payAt', chainId, address })
  }

  /** One after the other, so that two don't find the same receipt unsent. */
  function sendReceipt({ id }: Pick<Payment, 'id'>): Promise<void> {
    const sent = last.then(() => sendReceiptNow(id))
    last = sent.catch(() => undefined)
    return sent
  }

  async function sendReceiptNow(id: string): Promise<void> {
    const payment = await book.get(id)
    if (!payment) return
    const { contact, receipt, state, signed, block } = payment
    if (!chat?.isStarted() || contact === undefined || receipt !== 'owed' || state !== 'paid') return
    const { hash } = signed
    const isSaid = (await messagesOf(contact)).some(
      ({ mine, body }) => mine && body.kind === 'receipt' && body.hash === hash,
    )
    if (!isSaid) {
      const { token, to, amount, note, refundOf } = payment
      const paid = { chainId, token, hash, block: block!, to, amount, note }
      await chat.sendMoney(contact, { kind: 'receipt', ...paid, ...(refundOf && { refundOf }) })
    }
    await book.change(payment.id, { receipt: 'sent' })
  }

  async function sendOwed(): Promise<void> {
    for (const payment of await book.list()) await sendReceipt(payment)
  }

  /** Asks a contact where it can be paid, unless that was asked lately. Returns whether it has been asked. */
  async function ask(account: string): Promise<boolean> {
    if (!chat?.isStarted()) return false
    const messages = await chat.recent(account)
    const asked = messages.findLast((one) => one.mine && addressIn(one) === undefined)
    if (!asked || asked.sentAt < now() - ASK_AGAIN_MS)
      await chat.sendMoney(account, { kind: 'payAt', chainId })
    return true
  }

  const receiptsFrom = async (account: string): Promise<GivenReceipt[]> =>
    (await messagesOf(account)).flatMap(({ mine, id, body }) =>
      !mine && body.kind === 'receipt' ? [{ account, id, body }] : [],
    )

  return {
    attach: (attached: PartOfChat): void => void (chat = attached),
    answer,
    /** Receipts of payments that were made meanwhile, by this process or another. */
    sendOwed,
    /** The chat. Throws MoneyError CHAT_NEEDED if it has not been opened. */
    chat(): PartOfChat {
      if (chat) return chat
      const message = 'Contacts are paid with the chat open: client.chat()'
      throw new MoneyError(message, { code: 'CHAT_NEEDED' })
    },
    /** Sends a payment's receipt once, when the chat has been started; else it stays owed. */
    sendReceipt,
    wasToldTo: async (contact: string, address: Address): Promise<boolean> =>
      (await messagesOf(contact)).some((one) => {
        const said = one.mine && addressIn(one)
        return typeof said === 'string' && isAddressEqual(said, address)
      }),
    /**
     * Where a contact said that it can be paid; if it has not, it is asked, and its answer is waited for.
     * @throws MoneyError NO_ADDRESS.
     */
    async addressOf(account: string, waitMs: number): Promise<Address> {
      const known = await told(account, false)
      if (known) return known
      const events = chat?.events(AbortSignal.timeout(waitMs))
      const asked = await ask(account)
      if (asked && events) {
        for await (const event of events) {
          const address = event.kind === 'message' && (await told(account, false))
          if (address) return address
        }
      }
      const message = asked
        ? 'This contact has not told where it can be paid. It has been asked, and answers when it is next online'
        : 'This contact has not told where it can be paid; start the chat to ask'
      throw new MoneyError(message, { code: 'NO_ADDRESS', contact: account, asked })
    },
    /** The receipts that contacts have sent; none if the chat has not been opened. */
    async allReceipts(): Promise<GivenReceipt[]> {
      const all = await Promise.all((chat?.contacts.list() ?? []).map(({ account }) => receiptsFrom(account)))
      return all.flat()
    },
    receiptsFrom,
  }
}
