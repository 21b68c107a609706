import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../storage/index.ts'
import { COUNTER_MIGRATIONS, messageCounter } from './message-counter.ts'

const newPath = () => join(mkdtempSync(join(tmpdir(), 'teahouse-counter-')), 'counter.sqlite')
const open = (path: string) => openDatabase(path, COUNTER_MIGRATIONS)
const INIT = { commitment: 7n, epochNow: 100n, complete: true }

describe('messageCounter', () => {
  it('gives every id below the limit once, over restarts too', () => {
    const path = newPath()
    const first = open(path)
    const counter = messageCounter(first, INIT)
    expect([counter.take(100n, 4), counter.take(100n, 4)]).toEqual([0, 1])
    first.close()
    const again = messageCounter(open(path), INIT)
    expect([again.take(100n, 4), again.take(100n, 4), again.take(100n, 4)]).toEqual([2, 3, undefined])
    expect(again.take(101n, 4)).toBe(0)
  })

  it('waits for the next epoch when it does not know what was used in this one', () => {
    const counter = messageCounter(open(newPath()), { ...INIT, complete: false })
    expect(counter.take(100n, 4)).toBeUndefined()
    expect(counter.firstEpoch).toBe(101n)
    expect(counter.take(101n, 4)).toBe(0)
  })

  it('keeps the epoch that it waits for, whatever comes after', () => {
    const db = open(newPath())
    messageCounter(db, INIT)
    messageCounter(db, { ...INIT, complete: false })
    expect(messageCounter(db, INIT).take(100n, 4)).toBeUndefined()
    expect(messageCounter(db, { ...INIT, epochNow: 101n }).take(101n, 4)).toBe(0)
  })

  it('gives nothing once it is closed', () => {
    const counter = messageCounter(open(newPath()), INIT)
    counter.close()
    expect(counter.take(100n, 4)).toBeUndefined()
  })

  it('counts memberships apart', () => {
    const db = open(newPath())
    expect(messageCounter(db, INIT).take(100n, 1)).toBe(0)
    expect(messageCounter(db, { ...INIT, commitment: 8n }).take(100n, 1)).toBe(0)
  })

  it('gives nothing for epochs that it has forgotten: a clock that falls back repeats no id', () => {
    const counter = messageCounter(open(newPath()), INIT)
    expect(counter.take(100n, 4)).toBe(0)
    expect(counter.take(130n, 4)).toBe(0)
    expect(counter.take(100n, 4)).toBeUndefined()
    expect(counter.take(129n, 4)).toBe(0)
  })
})
