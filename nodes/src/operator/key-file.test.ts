import { mkdtemp, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensureNodeKey, readNodeKey } from './key-file.ts'

const newPath = async () => join(await mkdtemp(join(tmpdir(), 'teahouse-key-')), 'keys', 'node.key')

describe('a node key', () => {
  it('is made once, readable by its owner only, and the same from then on', async () => {
    const path = await newPath()
    const made = await ensureNodeKey(path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await ensureNodeKey(path)).privateKey).toBe(made.privateKey)
  })

  it.each(['', 'noise', '0x12', `0x${'0'.repeat(64)}`, `0x${'f'.repeat(64)}`, `0x${'1'.repeat(66)}`])(
    'that reads %j is refused, and the error does not quote it',
    async (text) => {
      const path = join(await mkdtemp(join(tmpdir(), 'teahouse-key-')), 'node.key')
      await writeFile(path, text)
      const err = await readNodeKey(path).catch((caught: unknown) => caught as Error)
      expect(err).toMatchObject({ code: 'DATA_CORRUPT' })
      expect(err).not.toHaveProperty('cause')
      if (text.length > 10) expect((err as Error).message).not.toContain(text)
    },
  )

  it('that is missing is DATA_UNREADABLE', async () => {
    await expect(readNodeKey('/nowhere/node.key')).rejects.toMatchObject({ code: 'DATA_UNREADABLE' })
  })
})
