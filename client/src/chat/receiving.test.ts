import { describe, expect, it } from 'vitest'
import type { Content } from './content.ts'
import { MAX_REQUEST_MESSAGES, receive } from './receiving.ts'
import { MAX_DEVICES, newConversation, type Conversation } from './record.ts'

const [BOB, OWN] = ['bb'.repeat(32), 'aa'.repeat(32)]
const NOW = 1_700_000_000_000
const LAPTOP = 'dd'.repeat(32)
const [LOW, HIGH] = ['01'.repeat(32), '02'.repeat(32)]
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))

function content(sequence: number, over: Partial<Content> = {}): Content {
  const id = sequence.toString(16).padStart(32, '0')
  const body = { kind: 'text', text: `text ${sequence}` } as const
  return { id, sequence, first: 1, sentAt: NOW - 1_000, expiresAfter: 0, acks: [], body, ...over }
}

const arrival = (given: Content) => ({ device: BOB, content: given, now: NOW, own: OWN })
const open = (over: Partial<Conversation> = {}): Conversation => ({
  ...newConversation('cc', 'open'),
  ...over,
})

/** A conversation of whose message 7 one copy has gone to Bob, with the pair's secret, and is not acknowledged. */
function waiting(): Conversation {
  const sent = content(7)
  return open({
    secrets: [HIGH],
    pending: [{ content: sent, copies: { [BOB]: { attempts: 1, sentAt: NOW - 60_000, told: HIGH } } }],
    devices: { [BOB]: { first: 1, knowsSecret: false } },
    tail: [{ ...sent, mine: true, device: OWN, storedAt: NOW, body: sent.body!, state: 'sent' }],
  })
}

describe('what it does', () => {
  it('keeps a message, counts it as unread, and owes its acknowledgement', () => {
    const { conversation, message } = receive(open(), arrival(content(1)))
    expect(message).toMatchObject({ mine: false, device: BOB, sequence: 1, body: { text: 'text 1' } })
    expect(conversation).toMatchObject({ unread: [message!.id], ackDue: [BOB], heardAt: NOW - 1_000 })
    expect(conversation.tail).toEqual([message])
  })

  it('keeps what comes twice once, and owes the acknowledgement again', () => {
    const once = { ...receive(open(), arrival(content(1))).conversation, ackDue: [], unread: [] }
    const { conversation, message } = receive(once, arrival({ ...content(1), sentAt: NOW }))
    expect(message).toBeUndefined()
    expect(conversation).toMatchObject({ ackDue: [BOB], unread: [], tail: once.tail })
  })

  it('takes an acknowledgement of this device only, and then knows that the secret is known', () => {
    const ack = { through: 7, beyond: [] }
    const other = content(0, { body: undefined, acks: [{ device: BOB, ...ack }] })
    expect(receive(waiting(), arrival(other))).toMatchObject({ delivered: [] })
    const ours = content(0, { body: undefined, acks: [{ device: OWN, ...ack }] })
    const { conversation, delivered } = receive(waiting(), arrival(ours))
    expect(delivered).toEqual([content(7).id])
    expect(conversation).toMatchObject({
      ...{ pending: [], ackDue: [], devices: { [BOB]: { knowsSecret: true } } },
      tail: [{ state: 'delivered' }],
    })
  })

  it('sends again at once what a device that lost its sessions has not acknowledged', () => {
    const { conversation } = receive(waiting(), arrival(content(1, { body: { kind: 'reset' } })))
    expect(conversation.pending[0]!.copies).toEqual({ [BOB]: { attempts: 0 } })
  })

  it('does so once an hour, however often the device says so', () => {
    const again = (now: number) => {
      const first = receive(waiting(), arrival(content(1, { body: { kind: 'reset' } }))).conversation
      const sent = { ...first, pending: waiting().pending }
      return receive(sent, { ...arrival(content(2, { body: { kind: 'reset' } })), now }).conversation.pending
    }
    expect(again(NOW + 3_599_999)).toEqual(waiting().pending)
    expect(again(NOW + 3_600_000)[0]!.copies).toEqual({ [BOB]: { attempts: 0 } })
  })

  it('comes to the same secret on both sides, whoever spoke first', () => {
    const one = receive(open({ secrets: [HIGH] }), arrival(content(1, { topicSecret: bytes(LOW) })))
    const other = receive(open({ secrets: [LOW] }), arrival(content(1, { topicSecret: bytes(HIGH) })))
    expect(one.conversation.secrets).toEqual([LOW, HIGH])
    expect(other.conversation.secrets).toEqual([LOW, HIGH])
  })

  it('sends what waits to a device that writes for the first time, once, and to eight devices at most', () => {
    const laptop = { ...arrival(content(1)), device: LAPTOP }
    const { pending, devices } = receive(waiting(), laptop).conversation
    expect(devices[LAPTOP]).toEqual({ first: 7, knowsSecret: false })
    expect(pending[0]!.copies).toEqual({ ...waiting().pending[0]!.copies, [LAPTOP]: { attempts: 0 } })
    let many = waiting()
    for (let n = 0; n < 20; n++)
      many = receive(many, { ...laptop, device: n.toString(16).padStart(64, '0') }).conversation
    expect(Object.keys(many.devices)).toHaveLength(MAX_DEVICES)
    expect(Object.keys(many.pending[0]!.copies!)).toHaveLength(MAX_DEVICES)
  })

  it('takes no device to know a secret that another device of its account has brought', () => {
    const known = { ...waiting(), devices: { [BOB]: { first: 1, knowsSecret: true } } }
    const laptop = { ...arrival(content(1, { topicSecret: bytes(LOW) })), device: LAPTOP }
    const { conversation } = receive(known, laptop)
    expect(conversation.devices).toMatchObject({
      [BOB]: { first: 1, knowsSecret: false },
      [LAPTOP]: { knowsSecret: true },
    })
    const late = content(0, { body: undefined, acks: [{ device: OWN, through: 7, beyond: [] }] })
    const after = receive(conversation, arrival(late)).conversation
    expect(after.devices[BOB]!.knowsSecret).toBe(false) // it acknowledged what came with the other secret
  })

  it('follows a timer, and believes no clock that runs ahead', () => {
    const timer = content(1, { body: { kind: 'timer', seconds: 60 }, sentAt: NOW + 1e9 })
    expect(receive(open(), arrival(timer)).conversation).toMatchObject({ expiresAfter: 60, heardAt: NOW })
  })
})

describe('what a stranger gets', () => {
  const request = newConversation('cc', 'request')

  it('is no acknowledgement, and no unread message', () => {
    expect(receive(request, arrival(content(1))).conversation).toMatchObject({ ackDue: [], unread: [] })
  })

  it('is room for a few messages; the others are not taken, so that they come again when it is accepted', () => {
    let conversation = request
    for (let n = 1; n <= MAX_REQUEST_MESSAGES; n++)
      conversation = receive(conversation, arrival(content(n))).conversation
    expect(() => receive(conversation, arrival(content(99)))).toThrow('not taken')
    expect(receive(conversation, arrival(content(1))).conversation.tail).toEqual(conversation.tail)
  })

  it.each([
    { what: 'only acknowledges', given: content(0, { body: undefined }) },
    { what: 'shows nothing', given: content(1, { body: { kind: 'reset' } }) },
  ])('is no room for what $what', ({ given }) => {
    expect(() => receive(request, arrival(given))).toThrow('not taken')
  })
})
