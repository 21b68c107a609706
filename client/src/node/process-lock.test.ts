import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { holdLock } from './process-lock.ts'

let dir: string
beforeAll(async () => (dir = await mkdtemp(join(tmpdir(), 'teahouse-lock-'))))
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('a lock that is held', () => {
  it('is refused to everybody else until it is let go', async () => {
    const path = join(dir, 'chat.sqlite')
    const release = await holdLock(path, 0)
    await expect(holdLock(path, 20)).rejects.toMatchObject({ code: 'LOCKED' })
    release()
    const again = await holdLock(path, 0)
    again()
  })

  it('can’t be taken where there is no folder', async () => {
    await expect(holdLock(join(dir, 'none', 'x.sqlite'), 0)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })
})
