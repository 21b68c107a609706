import type { Account } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import type { LocalNetwork } from '@teahouse/protocol/chain'

export interface BotOptions {
  readonly network: LocalNetwork
  readonly account: Account
  /** Folder that survives restarts. */
  readonly dir: string
  /** Ends the bot. */
  readonly signal: AbortSignal
  /** Told when the bot can be written to, and of each message that it has answered. */
  readonly log: (line: string) => void
}

/** A bot that answers everybody with what they wrote, end-to-end encrypted. Killed at any moment, it goes on where it was. */
export async function runBot({ network, account, dir, signal, log }: BotOptions): Promise<void> {
  const client = await nodeClient({ network, account, dir, signal })
  const { state } = await client.membership.status()
  if (state !== 'active') await client.membership.join({ rateLimit: 60 })

  const chat = await client.chat({ name: 'Echo' })
  await chat.start()
  await chat.publish() // now strangers can write
  log(`card ${chat.card}`)

  async function acceptEverybody(): Promise<void> {
    for (const { account: stranger } of await chat.requests())
      await chat.accept(stranger, stranger.slice(0, 12))
    for await (const event of chat.events(signal)) {
      if (event.kind === 'request') await chat.accept(event.account, event.account.slice(0, 12))
    }
  }
  const accepting = acceptEverybody()

  for await (const { contact, body } of chat.incoming(signal)) {
    if (body.kind !== 'text') continue
    await chat.send(contact.name, `You said: ${body.text}`)
    log(`answered ${body.text}`)
  }
  await accepting
  await client.stop()
}
