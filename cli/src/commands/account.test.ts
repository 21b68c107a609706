import { openWeb3Keystore, readInvitation, readWeb3Keystore } from '@teahouse/client'
import { fileStore } from '@teahouse/client/node'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runTeahouse, type RunOptions } from '../testing/teahouse.ts'

const PHRASE = 'test test test test test test test test test test test junk'
const PLAIN = ['--no-passphrase', '--json']

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'teahouse-accounts-'))
  await writeFile(join(home, 'pass.txt'), 'correct horse\n')
  await writeFile(join(home, 'other.txt'), 'another one\n')
})
afterAll(() => rm(home, { recursive: true, force: true }))

const teahouse = (args: readonly string[], options?: RunOptions) => runTeahouse(home, args, options)

/** Runs it with --json; what it printed. */
async function ran(args: readonly string[], options?: RunOptions): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await teahouse([...args, '--json'], options)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Record<string, unknown>
}

async function refused(args: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await teahouse([...args, '--json'], options)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).not.toContain(PHRASE)
  return (JSON.parse(stderr) as { error: { code: string } }).error.code
}

/** An account of the well-known phrase, without encryption. */
const restored = (name: string, ...flags: string[]) =>
  ran(['account', 'restore', '--account', name, '--no-passphrase', ...flags], { stdin: PHRASE })

const number = (account: string, key: unknown, options?: RunOptions) =>
  ran(['account', 'safety-number', String(key), '--account', account], options)

const fileOf = (name: string) => readFile(join(home, 'accounts', `${name}.json`), 'utf8')

const KEY = '1493e12e6871347e5330871aec6d7f406d249020d957a23daf823c0ed6337425'

describe('an account file', () => {
  it('is encrypted with the passphrase of a file, and opens with no other', async () => {
    const env = { TEAHOUSE_PASSPHRASE_FILE: 'pass.txt' }
    const made = await ran(['account', 'new', '--account', 'sealed', '--no-fund'], { env })
    expect(made).toMatchObject({ encrypted: true })
    const text = await fileOf('sealed')
    const words = String(made['phrase']).split(' ')
    for (const [at, word] of words.slice(1).entries()) expect(text).not.toContain(`${words[at]} ${word}`)
    expect(await number('sealed', KEY, { env })).toHaveProperty('safetyNumber')
    const open = ['account', 'safety-number', KEY, '--account', 'sealed']
    expect(await refused(open)).toBe('NO_PASSPHRASE')
    expect(await refused(open, { env: { TEAHOUSE_PASSPHRASE_FILE: 'other.txt' } })).toBe('WRONG_PASSPHRASE')
    expect(await refused(open, { env: { TEAHOUSE_PASSPHRASE_FILE: 'none.txt' } })).toBe('BAD_PASSPHRASE_FILE')
    const going = await ran(['account', 'new', '--account', 'sealed', '--if-missing', '--no-fund'])
    expect(going).toMatchObject({ address: made['address'] }) // no passphrase is needed for that
  })

  it('is not written without a passphrase, unless that is asked for, and then it says so', async () => {
    const make = ['account', 'new', '--account', 'bare', '--no-fund']
    expect(await refused(make)).toBe('NO_PASSPHRASE')
    expect(await refused(make, { askSecret: async () => '' })).toBe('NO_PASSPHRASE')
    const typed = ['one', 'two']
    expect(await refused(make, { askSecret: async () => typed.shift()! })).toBe('PASSPHRASES_DIFFER')
    expect(await readdir(join(home, 'accounts'))).not.toContain('bare.json')
    const { stdout, stderr } = await teahouse([...make, '--no-passphrase'])
    expect(stdout).toContain('NOT ENCRYPTED')
    expect(stderr).toContain('NOT ENCRYPTED')
  })

  it('may stay open on the local development network, and says so', async () => {
    const local = await mkdtemp(join(tmpdir(), 'teahouse-local-'))
    const at = (digit: number) => `0x${String(digit).repeat(40)}`
    const names = ['Token', 'MembershipRegistry', 'OperatorStaking', 'ServiceRegistry', 'PaymentChannels']
    const more = ['Escrow', 'RedEnvelope', 'RetrievalCourt', 'ArchiveCourt']
    const contracts = Object.fromEntries([...names, ...more].map((name, digit) => [name, at(digit + 1)]))
    const network = { rpcUrl: 'http://127.0.0.1:1', contracts, clusterId: 1, shards: 1, nodes: [] }
    const make = ['account', 'new', '--account', 'a', '--no-fund']
    await writeFile(join(local, 'local.json'), JSON.stringify({ ...network, chainId: 31337 }))
    const { code, stdout } = await runTeahouse(local, make)
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('NOT ENCRYPTED') })
    await writeFile(join(local, 'local.json'), JSON.stringify({ ...network, chainId: 100 }))
    expect(await runTeahouse(local, [...make, '--account', 'b'])).toMatchObject({ code: 1 })
    await rm(local, { recursive: true, force: true })
  })

  it('that is not encrypted still opens, and is encrypted when asked', async () => {
    await restored('early')
    expect(await fileOf('early')).toContain(PHRASE)
    const before = await number('early', KEY)
    await ran(['account', 'encrypt', '--account', 'early', '--new-passphrase', 'pass.txt'])
    expect(await fileOf('early')).not.toContain('test')
    const typed = ['correct horse']
    expect(await number('early', KEY, { askSecret: async () => typed.shift()! })).toEqual(before)
  })

  it('of another persona or language comes back from its phrase', async () => {
    const flags = ['--account', 'zh', '--language', 'zh-Hans', '--persona', '2', '--no-fund']
    const made = await ran(['account', 'new', ...flags, '--no-passphrase'])
    expect(String(made['phrase'])).toMatch(/^(\p{Script=Han} ){11}\p{Script=Han}$/u)
    const stdin = String(made['phrase']).replaceAll(' ', '')
    const again = await ran(['account', 'restore', '--account', 'zh2', '--persona', '2', '--no-passphrase'], {
      stdin,
    })
    expect(again).toMatchObject({ address: made['address'] })
    const other = await ran(['account', 'restore', '--account', 'zh0', '--no-passphrase'], { stdin })
    expect(other['address']).not.toBe(made['address'])
    expect(await number('zh2', KEY)).toEqual(await number('zh', KEY))
  })
})

describe('what keeps an account', () => {
  it('is a backup that opens with the phrase, and with its passphrase if it has one', async () => {
    const { address } = await restored('kept')
    const key = `voucher/ab/0x${'2'.repeat(40)}/${String(address).toLowerCase()}/0x${'3'.repeat(40)}`
    await (await fileStore(join(home, 'accounts', 'kept.store'))).set(key, '1 500')
    const flags = ['--backup-passphrase', 'pass.txt']
    const written = await ran(['account', 'backup', 'tea.backup', '--account', 'kept', ...flags])
    expect(written).toMatchObject({ sections: expect.arrayContaining(['vouchers']) })
    expect(await refused(['account', 'backup', 'tea.backup', '--account', 'kept'])).toBe('FILE_EXISTS')

    expect(await restored('device', '--backup', 'tea.backup', ...flags)).toMatchObject({
      restored: expect.arrayContaining(['vouchers']),
    })
    const store = await fileStore(join(home, 'accounts', 'device.store'))
    expect(await store.get(key)).toMatchObject({ value: '1 500' })
    const again = ['account', 'restore', '--account', 'device', '--backup', 'tea.backup']
    expect(await refused(again)).toBe('NEEDS_PASSPHRASE')
    await ran(['account', 'new', '--account', 'stranger', '--no-fund', '--no-passphrase'])
    const strange = ['account', 'restore', '--account', 'stranger', '--backup', 'tea.backup', ...flags]
    expect(await refused(strange)).toBe('CANT_OPEN')
  })

  it('are shares of friends, of which enough bring it back, and none is shown with the phrase', async () => {
    const { address } = await restored('split')
    const split = ['account', 'split', '--account', 'split', '--threshold', '2', '--shares', '3']
    const { shares } = (await ran(split)) as { shares: string[] }
    expect(shares).toHaveLength(3)
    const stdin = `${shares[2]}\n\n  ${shares[0]!.toLowerCase()}\n`
    const { stdout, stderr } = await teahouse(['account', 'recover', '--account', 'back', ...PLAIN], {
      stdin,
    })
    expect(JSON.parse(stdout)).toMatchObject({ address, forged: [] })
    expect(stdout + stderr).not.toContain(PHRASE)
    const few = ['account', 'recover', '--account', 'few', '--no-passphrase']
    expect(await refused(few, { stdin: shares[1]! })).toBe('TOO_FEW_SHARES')
  })

  it('is a keystore for another wallet, which needs a passphrase', async () => {
    const { address } = await restored('export')
    const exporting = ['account', 'export-key', '--format', 'web3', '--account', 'export']
    expect(await refused(exporting)).toBe('NO_PASSPHRASE')
    const { keystore } = await ran(exporting, { env: { TEAHOUSE_PASSPHRASE_FILE: 'pass.txt' } })
    const read = readWeb3Keystore(JSON.stringify(keystore))
    expect(`0x${read.address}`).toBe(String(address).toLowerCase())
    expect(await openWeb3Keystore(read, 'correct horse')).toMatch(/^0xac0974bec39a17e3/)
  })
})

describe('two people', () => {
  it('get to know each other by a link, and make sure by their safety number', async () => {
    const { link } = await ran(['account', 'invite', '--account', 'zh', '--name', '爱丽丝'])
    const key = Buffer.from(readInvitation(String(link)).card.key).toString('hex')
    const accepted = await ran(['account', 'accept', '--account', 'split'], { stdin: `${String(link)}\n` })
    expect(accepted).toEqual({ contact: { name: '爱丽丝', key: `0x${key}` }, joined: null })
    const mine = await number('split', key)
    const theirs = await number('zh', KEY)
    expect(theirs['safetyNumber']).toBe(mine['safetyNumber'])
    const scan = (code: unknown) =>
      ran(['account', 'safety-number', key, '--account', 'split', '--scanned', String(code)])
    expect(await scan(theirs['code'])).toMatchObject({ result: 'match' })
    expect(await scan(mine['code'])).toMatchObject({ result: 'mismatch' })
  })
})

describe('when it must refuse', () => {
  it.each([
    ['words of two languages', 'restore', `的 ${PHRASE.slice(5)}`, 'MIXED_LANGUAGES'],
    ['a share that is none', 'recover', 'TEASHARE-1', 'BAD_SHARE'],
    ['no shares', 'recover', '', 'TOO_FEW_SHARES'],
  ])('%s', async (_, command, stdin, code) => {
    expect(await refused(['account', command, '--account', 'x', '--no-passphrase'], { stdin })).toBe(code)
  })

  it('a link that is not whole', async () => {
    const stdin = 'teahouse:invite/AQEA'
    expect(await refused(['account', 'accept', '--account', 'split'], { stdin })).toBe('BAD_INVITATION')
  })

  it('a persona, a key or a number of shares out of range', async () => {
    for (const args of [
      ['new', '--persona', '-1'],
      ['new', '--language', 'de'],
      ['safety-number', '12'],
      ['split', '--threshold', '1', '--shares', '3'],
      ['export-key'],
    ]) {
      expect((await teahouse(['account', ...args])).code).toBe(2)
    }
  })
})
