import fc from 'fast-check'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { accountFromPhrase, createAccount } from '../account.ts'
import {
  fileKey,
  openAccountFile,
  readAccountFile,
  sealAccount,
  withPassphrase,
  writeAccountFile,
  type AccountFile,
} from './account-file.ts'

const CHEAP = { n: 2 ** 10, r: 8, p: 1 }
const PASSPHRASE = 'café 茶馆'

describe('an account file', () => {
  it('gives the account back, of any language, length and persona', async () => {
    for (const [bits, language, persona] of [
      [128, 'en', 0],
      [256, 'zh-Hans', 7],
    ] as const) {
      const account = createAccount(bits, { language, persona })
      const text = writeAccountFile(await sealAccount(account, PASSPHRASE, CHEAP))
      const file = readAccountFile(text)
      expect(file).toMatchObject({ address: account.address, persona })
      const opened = await openAccountFile(file, PASSPHRASE)
      expect(opened).toMatchObject({ phrase: account.phrase, language, persona })
      expect(await openAccountFile(file, PASSPHRASE.normalize('NFD'))).toMatchObject({ persona })
    }
  })

  it('holds neither the phrase nor a key, and does not tell how long the phrase is', async () => {
    const [short, long] = [createAccount(128), createAccount(256)]
    const [first, second] = [await sealAccount(short, 'a', CHEAP), await sealAccount(long, 'b', CHEAP)]
    expect(first.sealed).toHaveLength(second.sealed.length)
    for (const text of [writeAccountFile(second), inspect(second, { depth: 9 })]) {
      const words = long.phrase.split(' ').filter((word) => word.length > 5 && word !== 'address')
      for (const word of words) expect(text).not.toMatch(new RegExp(`\\b${word}\\b`)) // `persona` is a key
    }
  })

  it('takes another passphrase, and the old one no longer', async () => {
    const account = createAccount()
    const file = await sealAccount(account, 'old', CHEAP)
    const renewed = await withPassphrase(file, await fileKey(file, 'old'), 'new', CHEAP)
    expect((await openAccountFile(renewed, 'new')).phrase).toBe(account.phrase)
    await expect(openAccountFile(renewed, 'old')).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
  })
})

describe('a new account', () => {
  it('is made and sealed offline in less than ten seconds, at the cost that guessing has by default', async () => {
    const started = performance.now()
    const account = createAccount(256, { language: 'zh-Hans' })
    const text = writeAccountFile(await sealAccount(account, PASSPHRASE))
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(readAccountFile(text).locks[0]).toMatchObject({ n: 2 ** 17, r: 8, p: 1 })
  })
})

describe('when it must refuse', () => {
  const account = accountFromPhrase('test test test test test test test test test test test junk')
  const sealed = sealAccount(account, PASSPHRASE, CHEAP)
  const other = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'

  it.each<[string, (file: AccountFile) => object]>([
    ['another address', (file) => ({ ...file, address: other })],
    ['another persona', (file) => ({ ...file, persona: 1 })],
    ['another nonce', (file) => ({ ...file, nonce: new Uint8Array(24) })],
    [
      'a changed phrase',
      (file) => ({ ...file, sealed: file.sealed.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) }),
    ],
    [
      'a lock of another account',
      (file) => ({ ...file, locks: [{ ...file.locks[0]!, salt: new Uint8Array(16) }] }),
    ],
  ])('a file with %s', async (_, change) => {
    const file = readAccountFile(writeAccountFile(change(await sealed) as AccountFile))
    const refused = { code: expect.stringMatching(/^(WRONG_PASSPHRASE|BAD_KEYSTORE)$/) }
    await expect(openAccountFile(file, PASSPHRASE)).rejects.toMatchObject(refused)
  })

  it.each([
    ['100 GB of memory', { n: 2 ** 26, r: 16 }],
    ['memory for huge blocks', { n: 2, r: 2 ** 20 }],
    ['blocks that nobody uses', { n: 2, r: 33 }],
    ['hours of work', { p: 2 ** 30 }],
    ['no work', { n: 1 }],
  ])('a file that asks for %s, before it computes anything', async (_, cost) => {
    const file = await sealed
    const hostile = { ...file, locks: [{ ...file.locks[0]!, ...cost }] } as AccountFile
    const started = performance.now()
    await expect(
      openAccountFile(readAccountFile(writeAccountFile(hostile)), PASSPHRASE),
    ).rejects.toMatchObject({ code: 'TOO_COSTLY' })
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('to write a file that has more locks than can be read', async () => {
    const file = await sealed
    const withLocks = (count: number) => ({
      ...file,
      locks: Array.from({ length: count }, () => file.locks[0]!),
    })
    expect(readAccountFile(writeAccountFile(withLocks(8))).locks).toHaveLength(8)
    expect(() => writeAccountFile(withLocks(9))).toThrow(expect.objectContaining({ code: 'TOO_MANY_LOCKS' }))
  })

  it('any other passphrase', async () => {
    const file = await sealed
    await fc.assert(
      fc.asyncProperty(fc.string(), async (passphrase) => {
        await expect(openAccountFile(file, passphrase)).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' })
      }),
      { numRuns: 5 },
    )
    await expect(sealAccount(account, '', CHEAP)).rejects.toMatchObject({ code: 'NO_PASSPHRASE' })
  })

  it.each([
    ['no JSON', 'x'],
    ['a future version', '{"format":"teahouse-account","version":3}'],
    ['no locks', '{"format":"teahouse-account","version":2,"locks":[]}'],
  ])('%s', (_, text) => {
    expect(() => readAccountFile(text)).toThrow(expect.objectContaining({ code: 'BAD_KEYSTORE' }))
  })
})
