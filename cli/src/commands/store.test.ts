import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog, openArchive } from '@teahouse/nodes'
import { run } from '../program.ts'

const PUBSUB_TOPIC = '/waku/2/rs/1984/3'
const log = createLog('silent')

let home: string
let dirs: [string, string]
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'teahouse-cli-store-'))
  dirs = [join(home, 'one'), join(home, 'two')]
  for (const [at, dataDir] of dirs.entries()) {
    const archive = await openArchive({ engine: 'sqlite' }, { dataDir, log })
    const timestamp = BigInt(Date.now()) * 1_000_000n
    for (const payload of at === 0 ? [1, 2, 3] : [])
      await archive.put(PUBSUB_TOPIC, {
        payload: Uint8Array.of(payload),
        contentTopic: '/a/1/b/c',
        timestamp,
      })
    await archive.close()
  }
})
afterAll(() => rm(home, { recursive: true, force: true }))

async function store(...args: string[]) {
  const out = { stdout: '', stderr: '' }
  const code = await run(['store', ...args], {
    stdin: Readable.from(['']),
    stdout: { write: (text) => (out.stdout += text) },
    stderr: { write: (text) => (out.stderr += text) },
    cwd: home,
    env: { TEAHOUSE_HOME: home },
    signal: new AbortController().signal,
  })
  return { code, ...out }
}

const file = () => join(home, 'tea.export')

describe('teahouse store', () => {
  it('exports, verifies and imports, twice without harm', async () => {
    const [from, to] = dirs
    expect(await store('export', file(), '--data-dir', from, '--json')).toMatchObject({
      code: 0,
      stdout: `${JSON.stringify({ file: file(), messages: 3 })}\n`,
      stderr: '',
    })
    expect((await store('verify', file())).stdout).toBe('3 messages, every one of them whole\n')
    expect((await store('import', file(), '--data-dir', to)).stdout).toBe(
      'Took in 3 messages, 3 of them new\n',
    )
    expect((await store('import', file(), '--data-dir', to)).stdout).toBe(
      'Took in 3 messages, 0 of them new\n',
    )
    expect((await store('verify', '--data-dir', to)).stdout).toBe('3 messages, every one of them whole\n')
  })
})

describe('when it must refuse', () => {
  it.each([
    { given: 'no archive', args: ['export', 'x'], code: 2, says: '--data-dir DIR or --postgres URL' },
    {
      given: 'two archives',
      args: ['verify', '--data-dir', '.', '--postgres', 'postgres://a/b'],
      code: 2,
      says: 'Name one archive',
    },
    {
      given: 'a folder without one',
      args: ['export', 'x', '--data-dir', '.'],
      code: 1,
      says: 'no archive.sqlite',
    },
    {
      given: 'an address of something else',
      args: ['verify', '--postgres', 'http://a/b'],
      code: 2,
      says: 'PostgreSQL',
    },
    { given: 'no file', args: ['verify', 'nowhere.export'], code: 1, says: 'nowhere.export' },
  ])('$given, with code $code', async ({ args, code, says }) => {
    const result = await store(...args)
    expect(result.code).toBe(code)
    expect(result.stderr).toContain(says)
  })

  it('a file that was cut off, and says what to do', async () => {
    const [from, to] = dirs
    await store('export', file(), '--data-dir', from)
    await truncate(file(), 100)
    const { code, stderr } = await store('import', file(), '--data-dir', to)
    expect(code).toBe(1)
    expect(stderr).toContain('cut off after 100 bytes')
    expect(stderr).toContain('export it, or copy it, again')
  })
})
