import { numberToHex } from 'viem'
import { afterEach, expect, it } from 'vitest'
import { openDatabase } from '../storage/index.ts'
import { CHALLENGE_MIGRATIONS, challengeBook, type Ending } from './challenge-book.ts'

const hash = (of: number) => numberToHex(of, { size: 32 })
const challenge = { id: hash(1), number: 0, operator: 7, deadline: 100, tx: hash(2), block: 5n }
const again = { ...challenge, deadline: 200, tx: hash(3), block: 9n }

const stops: (() => void)[] = []
afterEach(() => stops.splice(0).forEach((stop) => stop()))

function openBook() {
  const db = openDatabase(':memory:', CHALLENGE_MIGRATIONS)
  stops.push(() => db.close())
  const book = challengeBook(db, { court: '0xC0', operators: [7] })
  book.note([challenge], { number: 6n, hash: hash(6) })
  return book
}

it('opens a challenge again that was undone and comes in another block', () => {
  const book = openBook()
  book.close(challenge, 'undone')
  expect(book.open()).toEqual([])
  book.note([again], { number: 10n, hash: hash(10) })
  expect(book.open()).toEqual([again])
  expect(book.counts()).toMatchObject({ open: 1, undone: 0 })
})

it.each<Ending>(['answered', 'convicted', 'lapsed'])('leaves one closed that was %s', (ending) => {
  const book = openBook()
  book.close(challenge, ending)
  book.note([again], { number: 10n, hash: hash(10) })
  expect(book.open()).toEqual([])
  expect(book.counts()).toMatchObject({ open: 0, [ending]: 1 })
})
