import { ChatError, type Chat } from '@teahouse/client'
import { afterEach, expect, it } from 'vitest'
import { bus, clock, identity } from '../../client/src/chat/testing/bus.ts'
import { talk } from './bot.ts'

const open: Chat[] = []
const stopping = new AbortController()
afterEach(async () => {
  stopping.abort()
  for (const chat of open.splice(0)) await chat.stop()
})

async function until(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await probe()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`Waited in vain until ${what}`)
}

/** The longest text that can be sent. */
async function longest(chat: Chat, contact: string): Promise<string> {
  const most = 100_000
  const error: unknown = await chat.send(contact, 'x'.repeat(most)).catch((refused: unknown) => refused)
  if (!(error instanceof ChatError) || error.detail.code !== 'TOO_LARGE') throw error
  return 'x'.repeat(most - (error.detail.size - error.detail.limit))
}

it('goes on after a text that it can not echo, and leaves what is an echo alone', async () => {
  const net = bus(clock().now)
  async function person(): Promise<Chat> {
    const { chat } = await net.device(identity())
    open.push(chat)
    await chat.start()
    await chat.publish()
    return chat
  }
  const [alice, bot] = [await person(), await person()]
  await alice.contacts.add(bot.card, { name: 'Bot' })
  await alice.send('Bot', await longest(alice, 'Bot'))
  await until('the bot is asked', async () => (await bot.requests()).length === 1)

  const lines: string[] = []
  const talking = talk(bot, { signal: stopping.signal, log: (line) => lines.push(line) })
  await alice.send('Bot', 'You said: You said: ')
  await alice.send('Bot', 'tea?\n\u009b2Janswered nothing')
  await until('the last is answered', () => lines.length >= 2)
  expect(lines).toEqual(['refused TOO_LARGE', 'answered tea?  2Janswered nothing'])
  stopping.abort()
  await talking

  await until('the answer is there', async () =>
    (await alice.messages('Bot')).some((entry) => entry.kind === 'message' && !entry.mine),
  )
  const answers = (await alice.messages('Bot')).flatMap((entry) =>
    entry.kind === 'message' && !entry.mine && entry.body.kind === 'text' ? [entry.body.text] : [],
  )
  expect(answers).toEqual(['You said: tea?\n\u009b2Janswered nothing'])
  expect((await bot.conversations())[0]).toMatchObject({ contact: { name: alice.account }, unread: 0 })
})
