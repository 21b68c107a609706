import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { ChatError, type Chat, type ChatEvent, type Client, type Contact } from '@teahouse/client'
import { usage } from '../../errors.ts'
import { explain } from '../../explain.ts'
import { printable } from '../../output.ts'
import type { Session } from '../../session.ts'
import type { Texts } from '../../texts/index.ts'
import { catalogueOf, languageOf } from '../../texts/language.ts'
import type { Catalogue } from '../../texts/say.ts'
import {
  chatTexts,
  check,
  showBody,
  showCover,
  showEntries,
  showRequest,
  showSummary,
  withChat,
} from './show.ts'

export interface TalkFlags {
  /** Whom to begin with. */
  readonly with?: string
  /** What the account calls itself. */
  readonly as?: string
  /** Messages an hour that nobody can read. */
  readonly cover?: number
}

const SHOWN = 20

/** A conversation in the terminal: lines that are typed go out, what comes is printed between them. */
export async function talk(session: Session, flags: TalkFlags): Promise<void> {
  const texts = chatTexts(session)
  const { output, world } = session
  if (!world.stdout.isTTY || output.json) throw usage(texts.with.needsTerminal, texts.with.needsTerminalHint)
  const print = (...lines: string[]) => output.result({}, lines)
  await withChat(
    session,
    { started: true, name: flags.as, coverAnHour: flags.cover },
    async (chat, client) => {
      const room = lobby(client, chat, texts, print, catalogueOf(languageOf(world.env)))
      const stop = new AbortController()
      const signal = AbortSignal.any([world.signal, stop.signal])
      const showing = showEvents(client, chat, room, texts, print, signal)
      try {
        print(texts.open.help)
        if (flags.cover !== undefined) print(showCover(flags.cover, texts))
        if (flags.with === undefined) await room.list()
        else await room.enter(flags.with)
        const input = world.stdin instanceof Readable ? world.stdin : Readable.from(world.stdin)
        for await (const line of createInterface({ input, signal })) await room.take(line.trim())
      } finally {
        stop.abort()
        await showing
      }
    },
  )
}

type Room = ReturnType<typeof lobby>

/** What typed lines do. An error is shown, and the conversation goes on. */
function lobby(
  client: Client,
  chat: Chat,
  texts: Texts['chat'],
  print: (...lines: string[]) => void,
  catalogue: Catalogue | undefined,
) {
  let current: Contact | undefined

  async function list(): Promise<void> {
    const found = await chat.conversations()
    print(...(found.length > 0 ? found.map((summary) => showSummary(summary, texts)) : [texts.list.none]))
    if ((await chat.requests()).length > 0) print(texts.open.request)
  }

  async function enter(name: string): Promise<void> {
    current = chat.contacts.find(name)
    const entries = await chat.messages(current.account)
    print(`${texts.open.talking(printable(current.name))}. ${texts.open.back}`)
    print(...(await showEntries(client, current, entries.slice(-SHOWN), texts)))
    await chat.markRead(current.account)
  }

  const commands: Readonly<Record<string, (args: string[]) => Promise<void>>> = {
    '/list': list,
    '/back': async () => ((current = undefined), list()),
    '/help': async () => print(texts.open.help),
    '/card': async () => print(chat.card),
    async '/requests'() {
      const found = await chat.requests()
      if (found.length === 0) print(texts.requests.none)
      for (const request of found) print(...showRequest(request, texts))
    },
    async '/accept'([account = '', ...name]) {
      const contact = await chat.accept(account, name.length > 0 ? name.join(' ') : undefined)
      await enter(contact.account)
    },
    async '/block'(name) {
      print(texts.block.done(printable((await chat.block(name.join(' '))).name)))
    },
  }

  async function take(line: string): Promise<void> {
    if (line === '') return
    const [word = '', ...args] = line.split(/\s+/)
    try {
      const command = Object.hasOwn(commands, word) ? commands[word] : undefined
      if (command) await command(args)
      else if (/^\/(?!\/)/.test(line)) print(texts.open.unknown(printable(word)), texts.open.help)
      else if (!current) await enter(line)
      else {
        const { problem } = await chat.send(current.account, line.replace(/^\/\//, '/'))
        if (problem !== undefined) print(texts.open.offline)
      }
    } catch (error) {
      const { message, hint } = explain(error, catalogue)
      print(hint ? `${message}. ${hint}` : message)
      if (error instanceof ChatError && error.code === 'UNKNOWN_CONTACT') print(texts.open.help)
    }
  }

  return { list, enter, take, current: () => current }
}

async function showEvents(
  client: Client,
  chat: Chat,
  room: Room,
  texts: Texts['chat'],
  print: (...lines: string[]) => void,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of chat.events(signal)) await show(event)

  async function show(event: ChatEvent): Promise<void> {
    if (event.kind === 'request') print(texts.open.request)
    if (event.kind === 'missing') print(texts.log.missing(event.count))
    if (event.kind !== 'message') return
    const contact = chat.contacts.list().find(({ account }) => account === event.account)
    if (!contact || contact.muted) return
    const entries = await chat.messages(event.account)
    const message = entries.find((entry) => entry.kind === 'message' && entry.id === event.id)
    if (message?.kind !== 'message') return
    const checked = await check(client, contact.account, message)
    print(`${printable(contact.name)}: ${showBody(message, texts, checked)}`)
    if (room.current()?.account === contact.account) await chat.markRead(contact.account)
  }
}
