import { afterEach, expect, it } from 'vitest'
import { processReader } from './process.ts'

const own = processReader()
afterEach(own.stop)

function blockFor(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

it('measures the delay of the event loop only from one reading to the next', async () => {
  const first = await own.read()
  expect(first.loopDelay.size).toBe(0)
  await new Promise((resolve) => setTimeout(resolve, 60))
  blockFor(150)
  await new Promise((resolve) => setTimeout(resolve, 30))
  const second = await own.read()
  expect(second.loopDelay.get(1)).toBeGreaterThan(0.08)
  own.stop()
  expect((await own.read()).loopDelay.size).toBe(0)
})

it('tells what the process takes, in seconds and bytes', async () => {
  const reading = await own.read()
  expect(reading.residentBytes).toBeGreaterThan(20e6)
  expect(reading.startedAt).toBeGreaterThan(1.6e9)
  expect(reading.startedAt).toBeLessThan(Date.now() / 1_000)
  blockFor(50)
  const later = await own.read()
  expect(later.cpuSeconds).toBeGreaterThan(reading.cpuSeconds)
  expect(later.loopActiveSeconds).toBeGreaterThanOrEqual(reading.loopActiveSeconds)
})
