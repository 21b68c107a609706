import { CliError } from '../../errors.ts'
import { printable } from '../../output.ts'
import type { Session } from '../../session.ts'
import { chatTexts, check, messageJson, showBody, showCover, withChat } from './show.ts'

export interface ListenFlags {
  readonly count?: number
  readonly timeout?: number
  readonly cover?: number
}

export async function listen(session: Session, _: readonly unknown[], flags: ListenFlags): Promise<void> {
  const { count = Infinity, timeout, cover: coverAnHour } = flags
  const { output, world } = session
  const texts = chatTexts(session)
  const timer = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1_000)
  const signal = timer ? AbortSignal.any([world.signal, timer]) : world.signal
  await withChat(session, { started: true, coverAnHour }, async (chat, client) => {
    await chat.publish()
    output.notice({ card: chat.card }, texts.listen.ready)
    if (coverAnHour !== undefined) output.progress(showCover(coverAnHour, texts))
    let came = 0
    if (count === 0 || signal.aborted) return
    for await (const message of chat.incoming(signal)) {
      const { contact, account, sentAt } = message
      const checked = await check(client, account, message)
      const said = showBody(message, texts, checked)
      const line = `${new Date(sentAt).toISOString()}  ${printable(contact.name)}: ${said}`
      output.result({ from: contact.name, account, ...messageJson(message, checked) }, [line])
      await chat.markRead(account, [message.id])
      if (++came >= count) break
    }
    if (timer?.aborted && came < count && count !== Infinity) {
      const detail = { code: 'TIMED_OUT', afterSeconds: timeout! } as const
      throw new CliError(texts.listen.timedOut(came, count, timeout!), detail)
    }
  })
}
