import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { openBans } from './bans.ts'

let path: string
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'teahouse-bans-')), 'bans.json')
})

describe('openBans', () => {
  it('has none where there is no file', async () => {
    expect((await openBans(path)).list()).toEqual([])
  })

  it('knows a ban after it was opened again, until its time is over', async () => {
    let now = 1_000
    const bans = await openBans(path, () => now)
    await Promise.all([bans.ban({ peerId: 'a', untilMs: 2_000 }), bans.ban({ peerId: 'b' })])
    expect((await stat(path)).mode & 0o777).toBe(0o600)

    const again = await openBans(path, () => now)
    expect(['a', 'b', 'c'].map(again.isBanned)).toEqual([true, true, false])
    now = 2_000
    expect(['a', 'b'].map(again.isBanned)).toEqual([false, true])
    expect(again.list()).toEqual([{ peerId: 'b' }])
  })

  it('forgets a ban for good', async () => {
    const bans = await openBans(path)
    await bans.ban({ peerId: 'a' })
    expect([await bans.unban('a'), await bans.unban('a')]).toEqual([true, false])
    expect((await openBans(path)).isBanned('a')).toBe(false)
  })
})

describe('when it must refuse', () => {
  it.each(['', '{', '{}', '[{"peerId":""}]', '[{"peerId":"a","untilMs":"never"}]'])(
    'a file with %s, and leaves it as it is',
    async (text) => {
      await writeFile(path, text)
      await expect(openBans(path)).rejects.toMatchObject({ detail: { code: 'DATA_CORRUPT', path } })
      expect(await readFile(path, 'utf8')).toBe(text)
    },
  )

  it('what could not be written does not hold', async () => {
    const bans = await openBans(join(path, 'no-folder', 'bans.json'))
    await expect(bans.ban({ peerId: 'a' })).rejects.toThrow('ENOENT')
    expect(bans.isBanned('a')).toBe(false)
  })
})
