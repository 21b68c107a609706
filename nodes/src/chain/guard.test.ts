import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { guardDataDir } from './guard.ts'

const log = pino({ level: 'silent' })
const MARK = { chainId: 1, genesisHash: `0x${'ab'.repeat(32)}`, registry: '0xABCDEF' }

/** Guards and leaves the folder, as a node does that starts and stops. */
async function guard(dataDir: string, mark: typeof MARK): Promise<void> {
  ;(await guardDataDir(dataDir, mark, log)).release()
}

async function dataOf(mark = MARK): Promise<string> {
  const dataDir = join(await mkdtemp(join(tmpdir(), 'teahouse-guard-')), 'data')
  await guard(dataDir, mark)
  await writeFile(join(dataDir, 'precious'), 'gold')
  return dataDir
}

describe('guardDataDir', () => {
  it('marks a new folder and leaves one of this chain as it is', async () => {
    const dataDir = await dataOf()
    await guard(dataDir, { ...MARK, registry: '0xabcdef' })
    expect(await readFile(join(dataDir, 'precious'), 'utf8')).toBe('gold')
  })

  it.each([
    { given: 'genesis', mark: { ...MARK, genesisHash: `0x${'cd'.repeat(32)}` } },
    { given: 'chain id', mark: { ...MARK, chainId: 2 } },
    { given: 'registry', mark: { ...MARK, registry: '0x123456' } },
  ])('sets data with another $given aside, every time under a name of its own', async ({ mark }) => {
    const dataDir = await dataOf()
    await guard(dataDir, mark)
    await guard(dataDir, MARK)
    await guard(dataDir, mark)
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

  it('never marks databases that have lost their mark as those of this chain', async () => {
    const dataDir = await dataOf()
    await writeFile(join(dataDir, 'archive.sqlite'), '')
    await rm(join(dataDir, 'chain.json'))
    const refused = guardDataDir(dataDir, MARK, log)
    await expect(refused).rejects.toMatchObject({ code: 'DATA_UNMARKED' })
    await expect(refused).rejects.toThrow(/Put its chain.json back, or move the folder away/)
    expect(existsSync(join(dataDir, 'chain.json'))).toBe(false)
    expect(await readFile(join(dataDir, 'precious'), 'utf8')).toBe('gold')
  })

  it('marks a folder that holds nothing but the lock of a start that failed', async () => {
    const dataDir = await dataOf()
    await rm(join(dataDir, 'chain.json'))
    await guard(dataDir, MARK)
    expect(existsSync(join(dataDir, 'chain.json'))).toBe(true)
  })

  it('never moves the folder of a node that runs, and lets nobody else use it: LOCKED', async () => {
    const dataDir = await dataOf()
    const running = await guardDataDir(dataDir, MARK, log)
    for (const mark of [MARK, { ...MARK, chainId: 2 }])
      await expect(guardDataDir(dataDir, mark, log)).rejects.toMatchObject({ code: 'LOCKED' })
    expect(await readdir(join(dataDir, '..'))).toEqual(['data'])
    running.release()
    await guard(dataDir, { ...MARK, chainId: 2 })
    expect(existsSync(join(dataDir, 'precious'))).toBe(false)
  })

  it('refuses a mark that cannot be read', async () => {
    const dataDir = join(await mkdtemp(join(tmpdir(), 'teahouse-guard-')), 'data')
    await mkdir(join(dataDir, 'chain.json'), { recursive: true })
    await expect(guardDataDir(dataDir, MARK, log)).rejects.toMatchObject({ code: 'DATA_UNREADABLE' })
  })
})
