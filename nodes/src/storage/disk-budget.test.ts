import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '../log.ts'
import { diskBudget, isOutOfRoom } from './disk-budget.ts'

const MIB = 1024 * 1024

let folder: string
let lines: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-disk-'))
  lines = []
})
afterEach(() => rm(folder, { recursive: true }))

function budget(limit: number | null, reserve = 0) {
  const log = createLog('info', { write: (line: string) => void lines.push(line) })
  const disk = diskBudget({ folder, reserve, log })
  disk.setLimit(limit)
  return disk
}
const file = async (name: string, bytes: number) => {
  await mkdir(join(folder, 'snapshots'), { recursive: true })
  await writeFile(join(folder, name), Buffer.alloc(bytes))
}

describe('the budget of the disk', () => {
  it('counts everything in the folder, and a write-ahead log twice: it will be written to its database', async () => {
    await file('archive.sqlite', MIB)
    await file('snapshots/1', MIB)
    await file('archive.sqlite-wal', MIB)
    const disk = budget(4.1 * MIB)
    await disk.measure()
    expect(disk.use().used).toBe(3 * MIB)
    expect(disk.has(1_000)).toBe(true)
    disk.setLimit(4 * MIB)
    expect(disk.has(1_000)).toBe(false)
  })

  it('counts what is admitted before it can be measured', async () => {
    const disk = budget(MIB)
    await disk.measure()
    const admitted = Array.from({ length: 100 }, () => disk.has(10_000)).filter(Boolean).length
    expect(admitted).toBeGreaterThan(20)
    expect(admitted).toBeLessThan(40)
    expect(disk.use().refused).toBe(100 - admitted)
  })

  it('says once that there is no room, and once that there is again', async () => {
    await file('ballast', 2 * MIB)
    const disk = budget(MIB)
    await disk.measure()
    expect([disk.has(1), disk.has(1)]).toEqual([false, false])
    await rm(join(folder, 'ballast'))
    await disk.measure()
    expect(disk.has(1)).toBe(true)
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'Has no room for more messages; refuses them',
      'Has room for messages again',
    ])
  })

  it('leaves the reserve free, whatever the limit', async () => {
    const disk = budget(null, Number.MAX_SAFE_INTEGER)
    await disk.measure()
    expect(disk.has(1)).toBe(false)
  })

  it('refuses for a while once the disk itself was full', async () => {
    const disk = budget(null)
    await disk.measure()
    expect(disk.has(1)).toBe(true)
    disk.ranOut()
    expect(disk.has(1)).toBe(false)
  })
})

describe('isOutOfRoom', () => {
  it.each([
    { of: 'SQLite', error: Object.assign(new Error('full'), { errcode: 13 }), full: true },
    { of: 'the system', error: Object.assign(new Error('full'), { code: 'ENOSPC' }), full: true },
    { of: 'PostgreSQL', error: Object.assign(new Error('full'), { code: '53100' }), full: true },
    {
      of: 'a cause',
      error: new Error('no', { cause: Object.assign(new Error(), { code: 'ENOSPC' }) }),
      full: true,
    },
    { of: 'something else', error: Object.assign(new Error('busy'), { errcode: 5 }), full: false },
    { of: 'no error', error: 'ENOSPC', full: false },
  ])('knows it from the error of $of: $full', ({ error, full }) => {
    expect(isOutOfRoom(error)).toBe(full)
  })
})
