import { expect, it } from 'vitest'
import { staleDocs } from './files.ts'

it('what is carried on to a million nodes is what the model says', { timeout: 120_000 }, () => {
  expect(staleDocs()).toEqual([])
})
