import { setTimeout as sleep } from 'node:timers/promises'
import { encodeLeaseAnswer, LEASE_STATUS } from '@teahouse/protocol/lease'
import { expect, it } from 'vitest'
import { askAll } from './round.ts'

const WAITS = { answerMs: 300, slowMs: 3_000, othersMs: 0 }
const ANSWER = encodeLeaseAnswer({ status: LEASE_STATUS.ok, description: '', time: 1_000 })

/** Asks operators 1 and 2, which answer after so many milliseconds or never. */
async function round(answers: readonly (number | undefined)[]) {
  const began = performance.now()
  const { offsets, failures } = await askAll(
    {
      async ask(operator, _request, signal) {
        await sleep(answers[operator - 1] ?? 60_000, undefined, { signal })
        return ANSWER
      },
      identifier: new Uint8Array(32),
      deviceNow: () => 0,
      waits: WAITS,
    },
    undefined,
    { operators: [1, 2], voters: [1, 2] },
  )
  return {
    answered: offsets.length,
    failed: failures.map(({ operator }) => operator),
    took: performance.now() - began,
  }
}

it('waits for the second as long as a line bears that was slow for the first', async () => {
  const { answered, failed, took } = await round([200, 700])
  expect({ answered, failed }).toEqual({ answered: 2, failed: [] })
  expect(took).toBeGreaterThan(WAITS.answerMs)
})

it('gives a node up that is silent while another answers at once', async () => {
  const { answered, failed, took } = await round([1, undefined])
  expect({ answered, failed }).toEqual({ answered: 1, failed: [2] })
  expect(took).toBeLessThan(WAITS.slowMs)
})

it('gives all up in the end', async () => {
  const { answered, took } = await round([undefined, undefined])
  expect(answered).toBe(0)
  expect(took).toBeGreaterThanOrEqual(WAITS.slowMs - 5)
})
