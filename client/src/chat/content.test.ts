import { ChatContent } from '@teahouse/protocol/wire'
import { isTeahouseError } from '@teahouse/protocol/errors'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeReference } from '../files/reference.ts'
import { decodeContent, encodeContent, newContentId, type Body, type Content } from './content.ts'

const KEY = new Uint8Array(32).fill(5)
const ID = 'ab'.repeat(16)
const PLAIN: Content = { id: ID, sequence: 3, first: 1, sentAt: 1_700_000_000_000, expiresAfter: 0, acks: [] }

const REFERENCE = writeReference({ size: 5, root: `0x${'12'.repeat(32)}`, key: KEY, operators: [1, 2] })
const FILE = { name: 'tea.jpg', mediaType: 'image/jpeg', reference: REFERENCE, until: 1_900_000_000n }

const BODIES: Body[] = [
  { kind: 'text', text: '茶好了 🍵' },
  { kind: 'text', text: '' },
  { kind: 'read', ids: [ID, newContentId()] },
  { kind: 'timer', seconds: 0 },
  { kind: 'card', chatKey: KEY, name: 'Carol' },
  { kind: 'reset' },
  { kind: 'app', type: 'tea/order', data: Uint8Array.of(1, 2) },
  { kind: 'file', ...FILE, size: 5, until: 1_900_000_000 },
  { kind: 'sent', to: KEY, content: Uint8Array.of(3) },
]

const raw = (fields: Partial<ChatContent>) =>
  ChatContent.encode({
    ...{ id: new Uint8Array(16), sequence: 1n, first: 1n, sentAt: 1n },
    ...{ topicSecret: new Uint8Array(0), senderName: '', expiresAfter: 0, acks: [], ...fields },
  })

describe('what it does', () => {
  it.each(BODIES)('carries $kind', (body) => {
    const content = { ...PLAIN, body }
    expect(decodeContent(encodeContent(content))).toEqual(content)
  })

  it('carries acknowledgements, a secret and a name, with and without a body', () => {
    const acks = [{ device: 'cd'.repeat(16), through: 7, beyond: [9, 12] }]
    const content = { ...PLAIN, sequence: 0, first: 0, acks, topicSecret: KEY, senderName: 'Bob' }
    expect(decodeContent(encodeContent(content))).toEqual({ ...content, body: undefined })
  })

  it('carries the last time that can be shown', () => {
    const { sentAt } = decodeContent(encodeContent({ ...PLAIN, sentAt: 8.64e15 }))
    expect(new Date(sentAt).toISOString()).toBe('+275760-09-13T00:00:00.000Z')
  })

  it('carries a file under a harmless name, whatever the sender says', () => {
    const file = { ...FILE, name: '../.profile', mediaType: 'text/<b>' }
    const { body } = decodeContent(raw({ file }))
    expect(body).toMatchObject({ kind: 'file', name: 'profile', mediaType: 'application/octet-stream' })
  })

  it('passes over a body of a later version, and still counts the content', () => {
    const later = new Uint8Array([...encodeContent(PLAIN), 0xfa, 0x07, 0x01, 0x00]) // field 127
    expect(decodeContent(later)).toEqual({ ...PLAIN, body: undefined })
  })
})

describe('when it must refuse', () => {
  it.each<{ given: string; fields: Partial<ChatContent> }>([
    { given: 'a short id', fields: { id: new Uint8Array(15) } },
    { given: 'a short topic secret', fields: { topicSecret: new Uint8Array(31) } },
    { given: 'a long name', fields: { senderName: 'x'.repeat(201) } },
    { given: 'a name that breaks the line', fields: { senderName: 'Bob\nCarol' } },
    { given: 'a name that nobody can see', fields: { senderName: '\u3164' } },
    { given: 'a card of a name that turns', fields: { card: { chatKey: KEY, name: 'a\u202eb' } } },
    { given: 'two bodies', fields: { text: 'a', reset: true } },
    { given: 'a sequence before its first', fields: { first: 2n } },
    { given: 'a sequence without a first', fields: { first: 0n } },
    { given: 'a sequence that no number holds', fields: { sequence: 2n ** 60n } },
    { given: 'a time that no clock shows', fields: { sentAt: 8_640_000_000_000_001n } },
    { given: 'a card without a key', fields: { card: { chatKey: new Uint8Array(1), name: '' } } },
    { given: 'application data of no type', fields: { app: { type: '', data: new Uint8Array(0) } } },
    { given: 'a copy for nobody', fields: { sent: { to: new Uint8Array(0), content: new Uint8Array(0) } } },
    { given: 'a file of no reference', fields: { file: { ...FILE, reference: 'https://example.org' } } },
    { given: 'a file of a cut reference', fields: { file: { ...FILE, reference: REFERENCE.slice(0, -3) } } },
    { given: 'a file kept for ever', fields: { file: { ...FILE, until: 2n ** 50n } } },
    { given: 'a timer of a century', fields: { timer: 3_200_000_000 } },
    {
      given: 'an ack of no device',
      fields: { acks: [{ device: new Uint8Array(0), through: 1n, beyond: [] }] },
    },
  ])('$given', ({ fields }) => {
    expect(() => decodeContent(raw(fields))).toThrow(expect.objectContaining({ code: 'BAD_CONTENT' }))
  })

  it('any other bytes, with a typed error', () => {
    const good = BODIES.map((body) => encodeContent({ ...PLAIN, body }))
    const broken = fc.tuple(fc.constantFrom(...good), fc.nat(), fc.nat(255)).map(([bytes, at, to]) => {
      return Uint8Array.from(bytes, (byte, i) => (i === at % bytes.length ? to : byte))
    })
    fc.assert(
      fc.property(fc.oneof(broken, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          decodeContent(bytes)
        } catch (error) {
          expect(isTeahouseError(error)).toBe(true)
        }
      }),
    )
  })
})
