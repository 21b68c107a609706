import type { Hex } from 'viem'
import type { Chat } from '../chat/open-chat.ts'
import type { EnvelopeBook, HandedOut, MadeEnvelope } from './book.ts'
import { encodeEnvelope } from './content.ts'
import { EnvelopesError } from './errors.ts'
import type { EnvelopeLedger } from './ledger.ts'

export interface DeliveryDeps {
  readonly book: EnvelopeBook
  readonly ledger: EnvelopeLedger
}

/** Brings shares into the conversations with those whom they are for, each once. */
export function createDelivery({ book, ledger }: DeliveryDeps) {
  /** One delivery after the other, so that two don't find the same share unsent. */
  let last: Promise<unknown> = Promise.resolve()
  let chat: Pick<Chat, 'contacts' | 'isStarted' | 'messages' | 'sendMoney'> | undefined

  function opened() {
    if (chat) return chat
    throw new EnvelopesError('Shares go to contacts with the chat open: client.chat()', {
      code: 'CHAT_NEEDED',
    })
  }

  async function isSaid(contact: string, content: Uint8Array): Promise<boolean> {
    const entries = await opened().messages(contact)
    return entries.some(
      (entry) =>
        entry.kind === 'message' &&
        entry.mine &&
        entry.body.kind === 'envelope' &&
        isSame(entry.body.content, content),
    )
  }

  async function hand({ contact, content, sent }: HandedOut): Promise<boolean> {
    if (sent || contact === undefined) return sent
    const encoded = encodeEnvelope(content)
    if (!(await isSaid(contact, encoded)))
      await chat!.sendMoney(contact, { kind: 'envelope', content: encoded })
    return true
  }

  /** Sends what an envelope that is on the chain owes to contacts. What can't be sent stays owed. */
  function deliver({ id }: MadeEnvelope): Promise<readonly HandedOut[]> {
    const delivered = last.then(() => deliverNow(id))
    last = delivered.catch(() => undefined)
    return delivered
  }

  async function deliverNow(id: Hex): Promise<readonly HandedOut[]> {
    const handedOut = (await book.made(id))?.handedOut ?? []
    if (!chat?.isStarted()) return handedOut
    for (const [at, one] of handedOut.entries()) {
      const sent = await hand(one).catch(() => false)
      if (sent === one.sent) continue
      await book.change(id, (old) => ({
        ...old,
        handedOut: old.handedOut.with(at, { ...old.handedOut[at]!, sent }),
      }))
    }
    return (await book.made(id))?.handedOut ?? handedOut
  }

  /** A process may have ended before it saw its envelope on the chain. */
  async function deliverOwed(): Promise<void> {
    for (const made of await book.allMade()) {
      if (!made.handedOut.some(({ contact, sent }) => contact !== undefined && !sent)) continue
      const { state } = await ledger.look(made.id, made.content)
      if (state === 'open') await deliver(made)
    }
  }

  return {
    deliver,
    /** The chat identity of a contact by its name. Throws EnvelopesError CHAT_NEEDED, ChatError UNKNOWN_CONTACT. */
    accountOf: (name: string): string => opened().contacts.find(name).account,
    attach: (attached: Chat): void => void (chat = attached),
    deliverOwed,
  }
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at])
