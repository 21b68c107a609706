import { expect, it } from 'vitest'
import { renewalWarning } from './renewal.ts'

const DAY = 86_400
const EXPIRY = 1_000 * DAY
const STATUS = {
  state: 'active',
  expiry: EXPIRY,
  termSeconds: 180 * DAY,
  graceSeconds: 30 * DAY,
} as const
const after = (days: number, over: object = {}) => renewalWarning({ ...STATUS, ...over }, EXPIRY + days * DAY)

it.each([
  { days: -31, due: undefined },
  { days: -30, due: 'in 30 days' },
  { days: -8, due: 'in 30 days' },
  { days: -7, due: 'in 7 days' },
  { days: -1, due: 'in 1 day' },
  { days: -0.1, due: 'in 1 day' },
  { days: 1, due: 'grace' },
])('$days days from the end of the term: $due', ({ days, due }) => {
  expect(after(days)?.due).toBe(due)
})

it('tells the time left until the term, or grace, ends', () => {
  expect(after(-3)?.secondsLeft).toBe(3 * DAY)
  expect(after(10)?.secondsLeft).toBe(20 * DAY)
})

it('does not warn from the first day on where terms are short', () => {
  expect(after(-0.6, { termSeconds: DAY })).toBeUndefined()
  expect(after(-0.4, { termSeconds: DAY })?.due).toBe('in 1 day')
})

it.each(['none', 'exited', 'slashed', 'expired'] as const)(
  'says nothing of a membership that is %s',
  (state) => {
    expect(after(-1, { state })).toBeUndefined()
  },
)
