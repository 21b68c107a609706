import fc from 'fast-check'
import { it } from 'vitest'
import { events, happen } from './testing/interleaving.ts'

it('whatever a network does, messages are read as they were sent, once, and no session forks for good', async () => {
  await fc.assert(fc.asyncProperty(events(24), happen), { numRuns: 60 })
})
