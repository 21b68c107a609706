import { PushError, SendError } from '@teahouse/client'
import { describe, expect, it } from 'vitest'
import { explain } from './explain.ts'

const messageHash = `0x${'1'.repeat(64)}` as const
const unsent = (cause?: unknown, paid = 0n) =>
  new SendError('No node took the message', { code: 'NOT_SENT', messageHash, paid }, { cause })
const busy = new PushError('no', {
  code: 'TOO_MANY_REQUESTS',
  status: 429,
  description: '',
  peerId: 'a',
})

describe('a message that was not sent', () => {
  it('is explained by what kept it, and for how long it can be sent again', () => {
    expect(explain(unsent(busy)).hint).toMatch(
      /^The free requests are used up; add --pay.*20 s.*teahouse resend/,
    )
    expect(explain(unsent()).hint).toMatch(/^The message is kept.*20 s.*teahouse resend/)
    expect(explain(unsent(busy)).hint).not.toContain('epoch')
  })

  it('says what was paid for it', () => {
    expect(explain(unsent(busy, 5n))).toMatchObject({ paid: 5n })
    expect(explain(unsent(busy))).not.toHaveProperty('paid')
  })
})
