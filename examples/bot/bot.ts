import { ChatError, type Account, type Chat } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'

export interface BotOptions {
  readonly network: LocalNetwork
  readonly account: Account
  /** Folder that survives restarts. */
  readonly dir: string
  /** Ends the bot. */
  readonly signal: AbortSignal
  /** Told when the bot can be written to, of each message that it has answered, and of what it could not do. */
  readonly log: (line: string) => void
}

const ANSWER = 'You said: '

/** A bot that answers everybody with what they wrote, end-to-end encrypted. Killed at any moment, it goes on where it was. */
export async function runBot({ network, account, dir, signal, log }: BotOptions): Promise<void> {
  const client = await nodeClient({ network, account, dir, signal })
  try {
    const { state } = await client.membership.status()
    if (state !== 'active') await client.membership.join({ rateLimit: 60 })

    const chat = await client.chat({ name: 'Echo' })
    await chat.start()
    await chat.publish() // now strangers can write
    log(`card ${chat.card}`)
    await talk(chat, { signal, log })
  } finally {
    await client.stop()
  }
}

/** Takes everybody as a contact and answers them, until `signal`. Throws StorageError: what was not answered comes again. */
export async function talk(chat: Chat, { signal, log }: Pick<BotOptions, 'signal' | 'log'>): Promise<void> {
  await Promise.all([acceptEverybody(), answerEverybody()])

  async function acceptEverybody(): Promise<void> {
    const events = chat.events(signal) // before the list: who writes in between is in both
    for (const { account } of await chat.requests()) await accept(account)
    for await (const event of events) if (event.kind === 'request') await accept(event.account)
  }

  /** An account is nobody else's, and nobody chooses what it is called here. */
  function accept(account: string): Promise<boolean> {
    return attempt(() => chat.accept(account, account))
  }

  async function answerEverybody(): Promise<void> {
    for await (const { contact, body } of chat.incoming(signal)) {
      if (body.kind !== 'text' || body.text.startsWith(ANSWER)) continue // two bots would never end
      const done = await attempt(() => chat.send(contact.account, ANSWER + body.text))
      if (done) log(`answered ${body.text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')}`)
    }
  }

  /** Nobody may end the bot by what they send, such as a text that is too long with the answer's words before it. */
  async function attempt(task: () => Promise<unknown>): Promise<boolean> {
    try {
      await task()
      return true
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      log(`refused ${error.code}`)
      return false
    }
  }
}
