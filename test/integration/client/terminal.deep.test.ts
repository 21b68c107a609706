import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runTeahouse } from '../../../cli/src/testing/teahouse.ts'
import { ROOT } from '../../support/index.ts'
import { openTerminal, type Terminal } from '../../support/terminal.ts'
import { startNetwork, type TestNetwork } from './network.ts'

const FREE = { payments: { freeQuota: 1_000 } }
const BLOBS = /^teahouse_request_duration_seconds_count\{.*"\/teahouse\/blob\/1".*\} (\d+)$/gm

let net: TestNetwork
let home: string
let bob: Terminal | undefined
/** What alice's account is called where nobody knows her. */
let alice: string

beforeAll(async () => {
  net = await startNetwork({ nodes: [FREE, FREE] })
  home = await mkdtemp(join(tmpdir(), 'teahouse-terminal-'))
  await writeFile(join(home, 'local.json'), JSON.stringify(net.network))
  await writeFile(join(home, 'note.txt'), 'a note')
  for (const name of ['alice', 'bob']) {
    await as(name, 'account', 'new')
    await as(name, 'membership', 'join', '--rate-limit', '60')
  }
  alice = String((await as('alice', 'account', 'show'))['chat']).slice(2)
})
afterAll(async () => {
  bob?.kill()
  await net?.stop()
})

/** Runs one command of somebody; the object that it printed. */
async function as(name: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await runTeahouse(home, [...args, '--account', name, '--json'])
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout || '{}') as Record<string, unknown>
}

const open = (...args: string[]): Terminal =>
  openTerminal(
    `${process.execPath} ${join(ROOT, 'cli/bin/teahouse.mjs')} chat ${args.join(' ')} --account bob`,
    {
      TEAHOUSE_HOME: home,
      TEAHOUSE_LANG: 'en',
    },
  )

/** How far alice's messages came, once she has been there for some seconds to hear of it. */
async function statesOfAlice(): Promise<unknown[]> {
  await runTeahouse(home, ['chat', 'listen', '--timeout', '8s', '--account', 'alice'])
  const { entries } = (await as('alice', 'chat', 'log', 'Bob')) as {
    entries: { mine: boolean; state: string }[]
  }
  return entries.filter(({ mine }) => mine).map(({ state }) => state)
}

/** Requests about blobs that nodes have answered. */
async function blobRequests(): Promise<number> {
  const pages = await Promise.all(
    net.nodes.map(async ({ apiUrl }) => (await fetch(`${apiUrl}/metrics`)).text()),
  )
  return pages.flatMap((page) => [...page.matchAll(BLOBS)]).reduce((sum, [, count]) => sum + Number(count), 0)
}

// Only Linux has the script(1) that this needs.
describe.runIf(process.platform === 'linux')('a conversation in the terminal', () => {
  it('begins with what can be typed, and with nobody', async () => {
    bob = open('open', '--as', 'Bob')
    await bob.sees('/requests · /accept')
    await bob.sees('No conversations yet')
    bob.type('Alice')
    await bob.sees(/NAME: talk to a contact/)
    bob.type('/help')
    await bob.sees('Ctrl-D ends it')
    bob.type('/card')
    const [card] = /tea1\w+/.exec(await bob.sees(/tea1\w{58}/))!
    expect(await as('bob', 'chat', 'card')).toEqual({ card })
    bob.control('D')
    expect(await bob.ended()).toEqual({ code: 0, restored: true })
    await as('bob', 'chat', 'listen', '--timeout', '1s') // publishes his keys, if the terminal did not live to
    await as('alice', 'chat', 'add', card, '--name', 'Bob')
  })

  it('shows a stranger as a request: nothing is unread, nothing fetched, and the stranger learns nothing', async () => {
    await as('alice', 'chat', 'send', 'Bob', 'Tea at four?', '--file', 'note.txt')
    const before = await blobRequests()
    expect(before).toBeGreaterThan(0)
    bob = open('open', '--as', 'Bob', '--cover', '6')
    await bob.sees('144 messages and 0.3 MB a day')
    await bob.sees('Somebody whom you don’t know has written: /requests')
    bob.type('/list')
    expect(await bob.sees('has written: /requests')).not.toMatch(/\d new|Tea at four/)
    bob.type('/requests')
    expect(await bob.sees('Tea at four?')).toContain(alice)
    expect(await statesOfAlice()).toEqual(['sent', 'sent'])
    expect(await blobRequests()).toBe(before)
  })

  it('accepts the stranger, who learns of it, and talks; what is no command is not sent', async () => {
    bob!.type(`/accept ${alice} Alice`)
    await bob!.sees('You talk to Alice')
    const shown = await bob!.sees('Alice: Tea at four?')
    const [, id] = /note\.txt, 6 bytes; to have it: teahouse chat save (\w+)/.exec(shown)!
    expect(await statesOfAlice()).toEqual(['delivered', 'delivered'])
    await as('bob', 'chat', 'save', id!, 'saved.txt')
    expect(await readFile(join(home, 'saved.txt'), 'utf8')).toBe('a note')

    bob!.type('/sing')
    await bob!.sees('/sing is no command')
    bob!.type('//sing, my friend')
    bob!.type('On my way')
    const { stdout } = await runTeahouse(home, [
      ...['chat', 'listen', '--count', '2', '--timeout', '60s'],
      ...['--account', 'alice'],
    ])
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/Bob: \/sing, my friend$/),
      expect.stringMatching(/Bob: On my way$/),
    ])
  })

  it('counts what was not looked at', async () => {
    bob!.type('/back')
    await bob!.sees('Alice  On my way')
    await as('alice', 'chat', 'with', 'Bob', 'The first cup')
    await as('alice', 'chat', 'with', 'Bob', 'The second cup')
    await bob!.sees('Alice: The first cup')
    await bob!.sees('Alice: The second cup')
    bob!.type('/list')
    await bob!.sees('Alice  (2 new)  The second cup')
    bob!.type('ali')
    await bob!.sees('You talk to Alice')
    await bob!.sees('Alice: The second cup')
    bob!.type('/back')
    await bob!.sees(/^Alice {2}The second cup$/m)
  })

  it('ends by Ctrl-C, with the terminal as it was; what comes meanwhile is shown once, later', async () => {
    bob!.control('C')
    expect(await bob!.ended()).toEqual({ code: 0, restored: true })
    await as('alice', 'chat', 'with', 'Bob', 'You left your umbrella')
    bob = open('with', 'Alice')
    await bob.sees('You talk to Alice')
    await bob.sees('Alice: You left your umbrella')
    bob.type('I will fetch it')
    const { code } = await runTeahouse(home, [
      ...['chat', 'listen', '--count', '1', '--timeout', '60s'],
      ...['--account', 'alice'],
    ])
    expect(code).toBe(0)
    bob.control('D')
    expect(await bob.ended()).toEqual({ code: 0, restored: true })
    expect(bob.screen().match(/You left your umbrella/g)).toHaveLength(1)
  })

  it('is refused where there is no terminal, before anything is opened', async () => {
    const { code, stdout, stderr } = await runTeahouse(home, ['chat', 'open', '--account', 'bob'])
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('Talking needs a terminal')])
  })
})
