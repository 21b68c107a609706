import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contactCard, type Account, type Chat, type Client } from '@teahouse/client'
import { nodeClient } from '@teahouse/client/node'
import { ROOT, until } from '../../support/index.ts'
import { startNetwork, type TestNetwork } from './network.ts'

const FREE = { payments: { freeQuota: 1_000 } }
const SECRET_WORDS = ['rendezvous at the old mill', 'bring umbrellas', 'nobody must know', 'after the kill']

let net: TestNetwork
let alice: { account: Account; dir: string }
let bob: { account: Account; dir: string; folder: string }
let client: Client
let chat: Chat
let bot: Bot

interface Bot {
  readonly child: ChildProcess
  readonly lines: string[]
}

/** The example of docs/sdk.md, as a process. */
function startBot(): Bot {
  const args = [join(ROOT, 'examples/bot/main.ts'), bob.folder, join(bob.folder, 'local.json')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  child.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n').filter(Boolean)))
  return { child, lines }
}

async function end({ child }: Bot, signal: NodeJS.Signals): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill(signal)
  await closed
}

/** What a conversation holds, as text. */
async function textsOf(of: Chat, contact: string, mine: boolean): Promise<string[]> {
  const entries = await of.messages(contact)
  expect(entries.filter(({ kind }) => kind === 'missing')).toEqual([])
  return entries.flatMap((entry) =>
    entry.kind === 'message' && entry.mine === mine && entry.body.kind === 'text' ? [entry.body.text] : [],
  )
}

beforeAll(async () => {
  net = await startNetwork({ nodes: [FREE, FREE] })
  const folder = await mkdtemp(join(tmpdir(), 'teahouse-bot-'))
  alice = await net.person()
  bob = { ...(await net.person()), dir: join(folder, 'store'), folder }
  await writeFile(join(folder, 'phrase.txt'), bob.account.phrase)
  await writeFile(join(folder, 'local.json'), JSON.stringify(net.network))
  bot = startBot()
  client = await net.client(alice)
  await client.membership.join({ rateLimit: 60 })
  chat = await client.chat({ name: 'Alice of the tests', ackDelayMs: 200 })
  await chat.start()
})
afterAll(async () => {
  bot?.child.kill('SIGKILL')
  await net?.stop()
})

describe('two people', () => {
  it('meet by a card, are asked, and talk both ways', async () => {
    const card = await until('the bot can be written to', async () => bot.lines[0]?.split(' ')[1])
    expect(card).toBe(contactCard(bob.account.chat.publicKey))
    await chat.contacts.add(card, { name: 'Bob' })
    const [first] = SECRET_WORDS
    const sent = await chat.send('Bob', first!)
    expect(sent.problem).toBeUndefined()
    expect(sent).toMatchObject({ state: 'sent', waitsUntil: expect.any(Number) })
    for await (const { body, contact } of chat.incoming()) {
      expect(contact.name).toBe('Bob')
      expect(body).toEqual({ kind: 'text', text: `You said: ${first}` })
      break
    }
    const [mine] = await chat.messages('Bob')
    expect(mine).toMatchObject({ id: sent.id, mine: true, state: 'delivered' })
  })

  it('lose nothing, and get nothing twice, when one is killed in the middle of receiving', async () => {
    const [, second, third, last] = SECRET_WORDS as [string, string, string, string]
    const sending = [chat.send('Bob', second), chat.send('Bob', third)]
    await until('the bot is at work', async () => bot.lines.includes(`answered ${second}`), 30_000, 5)
    await end(bot, 'SIGKILL')
    await Promise.all(sending)
    await chat.send('Bob', last)
    bot = startBot()
    await until('the bot has answered what came meanwhile', async () =>
      bot.lines.includes(`answered ${last}`),
    )
    await end(bot, 'SIGTERM')

    const offline = await nodeClient({ network: net.network, account: bob.account, dir: bob.dir })
    const theirs = await offline.chat()
    const { account } = (await theirs.conversations())[0]!
    expect(await textsOf(theirs, account, false)).toEqual(SECRET_WORDS)
    await offline.stop()
    await until('Alice knows that all has arrived', async () => {
      const entries = await chat.messages('Bob')
      return entries.every(
        (entry) => entry.kind === 'message' && (!entry.mine || entry.state === 'delivered'),
      )
    })
    expect(await textsOf(chat, 'Bob', true)).toEqual(SECRET_WORDS)
  })
})

/** Runs a process that sends Alice a file, and kills it when so many bytes are stored. What it said last. */
async function attachUntil(path: string, bytes: number): Promise<string> {
  const init = { network: net.network, phrase: bob.account.phrase, dir: bob.dir, path, to: chat.account }
  const main = join(import.meta.dirname, 'attacher.ts')
  const child = spawn(process.execPath, [main, JSON.stringify(init)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  let last = ''
  for await (const line of createInterface(child.stdout)) {
    last = line
    if (Number(line) >= bytes) child.kill('SIGKILL')
  }
  await closed
  return child.signalCode ?? last
}

describe('a file of 5 MB', () => {
  it('arrives once and whole though its upload was killed in the middle, and is fetched only when asked for', async () => {
    const file = randomBytes(5_000_000)
    const path = join(bob.folder, 'leaves')
    await writeFile(path, file)
    expect(await attachUntil(path, 2_000_000)).toBe('SIGKILL')
    const [state, id] = (await attachUntil(path, Infinity)).split(' ')
    expect(state).toBe('sent')
    const message = await until('the message is there', async () =>
      (await chat.messages('Bob')).find((entry) => entry.kind === 'message' && entry.body.kind === 'file'),
    )
    expect(message).toMatchObject({ id, body: { name: 'leaves.bin', size: file.length } })
    const parts: Uint8Array[] = []
    for await (const part of chat.files.read(id!.slice(0, 8))) parts.push(part)
    expect(Buffer.compare(Buffer.concat(parts), file)).toBe(0)
    expect(
      (await chat.messages('Bob')).filter((entry) => entry.kind === 'message' && entry.body.kind === 'file'),
    ).toHaveLength(1)
  })
})

describe('what must not happen', () => {
  it('a word, a name or a key in what nodes have, or in what lies on the disk of a device', async () => {
    const stored: Buffer[] = []
    for (const node of net.nodes) {
      const data = join(node.folder, 'data')
      for (const file of await readdir(data)) {
        if (file.startsWith('archive')) stored.push(await readFile(join(data, file)))
      }
    }
    for (const file of await readdir(alice.dir)) {
      if (file.endsWith('.value')) stored.push(await readFile(join(alice.dir, file)))
    }
    const all = Buffer.concat(stored)
    expect(all.length).toBeGreaterThan(10_000)
    const keys = [alice, bob].map(({ account }) => Buffer.from(account.chat.publicKey))
    const hidden = [
      ...SECRET_WORDS,
      'You said',
      'Alice of the tests',
      'Echo',
      'leaves',
      'teahouse:file',
      ...keys,
    ]
    for (const text of [...hidden, ...keys.map((key) => key.toString('hex'))])
      expect(all.includes(text)).toBe(false)
  })
})
