import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stopMark } from '../rln/stop-mark.ts'
import type { RootBook } from './book.ts'
import { sqliteBook } from './sqlite-book.ts'
import { bookSuite } from './testing/book-suite.ts'
import { openBookIn, SPEAKER } from './testing/roots.ts'

let folder: string
let book: RootBook
let db: ReturnType<typeof openBookIn>['db']

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'teahouse-roots-'))
  ;({ db, book } = openBookIn(folder))
})
afterEach(async () => {
  db.close()
  await rm(folder, { recursive: true })
})

bookSuite('a book in SQLite', (of = SPEAKER) => sqliteBook(db, of, stopMark(join(folder, 'roots.stop'))))

describe('the first hour that may be signed', () => {
  /** Another start; `clean` says how the one before ended. */
  async function restart(clean: boolean, of = SPEAKER): Promise<void> {
    if (clean) await book.close()
    db.close()
    ;({ db, book } = openBookIn(folder, of))
  }

  it('begins after the start, and goes on after a clean stop', async () => {
    expect(await book.open(100n)).toBe(100n)
    await restart(true)
    expect(await book.open(200n)).toBe(100n)
    await restart(true)
    expect(await book.open(300n)).toBe(100n)
  })

  it('begins anew after a kill', async () => {
    await book.open(100n)
    await restart(false)
    expect(await book.open(200n)).toBe(200n)
    await restart(true)
    expect(await book.open(300n)).toBe(200n)
  })

  it('begins anew with a restored database, and with a restored mark', async () => {
    await book.open(100n)
    await restart(true)
    const files = ['roots.sqlite', 'roots.stop']
    for (const file of files) await copyFile(join(folder, file), join(folder, `${file}.copy`))
    expect(await book.open(200n)).toBe(100n)
    await book.close()
    db.close()
    for (const file of await readdir(folder))
      if (/^roots\.(sqlite-|stop$)/.test(file)) await rm(join(folder, file))
    for (const file of files) await copyFile(join(folder, `${file}.copy`), join(folder, file))
    ;({ db, book } = openBookIn(folder))
    expect(await book.open(300n)).toBe(300n)
  })

  it('begins anew with a database of before the last stop', async () => {
    await book.open(100n)
    await restart(true)
    await copyFile(join(folder, 'roots.sqlite'), join(folder, 'copy'))
    await book.open(200n)
    await restart(true)
    db.close()
    await copyFile(join(folder, 'copy'), join(folder, 'roots.sqlite'))
    ;({ db, book } = openBookIn(folder))
    expect(await book.open(300n)).toBe(300n)
  })

  it('begins anew for another key, and for the first one when it comes back', async () => {
    await book.open(100n)
    const other = { ...SPEAKER, node: SPEAKER.court }
    await restart(true, other)
    expect(await book.open(200n)).toBe(200n)
    await restart(true)
    expect(await book.open(300n)).toBe(300n)
  })

  it('leaves no mark when it was never asked for', async () => {
    await restart(true)
    expect(await readdir(folder)).not.toContain('roots.stop')
    await writeFile(join(folder, 'roots.stop'), 'noise')
    expect(await book.open(200n)).toBe(200n)
  })
})
