import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAccount } from '../account.ts'
import { restoreBackup, writeBackup, type BackupSection } from './backup.ts'
import { BackupError } from './errors.ts'
import { openBackup, sealBackup } from './seal.ts'

const CHEAP = { n: 2 ** 10, r: 8, p: 1 }
const account = createAccount()
const NOW = () => 1_800_000_000_999

/** A section that keeps what it is given. */
function notes(value: unknown, { version = 1, name = 'notes' } = {}): BackupSection & { taken: unknown[] } {
  const taken: unknown[] = []
  return {
    ...{ name, version, taken },
    collect: async () => value,
    prepare: (given) => {
      if (given === 'bad') throw new RangeError('bad')
      return async () => void taken.push(given)
    },
  }
}

describe('a backup', () => {
  it('brings every section back on another device, from the phrase alone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (one, two) => {
        const sections = [notes(one), notes(two, { name: 'settings' })]
        const bytes = await writeBackup({ account, sections }, NOW)
        const empty = [notes(undefined), notes(undefined, { name: 'settings' })]
        const restored = await restoreBackup(bytes, { account, sections: empty })
        expect(restored).toEqual({ madeAt: 1_800_000_000, restored: ['notes', 'settings'], skipped: [] })
        const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
        expect(empty.map(({ taken }) => taken)).toEqual([[plain(one)], [plain(two)]])
      }),
      { numRuns: 30 },
    )
  })

  it('tells its size in steps only, and looks different each time', async () => {
    const write = (length: number) => writeBackup({ account, sections: [notes('x'.repeat(length))] }, NOW)
    const [short, long, longer] = [await write(0), await write(3_900), await write(5_000)]
    expect(short).toHaveLength(long.length)
    expect(longer.length - long.length).toBe(4_096)
    expect(await write(0)).not.toEqual(short)
  })

  it('leaves alone what this release knows nothing of, says so, and takes in the rest', async () => {
    const sections = [notes(1), notes(2, { name: 'rides' })]
    const bytes = await writeBackup({ account, sections }, NOW)
    const known = notes(0)
    const restored = await restoreBackup(bytes, { account, sections: [known] })
    expect(restored).toMatchObject({ restored: ['notes'], skipped: ['rides'] })
    expect(known.taken).toEqual([1])
  })
})

describe('when it must refuse', () => {
  const content = new TextEncoder().encode('{"madeAt":1,"sections":{}}')

  it('to open without its passphrase, or with another', async () => {
    const bytes = await sealBackup(content, { account, passphrase: 'tea', cost: CHEAP })
    expect(await openBackup(bytes, { account, passphrase: 'tea' })).toEqual(content)
    await expect(openBackup(bytes, { account })).rejects.toMatchObject({ code: 'NEEDS_PASSPHRASE' })
    for (const passphrase of ['', 'Tea', 'tea ']) {
      await expect(openBackup(bytes, { account, passphrase })).rejects.toMatchObject({ code: 'CANT_OPEN' })
    }
  })

  it('to open with the passphrase alone, another account, or another persona', async () => {
    const other = createAccount()
    for (const passphrase of [undefined, 'tea']) {
      const secret = passphrase === undefined ? {} : { passphrase }
      const bytes = await sealBackup(content, { account, ...secret, cost: CHEAP })
      await expect(openBackup(bytes, { account: other, ...secret })).rejects.toMatchObject({
        code: 'CANT_OPEN',
      })
      const persona = createAccount(128, { persona: 1 })
      await expect(openBackup(bytes, { account: persona, ...secret })).rejects.toMatchObject({
        code: 'CANT_OPEN',
      })
      const borrowed = { address: other.address, backupKey: account.backupKey }
      await expect(openBackup(bytes, { account: borrowed, ...secret })).rejects.toMatchObject({
        code: 'CANT_OPEN',
      })
    }
  })

  it('a backup of which any byte was changed, or the end is missing', async () => {
    const bytes = await sealBackup(content, { account })
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = bytes.map((byte, place) => (place === at ? byte ^ by : byte))
        await expect(openBackup(changed, { account })).rejects.toBeInstanceOf(BackupError)
        await expect(openBackup(bytes.subarray(0, at), { account })).rejects.toBeInstanceOf(BackupError)
      }),
      { numRuns: 50 },
    )
  })

  it('a backup that asks for 100 GB, before it computes anything', async () => {
    const bytes = await sealBackup(content, { account, passphrase: 'tea', cost: CHEAP })
    const hostile = bytes.map((byte, at) => (at === 6 ? 26 : at === 7 ? 16 : byte))
    const opening = openBackup(hostile, { account, passphrase: 'tea' })
    await expect(opening).rejects.toMatchObject({ code: 'TOO_COSTLY' })
  })

  it('all of it when one section is bad, and touches none', async () => {
    const bytes = await writeBackup(
      { account, sections: [notes('good'), notes('bad', { name: 'settings' })] },
      NOW,
    )
    const [first, second] = [notes(0), notes(0, { name: 'settings' })]
    await expect(restoreBackup(bytes, { account, sections: [first, second] })).rejects.toMatchObject({
      detail: { code: 'BAD_SECTION', section: 'settings' },
    })
    expect(first.taken).toEqual([])
  })

  it('a section of a newer version, by name, and then takes in nothing at all', async () => {
    const sections = [notes(1), notes(3, { name: 'settings', version: 2 })]
    const bytes = await writeBackup({ account, sections }, NOW)
    const [known, settings] = [notes(0), notes(0, { name: 'settings' })]
    await expect(restoreBackup(bytes, { account, sections: [known, settings] })).rejects.toMatchObject({
      detail: { code: 'NEWER_SECTION', section: 'settings', version: 2, newest: 1 },
    })
    expect([known.taken, settings.taken]).toEqual([[], []])
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['something else', new TextEncoder().encode('x'.repeat(100))],
  ])('%s', async (_, bytes) => {
    await expect(openBackup(bytes, { account })).rejects.toMatchObject({ code: 'NOT_A_BACKUP' })
  })

  it('more than a backup can hold', async () => {
    await expect(sealBackup(new Uint8Array(16 * 2 ** 20), { account })).rejects.toMatchObject({
      code: 'TOO_LARGE',
    })
  })
})
