import { spawn } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runTeahouse } from '../../../cli/src/testing/teahouse.ts'
import { ROOT, until } from '../../support/index.ts'
import { startNetwork, type TestNetwork } from './network.ts'

const TOPIC = '/my-table/1/chat/utf8'
/** The last node sells every query. */
const SELLER = { payments: { prices: { 'store-query': '1000' }, freeQuota: 0, settleEveryMs: 300 } }
const PRICES = { payments: { prices: { 'store-query': '1000' }, freeQuota: 1, settleEveryMs: 300 } }

let net: TestNetwork
let home: string

beforeAll(async () => {
  net = await startNetwork({ nodes: [PRICES, PRICES, SELLER] })
  home = await mkdtemp(join(tmpdir(), 'teahouse-home-'))
  await writeFile(join(home, 'local.json'), JSON.stringify(net.network))
})
afterAll(() => net?.stop())

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The command as a person starts it. */
function start(args: readonly string[], stdin = '') {
  const child = spawn(process.execPath, [join(ROOT, 'cli/bin/teahouse.mjs'), ...args], {
    env: { ...process.env, TEAHOUSE_HOME: home },
  })
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (out.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (out.stderr += chunk.toString()))
  child.stdin.on('error', () => undefined)
  child.stdin.end(stdin)
  const ended = new Promise<Ran>((resolve) => child.once('close', (code) => resolve({ code, ...out })))
  return { ended, out, interrupt: () => child.kill('SIGINT') }
}

/** What commands print; each some of it. */
interface Printed {
  readonly address?: string
  readonly deal?: string
  readonly messages?: { text: string }[]
  readonly nodes?: { info: { archive: { messages: number } } }[]
}

/** Runs it with --json, in this process, which costs a second less; the one object that it printed. `notices` match what came on standard error before. */
async function teahouse(args: readonly string[], stdin = '', notices = /^$/): Promise<Printed> {
  const { code, stdout, stderr } = await runTeahouse(home, [...args, '--json'], { stdin })
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(notices) })
  expect(stdout.trim().split('\n')).toHaveLength(1)
  return JSON.parse(stdout) as Printed
}

async function refused(args: readonly string[]): Promise<{ code: string; hint?: string }> {
  const { code, stdout, stderr } = await runTeahouse(home, [...args, '--json'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  const last = stderr.trim().split('\n').at(-1)
  return (JSON.parse(last) as { error: { code: string; hint?: string } }).error
}

describe('the teahouse command', () => {
  it('makes funded accounts, and a member of one of them', async () => {
    expect(await refused(['membership', 'status'])).toMatchObject({ code: 'NO_ACCOUNT' })
    expect(await teahouse(['account', 'new'])).toMatchObject({ funded: true })
    for (const name of ['bob', 'carol']) await teahouse(['account', 'new', '--account', name])
    expect(await teahouse(['account', 'show'])).toMatchObject({
      tokens: '1000000000',
      encrypted: false, // a local development network
      others: ['bob', 'carol'],
    })

    expect(await refused(['send', TOPIC, 'hi'])).toMatchObject({ code: 'NOT_A_MEMBER' })
    expect(await teahouse(['membership', 'join'])).toMatchObject({ rateLimit: 20, deposit: '1000000' })
    expect(await teahouse(['membership', 'status'])).toMatchObject({
      state: 'active',
      rateLimit: 20,
      remaining: { limit: 20, left: 20 },
    })
  })

  it('sends text and standard input to who listens, and to who asks later', async () => {
    const listener = start(['listen', TOPIC, '--account', 'bob', '--count', '2', '--timeout', '90s'])
    await until('it listens', async () => listener.out.stderr.includes('Listening at'))
    await teahouse(['send', TOPIC, 'first'])
    await teahouse(['send', TOPIC, '-'], 'second\n')
    const { code, stdout } = await listener.ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/first\n.*second\n/)

    const found = await teahouse(['history', TOPIC, '--account', 'bob'])
    expect(found.messages?.map(({ text }) => text)).toEqual(['first', 'second'])
  })

  it('goes on with an account that is there, as on a chain that started again', async () => {
    const again = await teahouse(['account', 'new', '--if-missing'])
    expect(again).toEqual({ account: 'default', address: expect.any(String), funded: true })
  })

  it('listens until Ctrl-C, and fails when what was waited for did not come', async () => {
    const listener = start(['listen', TOPIC])
    await until('it listens', async () => listener.out.stderr.includes('Listening at'))
    listener.interrupt()
    expect((await listener.ended).code).toBe(0)
    const quiet = start(['listen', TOPIC, '--json'])
    await until('it says so in JSON', async () => quiet.out.stderr.includes('\n'))
    expect(JSON.parse(quiet.out.stderr)).toEqual({ listening: expect.any(String) })
    quiet.interrupt()
    expect(await quiet.ended).toMatchObject({ code: 0, stdout: '' })
    const waiting = ['listen', '/my-table/1/silence/utf8', '--count', '1', '--timeout', '1s']
    expect(await refused(waiting)).toMatchObject({ code: 'TIMED_OUT' })
  })

  it('pays a node, and a person', async () => {
    const history = ['history', TOPIC, '--node', '1', '--pay', '--limit', '1', '--account', 'bob']
    expect(await teahouse(history)).toMatchObject({ paid: '0', operatorId: 1 }) // each connection has one free
    const sold = ['history', TOPIC, '--node', '3', '--pay', '--account', 'bob']
    expect(await refused([...sold, '--max', '0.000999'])).toMatchObject({ code: 'TOO_EXPENSIVE' })
    expect(await teahouse(sold)).toMatchObject({ paid: '1000', operatorId: 3 })
    const bob = await net.client(await net.person())
    await bob.history({ contentTopic: TOPIC, node: 1 }) // its one free request
    await expect(bob.history({ contentTopic: TOPIC, node: 1 })).rejects.toMatchObject({
      code: 'TOO_MANY_REQUESTS',
    })
    expect(await bob.history({ contentTopic: TOPIC, node: 1, pay: true })).toMatchObject({ paid: 1_000n })

    const { address } = await teahouse(['account', 'show', '--account', 'carol'])
    await teahouse(['pay', address!, '2.5'])
    expect(await teahouse(['account', 'show', '--account', 'carol'])).toMatchObject({ tokens: '1002500000' })
    expect(await refused(['pay', address!, '100000'])).toMatchObject({ code: 'NOT_ENOUGH_TOKENS' })
  })

  it('takes a deal from its opening to a ruling', async () => {
    const addressOf = async (name: string) =>
      (await teahouse(['account', 'show', '--account', name])).address!
    const parties = ['--payee', await addressOf('bob'), '--arbiter', await addressOf('carol')]
    const opening = ['deal', 'open', ...parties, '--amount', '10', '--arbiter-fee', '1', '--yes']
    expect(await refused(opening.slice(0, -1))).toMatchObject({ code: 'NOT_CONFIRMED' })
    const { deal } = await teahouse(opening, '', /^\{"opening":"0x[0-9a-f]{64}"\}\n$/)
    expect(await teahouse(['deal', 'status'])).toEqual({ deals: [] })
    expect(await refused(['deal', 'release', deal!, '--account', 'bob', '--yes'])).toMatchObject({
      code: 'NOT_A_PARTY',
    })
    expect(await refused(['deal', 'rule', deal!, '3', '--account', 'carol', '--yes'])).toMatchObject({
      code: 'WRONG_STATE',
    })
    expect(await refused(['deal', 'expire', deal!, '--yes'])).toMatchObject({ code: 'REVERTED' })
    await teahouse(['deal', 'dispute', deal!, '--account', 'bob', '--yes'])
    await teahouse(['deal', 'rule', deal!, '3', '--account', 'carol', '--yes'])
    expect(await teahouse(['deal', 'status', deal!])).toMatchObject({
      state: 'closed',
      closed: { outcome: 'ruled', toPayer: '6000000', toPayee: '3000000', toArbiter: '1000000' },
    })
    expect(await refused(['deal', 'status', `0x${'00'.repeat(32)}`])).toMatchObject({ code: 'UNKNOWN_DEAL' })
  })

  it('shows how the nodes are, and which of them are away', async () => {
    const { nodes } = (await teahouse(['node', 'status'])) as {
      nodes?: { info: { archive: { messages: number } } }[]
    }
    expect(nodes?.map(({ info }) => info.archive.messages)).toEqual([2, 2, 2])
    await net.nodes[1]!.kill()
    const { code, stdout, stderr } = await start(['node', 'status']).ended
    expect(code).toBe(1)
    expect(stdout).toMatch(/^Operator 1 .*\n.* 1 members, 2 messages stored\n/)
    expect(stdout).toContain('no answer')
    expect(stderr).toContain('1 nodes give no answer')
  })

  it('says to start a network when there is a record of one that is gone', async () => {
    await writeFile(
      join(home, 'gone.json'),
      JSON.stringify({ ...net.network, rpcUrl: 'http://127.0.0.1:9', nodes: [] }),
    )
    const error = await refused(['membership', 'status', '--network', join(home, 'gone.json')])
    expect(error).toMatchObject({ code: 'NO_CHAIN', hint: expect.stringContaining('npm start') })
  })

  it('prints the configuration of a node without its secrets', async () => {
    const { code, stdout } = await start([
      'node',
      'run',
      '--config',
      net.nodes[0]!.configFile,
      '--print-config',
    ]).ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ clusterId: net.network.clusterId, operatorId: 1 })
    expect(await refused(['node', 'run', '--config', join(home, 'none.json')])).toMatchObject({
      code: 'CONFIG_UNREADABLE',
    })
  })
})
