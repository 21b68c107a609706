import { mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from './database.ts'

const ONE = ['CREATE TABLE first (id INTEGER PRIMARY KEY, text TEXT)']
const TWO = [...ONE, "CREATE TABLE second (id INTEGER); INSERT INTO first (text) VALUES ('migrated')"]

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'teahouse-'))
  path = join(folder, 'deep', 'data.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('openDatabase', () => {
  it('migrates an older file, once', () => {
    openDatabase(path, ONE).close()
    openDatabase(path, TWO).close()
    const db = openDatabase(path, TWO)
    expect(db.prepare('SELECT count(*) AS n FROM first').get()).toEqual({ n: 1 })
    db.close()
  })

  it('commits to disk', () => {
    const db = openDatabase(path, ONE)
    expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
    expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    db.close()
  })
})

describe('when it must refuse', () => {
  it('says LOCKED while another owner has the file', () => {
    const db = openDatabase(path, ONE)
    expect(() => openDatabase(path, ONE)).toThrowError(expect.objectContaining({ code: 'LOCKED' }))
    db.close()
  })

  it('says TOO_NEW to a file of a later version, and leaves it', () => {
    openDatabase(path, TWO).close()
    expect(() => openDatabase(path, ONE)).toThrowError(expect.objectContaining({ code: 'TOO_NEW' }))
    openDatabase(path, TWO).close()
  })

  it('says CORRUPT to a file that is no database', () => {
    openDatabase(path, ONE).close()
    writeFileSync(path, 'not a database at all, but long enough to be read as one'.repeat(20))
    expect(() => openDatabase(path, ONE)).toThrowError(expect.objectContaining({ code: 'CORRUPT' }))
  })

  it('says CORRUPT to a database with a spoiled page', () => {
    const db = openDatabase(path, ONE)
    for (let row = 0; row < 2_000; row++)
      db.prepare('INSERT INTO first (text) VALUES (?)').run('x'.repeat(50))
    db.close()
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.alloc(4_096, 0xab), 0, 4_096, 4_096 * 3)
    expect(() => openDatabase(path, ONE)).toThrowError(expect.objectContaining({ code: 'CORRUPT' }))
  })

  it('rolls a failed migration back', () => {
    expect(() => openDatabase(path, ['CREATE TABLE kept (id); CREATE TABLE broken ('])).toThrowError()
    const db = openDatabase(path, ONE)
    expect(db.prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name = 'kept'").get()).toEqual({ n: 0 })
    db.close()
  })
})
