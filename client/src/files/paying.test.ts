import { unpaidText } from '@teahouse/protocol/payments'
import { describe, expect, it } from 'vitest'
import type { NodeRecord } from '../net/directory.ts'
import { createBudget } from '../payments/budget.ts'
import { refusal } from './errors.ts'
import { payingFrom } from './paying.ts'

const NODE = { peerId: 'node' } as NodeRecord
const ORDER = { 'blob-get': 1 }
const UNPAID = `TOO_MANY_REQUESTS: ${unpaidText(['blob-get'], 5n, '0x01')}`

/** Asks a node that refuses with each description in turn, and then gives. */
async function ask(...said: string[]) {
  let bought = 0
  const till = { openQuota: async () => false, buy: async () => void bought++ }
  const paying = payingFrom(till, createBudget())
  const request = async () => {
    const description = said.shift()
    if (description !== undefined) throw refusal(429, description, NODE.peerId)
    return 'chunk'
  }
  const answer = await paying(NODE, ORDER, request).catch((error: { code: string }) => error.code)
  return { answer, bought }
}

describe('a node that refuses with 429', () => {
  it('is paid if it says that payment is missing', async () => {
    expect(await ask(UNPAID, UNPAID)).toEqual({ answer: 'chunk', bought: 1 })
  })

  it.each(['TOO_MANY_REQUESTS: The limit of blob-get is reached, see offer 0x01', 'busy', ''])(
    'is not paid if it says "%s"',
    async (said) => {
      expect(await ask(said)).toEqual({ answer: 'TOO_MANY_REQUESTS', bought: 0 })
      expect(await ask(UNPAID, said)).toEqual({ answer: 'TOO_MANY_REQUESTS', bought: 0 })
    },
  )
})
