import { beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../storage/index.ts'
import { MEMBERSHIP_MIGRATIONS } from './change-store.ts'
import { rootHistory, type RootHistory } from './root-history.ts'

const START = 1_700_000_000
const HOUR = 3_600
const WINDOW = 300

let history: RootHistory
let number: bigint

beforeEach(() => {
  const db = openDatabase(':memory:', MEMBERSHIP_MIGRATIONS)
  history = rootHistory(db, { keepSeconds: 10 * HOUR, windowSeconds: WINDOW })
  number = 0n
})

/** A block `hours` after the start, after which these are the roots. */
function block(hours: number, ...roots: bigint[]): bigint {
  history.note({ number: ++number, timestamp: START + hours * HOUR }, roots)
  return number
}
const at = (root: bigint, hours: number, seconds = 0) =>
  history.wasValid(root, START + hours * HOUR + seconds)

describe('a root', () => {
  it('was valid from its block until a window after the one that replaced it', () => {
    block(0, 1n)
    block(2, 2n)
    block(4, 3n)
    expect([at(2n, 1), at(2n, 2), at(2n, 3), at(2n, 4, WINDOW), at(2n, 5)]).toEqual([
      false,
      true,
      true,
      true,
      false,
    ])
    expect(at(3n, 9)).toBe(true)
    expect(at(9n, 3)).toBeUndefined()
  })

  it('that was the first one seen may have been valid at any time before', () => {
    block(5, 1n)
    block(6, 2n)
    expect([at(1n, 0), at(2n, 0)]).toEqual([true, false])
  })

  it('may come back, and was not valid in between', () => {
    for (const [hours, root] of [
      [0, 1n],
      [2, 2n],
      [4, 1n],
      [6, 3n],
    ] as const)
      block(hours, root)
    expect([1, 3, 5, 7].map((hours) => at(1n, hours))).toEqual([true, false, true, false])
  })

  it('of one tree stays while those of another change', () => {
    block(0, 1n, 10n)
    block(2, 1n, 11n)
    block(4, 1n, 12n)
    expect([at(1n, 3), at(11n, 3), at(11n, 9)]).toEqual([true, true, false])
  })

  it('of a block that was reorganised is not known, and what it replaced is valid still', () => {
    const before = block(0, 1n)
    block(2, 2n)
    history.dropAbove(before)
    expect([at(1n, 5), at(2n, 2)]).toEqual([true, undefined])
    block(3, 3n)
    expect([at(1n, 5), at(3n, 5)]).toEqual([false, true])
  })

  it('is forgotten some time after it was replaced', () => {
    block(0, 1n)
    block(1, 2n)
    block(10, 3n)
    expect(at(1n, 0)).toBe(true)
    block(12, 4n)
    expect([at(1n, 0), at(2n, 5), at(4n, 12)]).toEqual([undefined, true, true])
  })
})
