import { describe, expect, it } from 'vitest'
import { registrations, type Registration } from './registrations.ts'

const LIMITS = { maxRegistrations: 3, maxPeersPerNetwork: 2 }
const one = (peerId: string, over: Partial<Registration> = {}): Registration => ({
  ns: 'rs/1/0',
  peerId,
  signedPeerRecord: new Uint8Array(1),
  network: undefined,
  expiresAt: 1_000,
  ...over,
})

describe('registrations', () => {
  it('are listed from where the last answer ended, one of a peer and namespace, until they expire', () => {
    let now = 0
    const book = registrations(LIMITS, () => now)
    expect([book.put(one('a')), book.put(one('b')), book.put(one('a', { expiresAt: 2_000 }))]).toEqual([
      true,
      true,
      true,
    ])
    const first = book.list({ ns: 'rs/1/0', after: 0, limit: 1 })
    expect(first.found.map(({ peerId }) => peerId)).toEqual(['b'])
    const second = book.list({ ns: undefined, after: first.last, limit: 5 })
    expect(second.found.map(({ peerId }) => peerId)).toEqual(['a'])
    expect(book.list({ ns: undefined, after: second.last, limit: 5 })).toEqual({
      found: [],
      last: second.last,
    })
    expect(book.list({ ns: 'rs/1/1', after: 0, limit: 5 }).found).toEqual([])
    now = 1_000
    expect(book.list({ ns: undefined, after: 0, limit: 5 }).found.map(({ peerId }) => peerId)).toEqual(['a'])
    book.remove('rs/1/0', 'a')
    expect(book.list({ ns: undefined, after: 0, limit: 5 }).found).toEqual([])
  })
})

describe('when it must refuse', () => {
  it('more than it has room for, until some expire', () => {
    let now = 0
    const book = registrations(LIMITS, () => now)
    expect(['a', 'b', 'c', 'd'].map((peer) => book.put(one(peer)))).toEqual([true, true, true, false])
    expect(book.put(one('a'))).toBe(true)
    now = 1_000
    expect(book.put(one('d', { expiresAt: 2_000 }))).toBe(true)
  })

  it('a third peer of one network, not a second namespace of the first', () => {
    const book = registrations(LIMITS, () => 0)
    const network = '1.2.3'
    expect(book.put(one('a', { network }))).toBe(true)
    expect(book.put(one('b', { network }))).toBe(true)
    expect(book.put(one('c', { network }))).toBe(false)
    expect(book.put(one('a', { network, ns: 'rs/1/1' }))).toBe(true)
  })
})
