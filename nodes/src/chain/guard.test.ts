import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { guardDataDir } from './guard.ts'

const log = pino({ level: 'silent' })
const MARK = { chainId: 1, genesisHash: `0x${'ab'.repeat(32)}`, registry: '0xABCDEF' }

async function dataOf(mark = MARK): Promise<string> {
  const dataDir = join(await mkdtemp(join(tmpdir(), 'teahouse-guard-')), 'data')
  await guardDataDir(dataDir, mark, log)
  await writeFile(join(dataDir, 'precious'), 'gold')
  return dataDir
}

describe('guardDataDir', () => {
  it('marks a new folder and leaves one of this chain as it is', async () => {
    const dataDir = await dataOf()
    await guardDataDir(dataDir, { ...MARK, registry: '0xabcdef' }, log)
    expect(await readFile(join(dataDir, 'precious'), 'utf8')).toBe('gold')
  })

  it.each([
    { given: 'genesis', mark: { ...MARK, genesisHash: `0x${'cd'.repeat(32)}` } },
    { given: 'chain id', mark: { ...MARK, chainId: 2 } },
    { given: 'registry', mark: { ...MARK, registry: '0x123456' } },
  ])('sets data with another $given aside, every time under a name of its own', async ({ mark }) => {
    const dataDir = await dataOf()
    await guardDataDir(dataDir, mark, log)
    await guardDataDir(dataDir, MARK, log)
    await guardDataDir(dataDir, mark, log)
    expect(existsSync(join(dataDir, 'precious'))).toBe(false)
    const aside = (await readdir(join(dataDir, '..'))).filter((name) => name !== 'data')
    expect(aside).toHaveLength(3)
    const kept = aside.filter((name) => existsSync(join(dataDir, '..', name, 'precious')))
    expect(kept).toHaveLength(1)
  })

  it.each(['', '{}', '[1]', 'noise'])('refuses a mark that holds %j and changes nothing', async (content) => {
    const dataDir = await dataOf()
    await writeFile(join(dataDir, 'chain.json'), content)
    await expect(guardDataDir(dataDir, MARK, log)).rejects.toMatchObject({ code: 'DATA_CORRUPT' })
    expect(await readFile(join(dataDir, 'chain.json'), 'utf8')).toBe(content)
  })

  it('refuses a mark that cannot be read', async () => {
    const dataDir = join(await mkdtemp(join(tmpdir(), 'teahouse-guard-')), 'data')
    await mkdir(join(dataDir, 'chain.json'), { recursive: true })
    await expect(guardDataDir(dataDir, MARK, log)).rejects.toMatchObject({ code: 'DATA_UNREADABLE' })
  })
})
