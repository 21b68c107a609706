import fc from 'fast-check'
import { spawn } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TeahouseError } from '@teahouse/protocol/errors'
import { openDatabase } from '../../storage/index.ts'
import { message, NOW_NS, testArchive, TOPIC, type TestArchive } from '../testing/archives.ts'
import { ARCHIVE_MIGRATIONS } from '../sqlite/tables.ts'
import { readExport } from './format.ts'
import { exportArchive, importArchive, verifyArchive, verifyExport } from './transfer.ts'

let from: TestArchive
let to: TestArchive
let path: string
beforeEach(async () => {
  from = await testArchive()
  to = await testArchive()
  path = join(from.folder, 'messages.export')
})
afterEach(async () => {
  await from.destroy()
  await to.destroy()
})

async function fill(count: number): Promise<void> {
  const messages = Array.from({ length: count }, (_, at) => ({
    pubsubTopic: at % 2 ? TOPIC : '/waku/2/rs/1984/ü',
    message: message({
      timestamp: NOW_NS + BigInt(at % 7),
      payload: new Uint8Array(Uint32Array.of(at).buffer),
    }),
  }))
  await from.restore(messages)
}

const read = async (bytes: Uint8Array) => {
  let count = 0
  const source = (async function* () {
    yield bytes
  })()
  for await (const one of readExport(source)) count += one ? 1 : 0
  return count
}

describe('an export', () => {
  it.each([0, 1, 1_234])('of %i messages is imported as it was, and again without effect', async (count) => {
    await fill(count)
    const told: number[] = []
    expect(await exportArchive(from, path, (done) => told.push(done))).toBe(count)
    expect(told.at(-1) ?? 0).toBe(count)
    expect(await verifyExport(path)).toBe(count)
    expect(await importArchive(to, path)).toEqual({ messages: count, fresh: count })
    expect(await importArchive(to, path)).toEqual({ messages: count, fresh: 0 })
    expect(await verifyArchive(to)).toBe(count)
    const again = join(to.folder, 'again.export')
    await exportArchive(to, again)
    expect((await readFile(again)).equals(await readFile(path))).toBe(true)
  })

  it('goes on after an import that stopped half way', async () => {
    await fill(1_200)
    await exportArchive(from, path)
    const failing = {
      restore: async (some: Parameters<TestArchive['restore']>[0]) => {
        if ((await to.totals()).messages >= 500) throw new TeahouseError('disk full', { code: 'UNAVAILABLE' })
        return to.restore(some)
      },
    }
    await expect(importArchive(failing, path)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(await importArchive(to, path)).toEqual({ messages: 1_200, fresh: 700 })
  })
})

const MAIN = join(import.meta.dirname, '../testing/transfer-main.ts')

/** Runs an export or import in a process of its own and kills it after `afterMs`. */
async function killed(what: 'export' | 'import', folder: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, [MAIN, what, folder, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve)) // it has begun
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('close', resolve))
}

describe('kill -9', () => {
  it('in an import leaves a good part, and the next one does the rest', async () => {
    await fill(20_000)
    await exportArchive(from, path)
    await to.close()
    await killed('import', to.folder, 30)
    const next = await testArchive(undefined, to.folder)
    const { messages: before } = await next.totals()
    expect(before).toBeLessThan(20_000)
    expect(await verifyArchive(next)).toBe(before)
    expect(await importArchive(next, path)).toEqual({ messages: 20_000, fresh: 20_000 - before })
    await next.close()
  }, 60_000)

  it('in an export leaves no file that looks whole', async () => {
    await fill(20_000)
    await killed('export', from.folder, 30)
    expect((await readdir(from.folder)).includes('messages.export')).toBe(false)
    expect(await exportArchive(from, path)).toBe(20_000)
  }, 60_000)
})

describe('when it must refuse', () => {
  it('a file that is cut off, wherever: CUT_OFF, and nothing of it is imported', async () => {
    await fill(20)
    await exportArchive(from, path)
    const whole = await readFile(path)
    for (let length = 0; length < whole.length; length += 7) {
      await expect(read(whole.subarray(0, length))).rejects.toMatchObject({ code: 'CUT_OFF' })
    }
    await writeFile(path, whole.subarray(0, whole.length - 1))
    await expect(importArchive(to, path)).rejects.toMatchObject({ code: 'CUT_OFF' })
    expect((await to.totals()).messages).toBe(0)
  })

  it('a file in which any byte was changed, added or repeated', async () => {
    await fill(20)
    await exportArchive(from, path)
    const whole = await readFile(path)
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(whole)
        changed[at]! ^= flip
        await expect(read(changed)).rejects.toMatchObject({
          code: expect.stringMatching(/^(NOT_AN_EXPORT|UNKNOWN_VERSION|CUT_OFF|DAMAGED)$/),
        })
      }),
      { numRuns: 300 },
    )
    await expect(read(Buffer.concat([whole, whole]))).rejects.toMatchObject({ code: 'DAMAGED' })
  })

  it('bytes of any kind, with a typed error', async () => {
    const header = Buffer.from('TEAHOUSE\0\0\0\x01', 'latin1')
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ maxLength: 200 }), async (headed, bytes) => {
        const given = headed ? Buffer.concat([header, bytes]) : bytes
        await expect(read(given)).rejects.toBeInstanceOf(TeahouseError)
      }),
      { numRuns: 500 },
    )
  })

  it('a message in the archive that is not that of its hash: WRONG_HASH', async () => {
    await fill(3)
    await from.close()
    const db = openDatabase(join(from.folder, 'archive.sqlite'), ARCHIVE_MIGRATIONS, { shared: true })
    db.exec("UPDATE messages SET hash = x'00' WHERE id = 2")
    db.close()
    const spoiled = await testArchive(undefined, from.folder)
    await expect(verifyArchive(spoiled)).rejects.toMatchObject({ code: 'WRONG_HASH' })
    await spoiled.close()
  })
})
