import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { fileStore } from './file-store.ts'
import { processLock } from './process-lock.ts'

const root = await mkdtemp(join(tmpdir(), 'teahouse-store-'))
afterAll(() => rm(root, { recursive: true, force: true }))

let count = 0
let dir: string
beforeEach(() => (dir = join(root, String(count++))))

const increment = (old: { value: string } | undefined) => String(Number(old?.value ?? 0) + 1)
const fileOf = async (folder: string) =>
  join(folder, (await readdir(folder)).find((name) => name.endsWith('.value')) ?? 'none')

describe('a file store', () => {
  it('keeps what was written for whoever opens it next', async () => {
    const key = 'voucher/31337/0xAB'
    await (await fileStore(dir)).set(key, 'several\nlines\n')
    const again = await fileStore(dir)
    expect(await again.get(key)).toEqual({ value: 'several\nlines\n', native: true })
    expect(await again.keys('voucher/')).toEqual([key])
    await again.delete(key)
    expect(await again.get(key)).toBeUndefined()
    expect(await again.keys('')).toEqual([])
  })

  it('is readable by its owner only', async () => {
    await (await fileStore(dir)).set('k', 'v')
    expect((await stat(dir)).mode & 0o077).toBe(0)
    expect((await stat(await fileOf(dir))).mode & 0o077).toBe(0)
  })

  it('writes nothing if the change throws', async () => {
    const store = await fileStore(dir)
    await store.set('k', 'before')
    const change = () => {
      throw new Error('no')
    }
    await expect(store.update('k', change)).rejects.toThrow('no')
    expect((await store.get('k'))?.value).toBe('before')
  })

  it('counts exactly, however many stores of one folder count at once', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => fileStore(dir)))
    await Promise.all(
      stores.flatMap((store) => Array.from({ length: 10 }, () => store.update('k', increment))),
    )
    expect((await stores[0]!.get('k'))?.value).toBe('40')
  })

  it('goes on after a process was killed while it held the lock', async () => {
    const store = await fileStore(dir)
    const module = fileURLToPath(new URL('./file-store.ts', import.meta.url))
    const holder = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `import { fileStore } from ${JSON.stringify(module)}
       const store = await fileStore(${JSON.stringify(dir)})
       await store.update('k', () => { process.kill(process.pid, 'SIGKILL'); return 'never' })`,
    ])
    await new Promise((resolve) => holder.once('close', resolve))
    expect(holder.signalCode).toBe('SIGKILL')
    expect(await store.update('k', increment)).toBe('1')
  })
})

describe('what was not written here is told', () => {
  it('when the folder is a copy', async () => {
    await (await fileStore(dir)).set('k', 'v')
    await cp(dir, `${dir}-copy`, { recursive: true, preserveTimestamps: true })
    expect(await (await fileStore(`${dir}-copy`)).get('k')).toEqual({ value: 'v', native: false })
    expect(await (await fileStore(dir)).get('k')).toEqual({ value: 'v', native: true })
  })

  it('when an older state was put back in place', async () => {
    const store = await fileStore(dir)
    await store.set('k', '1')
    const backup = await readFile(await fileOf(dir))
    for (const value of ['2', '3']) {
      await store.set('k', value)
      await writeFile(await fileOf(dir), backup)
      expect(await store.get('k')).toEqual({ value: '1', native: false })
    }
  })

  it('until it is written again', async () => {
    await (await fileStore(dir)).set('k', 'v')
    await cp(dir, `${dir}-copy`, { recursive: true })
    const copy = await fileStore(`${dir}-copy`)
    await copy.update('k', ({ value, native } = { value: '', native: true }) => `${value} ${native}`)
    expect(await copy.get('k')).toEqual({ value: 'v false', native: true })
  })
})

describe('when it must refuse', () => {
  it.each(['', 'no seal', '\nv\n', '12:34\nno end'])('a damaged file: %j', async (text) => {
    const store = await fileStore(dir)
    await store.set('k', 'v')
    await writeFile(await fileOf(dir), text)
    await expect(store.get('k')).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  it('a folder that can not be', async () => {
    await writeFile(dir, 'a file')
    await expect(fileStore(dir)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('to wait for ever', async () => {
    const [first, second] = [processLock(`${dir}.lock`, 1_000), processLock(`${dir}.lock`, 30)]
    const done = Promise.withResolvers<void>()
    const holding = Promise.withResolvers<void>()
    const held = first(() => (holding.resolve(), done.promise))
    await holding.promise
    await expect(second(async () => 'in')).rejects.toMatchObject({ code: 'LOCKED' })
    done.resolve()
    await held
    expect(await second(async () => 'in')).toBe('in')
  })
})
