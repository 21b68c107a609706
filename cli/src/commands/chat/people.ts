import { encodeQR } from 'qr'
import { printable } from '../../output.ts'
import type { Session } from '../../session.ts'
import { cardOfAccount, chatTexts, showRequest, summaryJson, withChat } from './show.ts'

const STOPPED = { started: false } as const

export async function card(session: Session): Promise<void> {
  const { chat: identity } = await session.account()
  const text = cardOfAccount(Buffer.from(identity.publicKey).toString('hex'))
  const qr = encodeQR(text.toUpperCase(), 'ascii')
  session.output.result({ card: text }, [text, '', qr.trimEnd(), '', chatTexts(session).card.hint])
}

export interface AddFlags {
  readonly name: string
  readonly verified?: boolean
}

export async function add(
  session: Session,
  [given]: readonly unknown[],
  { name, verified = false }: AddFlags,
): Promise<void> {
  const contact = await withChat(session, STOPPED, (chat) =>
    chat.contacts.add(given as string, { name, verified }),
  )
  session.output.result({ ...contact }, [chatTexts(session).add.done(printable(contact.name))])
}

export async function contacts(session: Session, [text]: readonly unknown[]): Promise<void> {
  const found = await withChat(session, STOPPED, async (chat) =>
    text === undefined ? chat.contacts.list() : chat.contacts.search(text as string),
  )
  const lines = found.map(({ name, account }) => `${printable(name)}  ${cardOfAccount(account)}`)
  session.output.result({ contacts: found }, lines.length > 0 ? lines : [chatTexts(session).contacts.none])
}

export async function requests(session: Session): Promise<void> {
  const texts = chatTexts(session)
  const found = await withChat(session, STOPPED, (chat) => chat.requests())
  const lines = found.flatMap((request) => showRequest(request, texts))
  session.output.result(
    { requests: found.map(summaryJson) },
    lines.length > 0 ? lines : [texts.requests.none],
  )
}

export interface AcceptFlags {
  readonly name?: string
}

export async function accept(
  session: Session,
  [who]: readonly unknown[],
  { name }: AcceptFlags,
): Promise<void> {
  const contact = await withChat(session, { started: true }, (chat) => chat.accept(who as string, name))
  session.output.result({ ...contact }, [chatTexts(session).accept.done(printable(contact.name))])
}

export interface BlockFlags {
  readonly undo?: boolean
}

export async function block(
  session: Session,
  [who]: readonly unknown[],
  { undo }: BlockFlags,
): Promise<void> {
  const texts = chatTexts(session).block
  const contact = await withChat(session, STOPPED, (chat) =>
    undo ? chat.contacts.change(who as string, { blocked: false }) : chat.block(who as string),
  )
  const name = printable(contact.name)
  session.output.result({ ...contact }, [undo ? texts.undone(name) : texts.done(name)])
}
