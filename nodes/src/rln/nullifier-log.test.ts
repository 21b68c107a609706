import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIELD } from '@teahouse/protocol/rln'
import { openDatabase } from '../storage/index.ts'
import { NULLIFIER_MIGRATIONS, nullifierLog, oldestKept } from './nullifier-log.ts'

const ENTRY = { nullifier: 5n, epoch: 10n, x: 6n, y: 7n, hash: new Uint8Array(32), ephemeral: false }
const open = (path = ':memory:') => openDatabase(path, NULLIFIER_MIGRATIONS)

describe('nullifierLog', () => {
  it('enters a nullifier once and returns the older entry after that', () => {
    const log = nullifierLog(open())
    expect(log.enter(ENTRY)).toBeUndefined()
    expect(log.enter({ ...ENTRY, x: 8n })).toEqual(ENTRY)
    expect(log.get(5n)).toEqual(ENTRY)
  })

  it('remembers over a restart: nobody is forgiven', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'teahouse-nullifiers-')), 'nullifiers.sqlite')
    const first = open(path)
    nullifierLog(first).enter(ENTRY)
    first.close()
    expect(nullifierLog(open(path)).get(5n)).toEqual(ENTRY)
  })

  it('forgets the epochs before one, and no other', () => {
    const log = nullifierLog(open())
    for (const epoch of [9n, 10n, 11n]) log.enter({ ...ENTRY, nullifier: epoch, epoch })
    expect(log.prune(10n)).toBe(1)
    expect([9n, 10n, 11n].map((nullifier) => log.get(nullifier) !== undefined)).toEqual([false, true, true])
  })

  it.each([
    { given: 'clock and chain agree', epochNow: 1_000n, epochOfBlock: 1_000n, oldest: 997n },
    { given: 'the clock has jumped ahead by hours', epochNow: 1_300n, epochOfBlock: 1_000n, oldest: 997n },
    { given: 'the clock has fallen back by hours', epochNow: 700n, epochOfBlock: 1_000n, oldest: 697n },
    { given: 'the chain has stood still for hours', epochNow: 1_000n, epochOfBlock: 700n, oldest: 697n },
  ])('keeps the epochs that matter when $given', ({ oldest, ...time }) => {
    expect(oldestKept({ ...time, epochSlack: 1 })).toBe(oldest)
  })

  it('gives any field elements back as they were', () => {
    const log = nullifierLog(open())
    const element = fc.bigInt({ min: 0n, max: FIELD - 1n })
    fc.assert(
      fc.property(element, element, element, (nullifier, x, y) => {
        const known = log.get(nullifier)
        expect(log.enter({ ...ENTRY, nullifier, x, y })).toEqual(known)
        expect(log.get(nullifier)).toEqual(known ?? { ...ENTRY, nullifier, x, y })
      }),
    )
  })
})
