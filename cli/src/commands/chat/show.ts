import {
  contactCard,
  coverCost,
  MoneyError,
  showAmount,
  type Chat,
  type ChatMessage,
  type ChatOptions,
  type Client,
  type ConversationSummary,
  type Entry,
  type Verdict,
} from '@teahouse/client'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { hexToBytes } from 'viem'
import { paragraph, printable } from '../../output.ts'
import type { Session } from '../../session.ts'
import { textsFor, type Texts } from '../../texts/index.ts'

/** The texts of the chat in the language of a session. */
export const chatTexts = (session: Session): Texts['chat'] => textsFor(session.world.env).chat

/** Letters of a message's id that tell it from a person's other messages. */
const ID_SHOWN = 8

/** What a message says, safe to show; only a text has more than one line. */
export function showBody({ id, body }: ChatMessage, texts: Texts['chat'], checked?: Checked): string {
  switch (body.kind) {
    case 'text':
      return paragraph(body.text)
    case 'card':
      return texts.introduces(printable(body.name), contactCard(body.chatKey))
    case 'timer':
      return texts.timer(body.seconds)
    case 'file':
      return texts.file(printable(body.name), body.size, id.slice(0, ID_SHOWN))
    case 'app':
      return texts.data(printable(body.type), body.data.length)
    case 'receipt':
      return showReceipt(body, texts, checked)
    case 'payAt':
      return body.address === undefined ? texts.asksAddress : texts.tellsAddress(body.address)
    case 'envelope':
      return texts.envelope
    default:
      return ''
  }
}

/** A receipt as it stands on the chain: shown as received only if it is there. */
export interface Checked {
  readonly sum: string
  /** Undefined for one's own receipts. */
  readonly verdict: Verdict | undefined
}

type Receipt = Extract<ChatMessage['body'], { kind: 'receipt' }>

function showReceipt({ note, hash }: Receipt, texts: Texts['chat'], checked: Checked | undefined): string {
  const { receipt } = texts
  const said = note ? ` "${printable(note)}"` : ''
  if (!checked) return receipt.unchecked + said
  const { sum, verdict } = checked
  if (!verdict) return receipt.paid(sum, hash) + said
  if (verdict.state === 'received') return receipt.received(sum, hash) + said
  return (verdict.state === 'unseen' ? receipt.unseen(sum) : receipt.false(sum)) + said
}

/** A token that is none of the network's has no name here. */
function ifOther(error: unknown): undefined {
  if (!(error instanceof MoneyError && error.code === 'OTHER_TOKEN')) throw error
}

/** Compares a receipt with the chain; undefined for any other message, and if the chain can't be asked. */
export async function check(
  { money }: Client,
  account: string,
  { id, mine, body }: ChatMessage,
): Promise<Checked | undefined> {
  if (body.kind !== 'receipt') return undefined
  try {
    const verdict = mine ? undefined : await money.check({ account, id, body })
    const token = await money.token(body.token).catch(ifOther)
    return { sum: token ? showAmount(body.amount, token) : `${body.amount} ${body.token}`, verdict }
  } catch (error) {
    if (isTeahouseError(error)) return undefined
    throw error
  }
}

/** Entries of a conversation, receipts compared with the chain. */
export function showEntries(
  client: Client,
  { account, name }: { readonly account: string; readonly name: string },
  entries: readonly Entry[],
  texts: Texts['chat'],
): Promise<string[]> {
  return Promise.all(
    entries.map(async (entry) => {
      const checked = entry.kind === 'message' ? await check(client, account, entry) : undefined
      return showEntry(entry, name, texts, checked)
    }),
  )
}

/** The beginning of what a message says, on one line. */
function beginning(message: ChatMessage, texts: Texts['chat']): string {
  return showBody(message, texts).replace(/\s+/g, ' ').slice(0, 80)
}

/** One entry of a conversation. */
export function showEntry(entry: Entry, name: string, texts: Texts['chat'], checked?: Checked): string {
  if (entry.kind === 'missing') return texts.log.missing(entry.count)
  const who = entry.mine ? texts.you : name
  const state = entry.mine && entry.state ? `  (${texts.open.state[entry.state]})` : ''
  return `${new Date(entry.sentAt).toISOString()}  ${printable(who)}: ${showBody(entry, texts, checked)}${state}`
}

/** A message as JSON; a receipt with what the chain says of it. */
export function messageJson(message: ChatMessage, checked?: Checked): Record<string, unknown> {
  const { id, mine, sentAt, body, state } = message
  const { kind, ...rest } = body
  const verdict = checked?.verdict && { verdict: checked.verdict }
  return { id, mine, sentAt, kind, ...rest, ...verdict, ...(state && { state }) }
}

/** What a summary is called: the contact's name, what it calls itself, or the beginning of its account. */
export function nameOf({ contact, senderName, account }: ConversationSummary): string {
  return printable(contact?.name ?? senderName ?? account.slice(0, 8))
}

export function showSummary(summary: ConversationSummary, texts: Texts['chat']): string {
  const { unread, missing, last } = summary
  const notes = [unread > 0 && texts.open.unread(unread), missing > 0 && texts.open.missing(missing)]
  const shown = notes.filter((note) => note !== false).join(', ')
  return [nameOf(summary), shown && `(${shown})`, last && beginning(last, texts)].filter(Boolean).join('  ')
}

/** A request: what to accept it by, what nothing proves, and what it says. */
export function showRequest(
  { account, senderName, last }: ConversationSummary,
  texts: Texts['chat'],
): string[] {
  const name = senderName && texts.requests.says(printable(senderName))
  const said = [name, last && beginning(last, texts)].filter(Boolean)
  return [account, `  ${said.join(': ')}`]
}

export function summaryJson({ account, contact, senderName, unread, missing, last }: ConversationSummary) {
  return {
    account,
    name: contact?.name,
    senderName,
    unread,
    missing,
    ...(last && { last: messageJson(last) }),
  }
}

/** The card of an account given by its identity as hex. */
export const cardOfAccount = (account: string): string => contactCard(hexToBytes(`0x${account}`))

/** What cover traffic costs while the chat is open. */
export function showCover(anHour: number, texts: Texts['chat']): string {
  const { messagesADay, bytesADay } = coverCost(anHour)
  return texts.covers(anHour, messagesADay, (bytesADay / 1e6).toFixed(1))
}

/** Runs a task with the account's chat, started or not. */
export function withChat<T>(
  session: Session,
  { started, ...options }: { readonly started: boolean } & Pick<ChatOptions, 'name' | 'coverAnHour'>,
  task: (chat: Chat, client: Client) => Promise<T>,
): Promise<T> {
  return session.withClient(async (client) => {
    const chat = await client.chat(options)
    if (started) await chat.start()
    return task(chat, client)
  })
}
