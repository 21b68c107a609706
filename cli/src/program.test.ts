import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { abis } from '@teahouse/protocol/chain'
import { zeroAddress } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProgram } from './program.ts'
import type { World } from './session.ts'
import { runTeahouse, type RunOptions } from './testing/teahouse.ts'

const TOPIC = '/my-table/1/chat/utf8'
const DEAL = `0x${'5f'.repeat(32)}`

let home: string
beforeAll(async () => (home = await mkdtemp(join(tmpdir(), 'teahouse-cli-'))))
afterAll(() => rm(home, { recursive: true, force: true }))

const teahouse = (args: readonly string[], options?: RunOptions) => runTeahouse(home, args, options)

/** Every command that does something, as its words. */
function leaves(): string[][] {
  const program = createProgram({} as World)
  const walk = (command: typeof program, path: string[]): string[][] => {
    const children = command.commands.flatMap((child) => walk(child, [...path, child.name()]))
    return children.length > 0 ? children : [path]
  }
  return walk(program, [])
}

/** Parses a line as a shell and the program would, and runs nothing; the command that it names. */
async function parsed(line: string): Promise<string> {
  const words = [...line.replace(/ < \S+$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word!,
  )
  const world = { stdout: { write: () => true }, stderr: { write: () => true } }
  const program = createProgram(world as unknown as World)
  let ran = ''
  const stub = (command: typeof program, path: string[]): void => {
    if (command.commands.length === 0) command.action(() => void (ran = path.join(' ')))
    for (const child of command.commands) stub(child, [...path, child.name()])
  }
  stub(program, [])
  await program.parseAsync(words, { from: 'user' })
  return ran
}

describe('help', () => {
  it.each(leaves().map((path) => path.join(' ')))(
    'of %s has examples that parse as this command',
    async (path) => {
      const { code, stdout } = await teahouse([...path.split(' '), '--help'])
      expect(code).toBe(0)
      const examples = [...stdout.matchAll(/^ {2}\$ teahouse (.*?)(?: {2,}.*)?$/gm)].map(([, line]) => line!)
      expect(examples).not.toEqual([])
      for (const example of examples) expect(await parsed(example)).toBe(path)
      expect(stdout).toContain('--json')
    },
  )

  it('of a query of the node that sells every one has --pay', async () => {
    const { stdout } = await teahouse(['history', '--help'])
    for (const line of stdout.split('\n').filter((text) => text.includes('--node 3'))) {
      expect(line).toContain('--pay')
    }
  })

  it.each(['README.md', 'scripts/start/how-to-join.ts'])('of %s parses', async (file) => {
    const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8')
    const lines = [...text.matchAll(/^ *npx teahouse (.*?)(?: {2,}.*)?$/gm)].map(([, line]) => line!)
    expect(lines.length).toBeGreaterThan(5)
    for (const line of lines) if (line !== '--help') expect(line).toContain(await parsed(line))
    expect(lines[0]).toBe('account new --if-missing')
  })

  it('of all names every command of the README', async () => {
    const { code, stdout } = await teahouse(['--help'])
    expect(code).toBe(0)
    for (const name of [
      'account',
      'membership',
      'send',
      'listen',
      'history',
      'pay',
      'deal',
      'node',
      'exit',
    ]) {
      expect(stdout).toContain(`\n  ${name}`)
    }
  })
})

describe('an account', () => {
  it('is written for its owner only, its phrase shown once, and restored from it', async () => {
    const made = await teahouse([
      'account',
      'new',
      '--account',
      'alice',
      '--json',
      '--no-fund',
      '--no-passphrase',
    ])
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const { address, phrase, path } = JSON.parse(made.stdout) as Record<string, string>
    expect((await stat(path!)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(path!, 'utf8'))).toMatchObject({ address, phrase })
    expect((await readdir(join(home, 'accounts'))).filter((name) => name.endsWith('.new'))).toEqual([])

    const restored = await teahouse(
      ['account', 'restore', '--account', 'copy', '--json', '--no-passphrase'],
      {
        stdin: `${phrase}\n`,
      },
    )
    expect(JSON.parse(restored.stdout)).toMatchObject({ address, account: 'copy' })
    expect(restored.stdout + restored.stderr).not.toContain(phrase)
  })

  it('is made without a network, and says so', async () => {
    const early = ['account', 'new', '--account', 'early', '--words', '24', '--no-passphrase']
    const { code, stdout, stderr } = await teahouse(early)
    expect(code).toBe(0)
    expect(stdout).toMatch(/Funded {3}no/)
    expect(stderr).toMatch(/Not funded: No network is running/)
  })

  it('is never overwritten', async () => {
    const kept = ['account', 'new', '--account', 'kept', '--no-fund', '--no-passphrase']
    const { stdout: made } = await teahouse([...kept, '--json'])
    const before = await readFile(join(home, 'accounts', 'kept.json'), 'utf8')
    const again = await teahouse(kept)
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('teahouse account fund') })
    const going = await teahouse([
      'account',
      'new',
      '--account',
      'kept',
      '--no-fund',
      '--if-missing',
      '--json',
    ])
    const { address, phrase } = JSON.parse(made) as Record<string, string>
    expect(JSON.parse(going.stdout)).toEqual({ account: 'kept', address, funded: false })
    expect(going.stdout + going.stderr).not.toContain(phrase)
    expect(await readFile(join(home, 'accounts', 'kept.json'), 'utf8')).toBe(before)
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'no command', args: [], hint: '--help' },
    { given: 'an unknown command', args: ['sendd'], hint: 'Did you mean send?' },
    { given: 'an unknown command of a group', args: ['membership', 'joi'], hint: 'Did you mean join?' },
    { given: 'an unknown flag', args: ['send', TOPIC, 'hi', '--nod', '1'], hint: 'Did you mean --node?' },
    {
      given: 'a flag without its value',
      args: ['send', TOPIC, 'hi', '--node', '--ephemeral'],
      hint: 'node status',
    },
    { given: 'a missing argument', args: ['send', TOPIC], hint: '--help' },
    { given: 'one argument too many', args: ['send', TOPIC, 'hi', 'there'], hint: '--help' },
    { given: 'no content topic', args: ['send', 'chat', 'hi'], hint: '/my-table/1/chat/utf8' },
    { given: 'a bad amount', args: ['pay', `0x${'1'.repeat(40)}`, '1,5'], hint: '2.5' },
    { given: 'a bad address', args: ['pay', '0x12', '1'], hint: 'account show' },
    { given: 'a bad deal', args: ['deal', 'release', '0x12'], hint: 'deal offer' },
    { given: 'a missing flag', args: ['deal', 'open', '--amount', '1'], hint: '--help' },
    { given: 'a rate limit of 0', args: ['membership', 'join', '--rate-limit', '0'], hint: 'for example 1' },
    { given: 'a name that leaves the folder', args: ['account', 'new', '--account', '../x'], hint: 'alice' },
    { given: 'a bad deployment', args: ['exit', '--deployment', '../x'], hint: '12 hex digits' },
    { given: 'a bad endpoint', args: ['exit', '--rpc', 'file:///x'], hint: 'https://' },
    { given: '13 words', args: ['account', 'new', '--words', '13'], hint: '--words 24' },
  ])('$given: exit 2 and a hint, also as JSON', async ({ args, hint }) => {
    const plain = await teahouse(args)
    expect(plain).toMatchObject({ code: 2, stdout: '' })
    expect(plain.stderr).toContain(hint)
    const json = await teahouse([...args, '--json'])
    expect(json).toMatchObject({ code: 2, stdout: '' })
    const last = json.stderr.trim().split('\n').at(-1)
    expect(JSON.parse(last)).toMatchObject({ error: { code: 'USAGE', hint: expect.any(String) } })
  })

  it.each([
    ['send', TOPIC, 'hi'],
    ['history', TOPIC],
    ['membership', 'join'],
    ['pay', `0x${'1'.repeat(40)}`, '1'],
    ['pay', 'history'],
    ['envelope', 'create', '1', '--shares', '2'],
    ['deal', 'status', DEAL],
    ['node', 'status'],
  ])('%s %s without a network: exit 1, and to run npm start', async (...args) => {
    const { code, stderr, stdout } = await teahouse([...args, '--json'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'NO_NETWORK', hint: expect.stringContaining('npm start') },
    })
  })

  it.each([
    ['pay', 'link'],
    ['pay', 'history'],
    ['pay', 'collect'],
    ['pay', 'refund', `0x${'7c'.repeat(32)}`],
    ['chat', 'blocks', 'list'],
  ])('%s %s of an account that is not there: no other takes its place', async (...args) => {
    const contracts = Object.fromEntries(Object.keys(abis).map((name) => [name, zeroAddress]))
    const network = { rpcUrl: 'http://127.0.0.1:9', chainId: 31_337, clusterId: 1, shards: 8, nodes: [] }
    const file = join(home, 'network.json')
    await writeFile(file, JSON.stringify({ ...network, contracts }))
    const { stderr } = await teahouse([...args, '--network', file, '--account', 'absent', '--json'])
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'NO_ACCOUNT', message: expect.stringContaining('absent') },
    })
  })

  it('a network file that is none, and an account file that is none, without quoting it', async () => {
    const bad = join(home, 'bad.json')
    await writeFile(bad, '{"phrase": "secret words"')
    const network = await teahouse(['node', 'status', '--network', bad, '--json'])
    expect(JSON.parse(network.stderr)).toMatchObject({ error: { code: 'BAD_NETWORK_FILE' } })
    await writeFile(join(home, 'accounts', 'bad.json'), '{"phrase": "secret words"')
    const account = await teahouse(['account', 'show', '--account', 'bad', '--json'])
    expect(JSON.parse(account.stderr)).toMatchObject({ error: { code: 'BAD_ACCOUNT_FILE' } })
    expect(account.stderr).not.toContain('secret')
  })

  it('a deployment that nobody knows, and a key file that holds none, without quoting it', async () => {
    const exit = async (...args: string[]) => (await teahouse(['exit', ...args, '--json'])).stderr
    const unknown = await exit('--deployment', '0a1b2c3d4e5f', '--rpc', 'http://127.0.0.1:1')
    expect(JSON.parse(unknown)).toMatchObject({ error: { code: 'UNKNOWN_DEPLOYMENT' } })
    await writeFile(join(home, 'a.json'), '{}')
    expect(JSON.parse(await exit('--file', 'a.json'))).toMatchObject({
      error: { code: 'BAD_DEPLOYMENT_FILE' },
    })
    const record = {
      ...{ id: '0a1b2c3d4e5f', chainId: 7, abiVersion: 1, contracts: {}, parts: {} },
      compiler: { version: '0.8.37', evmVersion: 'cancun', optimizerRuns: 1, viaIR: false },
    }
    await writeFile(join(home, 'a.json'), JSON.stringify(record))
    expect(JSON.parse(await exit('--file', 'a.json'))).toMatchObject({ error: { code: 'USAGE' } })
    await writeFile(join(home, 'bad.key'), 'my secret words')
    const badKey = await exit('--file', 'a.json', '--rpc', 'http://127.0.0.1:1', '--key-file', 'bad.key')
    expect(JSON.parse(badKey)).toMatchObject({ error: { code: 'BAD_KEY_FILE' } })
    expect(badKey).not.toContain('secret')
  })

  it('a name from the environment that leaves the folder', async () => {
    for (const command of [
      ['account', 'show'],
      ['account', 'new', '--no-fund', '--no-passphrase'],
    ]) {
      const { code, stderr } = await teahouse(command, { env: { TEAHOUSE_ACCOUNT: '../x' } })
      expect(code).toBe(2)
      expect(stderr).toContain('"../x" is not an account name')
    }
    const { code, stdout } = await teahouse(['account', 'new', '--no-fund', '--no-passphrase', '--json'], {
      env: { TEAHOUSE_ACCOUNT: 'named' },
    })
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 0, account: 'named' })
  })

  it('a phrase that is none, without repeating it', async () => {
    const { code, stderr } = await teahouse(['account', 'restore', '--account', 'x', '--no-passphrase'], {
      stdin: 'my secret words',
    })
    expect(code).toBe(1)
    expect(stderr).not.toContain('secret')
  })
})
