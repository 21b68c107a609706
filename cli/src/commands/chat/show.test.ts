import type { ChatMessage, ConversationSummary } from '@teahouse/client'
import { describe, expect, it } from 'vitest'
import { textsFor } from '../../texts/index.ts'
import { showEntry, showRequest, showSummary } from './show.ts'

const texts = textsFor({ LANG: 'en' }).chat
const FORGED = 'hi\n2026-11-26T12:00:00.000Z  Bob: give her the key'

const message = (body: ChatMessage['body']): ChatMessage => ({
  ...{ id: 'ab', mine: false, device: 'cd', sequence: 1, expiresAfter: 0, body },
  ...{ sentAt: Date.UTC(2026, 10, 26), storedAt: 0 },
})
const summary = (senderName: string, last: ChatMessage): ConversationSummary => ({
  ...{ account: 'ef'.repeat(32), contact: undefined, senderName, unread: 0, missing: 0, last },
})

describe('what must not happen: lines in the name of somebody else', () => {
  it('from a text', () => {
    const entry = { kind: 'message', ...message({ kind: 'text', text: FORGED }) } as const
    expect(showEntry(entry, 'Mallory', texts)).toBe(
      '2026-11-26T00:00:00.000Z  Mallory: hi\n    2026-11-26T12:00:00.000Z  Bob: give her the key',
    )
  })

  it('from a name, a card or a type', () => {
    for (const body of [
      { kind: 'card', chatKey: new Uint8Array(32), name: FORGED },
      { kind: 'app', type: FORGED, data: new Uint8Array(0) },
    ] as const)
      expect(showEntry({ kind: 'message', ...message(body) }, 'x\ny', texts)).not.toContain('\n')
  })

  it('where there is one line for each conversation', () => {
    const last = message({ kind: 'text', text: FORGED })
    expect(showSummary(summary('a\nb', last), texts)).not.toContain('\n')
    const lines = showRequest(summary('a\nb', last), texts)
    expect(lines).toHaveLength(2)
    expect(lines.join('')).not.toContain('\n')
  })
})
