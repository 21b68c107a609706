import { pino } from 'pino'
import { expect, it } from 'vitest'
import { challengeReading } from './reading.ts'

it('says once that challenges were not read for a quarter of the window, and that they are again', () => {
  const said: string[] = []
  const log = pino(
    { base: null },
    { write: (line) => void said.push((JSON.parse(line) as { msg: string }).msg) },
  )
  const reading = challengeReading(1_000, 100, log)
  reading.check(1_025)
  expect([said.length, reading.behind(1_025)]).toEqual([0, 25])
  reading.check(1_026)
  reading.check(1_040)
  expect(said).toEqual([expect.stringContaining('too late')])
  reading.done(1_040)
  reading.check(1_041)
  expect(said).toHaveLength(2)
  expect(reading.behind(1_041)).toBe(1)
  reading.check(1_100)
  expect(said).toHaveLength(3)
})
