import fc from 'fast-check'
import { it } from 'vitest'
import { events, happen } from './testing/interleaving.ts'

it(
  'thousands of interleavings: read as sent, once, and no session forks for good',
  { timeout: 900_000 },
  async () => {
    await fc.assert(fc.asyncProperty(events(80), happen), { numRuns: 3_000 })
  },
)
