import { isTeahouseError } from '@teahouse/protocol/errors'
import { usage } from '../../errors.ts'
import { inWords } from '../../explain.ts'
import { printable } from '../../output.ts'
import type { CommonOptions, Session } from '../../session.ts'
import { readText } from '../../stdin.ts'
import { sendFile, shownSent, type SendFlags } from './files.ts'
import { chatTexts, check, messageJson, showEntries, showSummary, summaryJson, withChat } from './show.ts'
import { talk } from './talk.ts'

const DAY_MS = 86_400_000

export async function write(
  session: Session,
  [who, given]: readonly unknown[],
  flags: CommonOptions & SendFlags,
): Promise<void> {
  const texts = chatTexts(session).with
  const { output, world } = session
  const { file } = flags
  if (given === undefined && file === undefined) {
    if (!world.stdout.isTTY || output.json) throw usage(texts.needsTerminal, texts.needsTerminalHint)
    return talk(session, { with: who as string })
  }
  const text = given === '-' ? await readText(world.stdin) : (given as string | undefined)
  await withChat(session, { started: true }, async (chat) => {
    const contact = chat.contacts.find(who as string)
    await chat.publish() // without it, nobody can answer who has lost the session
    const name = printable(contact.name)
    const attached =
      file === undefined ? undefined : await sendFile(session, chat, who as string, { ...flags, file })
    const last = text === undefined ? attached! : await chat.send(who as string, text)
    const { id, state, waitsUntil, problem } = last
    const days = Math.round((waitsUntil - Date.now()) / DAY_MS)
    const why = isTeahouseError(problem) ? problem.message : String(problem)
    const value = {
      ...{ id, state, waitsUntil, to: contact.account, ...(problem !== undefined && { problem: why }) },
      ...(attached && { file: { id: attached.id, ...attached.file, paid: attached.stored.paid } }),
    }
    output.result(value, [
      ...(attached ? [shownSent(session, name, attached)] : []),
      problem === undefined ? texts.sent(name, days) : texts.waiting(printable(inWords(problem, world.env))),
    ])
  })
}

export async function list(session: Session): Promise<void> {
  const texts = chatTexts(session)
  const found = await withChat(session, { started: false }, (chat) => chat.conversations())
  const lines = found.map((summary) => showSummary(summary, texts))
  session.output.result(
    { conversations: found.map(summaryJson) },
    lines.length > 0 ? lines : [texts.list.none],
  )
}

export interface LogFlags {
  readonly limit?: number
}

export async function log(session: Session, [who]: readonly unknown[], { limit }: LogFlags): Promise<void> {
  const texts = chatTexts(session)
  await withChat(session, { started: false }, async (chat, client) => {
    const isAccount = /^[0-9a-f]{64}$/i.test(who as string)
    const known = chat.contacts.list().find(({ account }) => account === who)
    const contact = isAccount ? known : chat.contacts.find(who as string)
    const entries = (await chat.messages(who as string)).slice(-(limit ?? Infinity))
    const account = contact?.account ?? (who as string)
    const name = contact?.name ?? account.slice(0, 8)
    const json = entries.map(async (entry) =>
      entry.kind === 'message' ? messageJson(entry, await check(client, account, entry)) : entry,
    )
    session.output.result(
      { entries: await Promise.all(json) },
      await showEntries(client, { account, name }, entries, texts),
    )
    if (contact) await chat.markRead(contact.account)
  })
}
