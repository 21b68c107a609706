import { describe, expect, it } from 'vitest'
import { entriesOf, inOrder } from './ordering.ts'
import type { ChatMessage } from './record.ts'
import { store } from './sequences.ts'

function message(device: string, sequence: number, sentAt: number, storedAt = 1_000): ChatMessage {
  const body = { kind: 'text', text: `${device}${sequence}` } as const
  return {
    id: `${device}${sequence}`,
    mine: device === 'a',
    device,
    sequence,
    sentAt,
    storedAt,
    body,
    expiresAfter: 0,
  }
}
const ids = (messages: readonly { id: string }[]) => messages.map(({ id }) => id)

describe('the order of a conversation', () => {
  it('goes by time over devices', () => {
    expect(ids(inOrder([message('b', 1, 20), message('a', 1, 10), message('a', 2, 30)]))).toEqual([
      'a1',
      'b1',
      'a2',
    ])
  })

  it('never turns round what one device sent, whatever its clock did', () => {
    expect(ids(inOrder([message('b', 2, 5), message('b', 1, 50), message('a', 1, 20)]))).toEqual([
      'a1',
      'b1',
      'b2',
    ])
  })

  it('lets no clock that runs ahead put a message below all that follow', () => {
    expect(ids(inOrder([message('b', 1, 9_999, 100), message('a', 1, 200)]))).toEqual(['b1', 'a1'])
  })

  it('shows what is missing in its place', () => {
    const stored = { b: store(store(undefined, 1, 1), 4, 1)! }
    const entries = entriesOf({ stored }, [message('b', 1, 10), message('b', 4, 40), message('a', 1, 20)])
    expect(entries.map((entry) => (entry.kind === 'missing' ? entry.count : entry.id))).toEqual([
      'b1',
      'a1',
      2,
      'b4',
    ])
  })
})
