import { messageHash, WakuMessageAndTopic, WireError } from '@teahouse/protocol/wire'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TOPIC } from '../store/testing/archives.ts'
import { SyncConfig } from './config.ts'
import { SyncError } from './errors.ts'
import { startOf } from './payload.ts'
import { newSession, type Session } from './session.ts'
import { numbered, WINDOW } from './testing/sets.ts'
import { readIncoming } from './transfer.ts'

let session: Session

beforeEach(() => {
  session = newSession('peer', SyncConfig.parse({}), new AbortController().signal)
  const range = { from: startOf(WINDOW.since), to: startOf(numbered(100).timestamp!) }
  session.told({ ranges: [], toSend: [], wanted: [], told: [range] })
})
afterEach(() => session.end())

describe('a frame of a transfer', () => {
  it('is taken for what the session asked for, and for nothing else', () => {
    const read = (n: number) =>
      readIncoming(WakuMessageAndTopic.encode({ pubsubTopic: TOPIC, message: numbered(n) }), [session])
    const { timestamp } = numbered(99)
    expect(read(99)).toMatchObject({
      pubsubTopic: TOPIC,
      key: { timestamp, hash: messageHash(TOPIC, numbered(99)) },
    })
    expect(() => read(100)).toThrow(expect.objectContaining({ code: 'NOT_ASKED' }))
    expect(() => readIncoming(new Uint8Array(0), [])).toThrow(expect.objectContaining({ code: 'UNWANTED' }))
  })

  it('leads to nothing but typed errors, whatever is in it', () => {
    const good = WakuMessageAndTopic.encode({ pubsubTopic: TOPIC, message: numbered(5) })
    const changed = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length))
      .map(([at, byte, end]) => {
        const bytes = good.slice()
        bytes[at] = byte
        return bytes.slice(0, end)
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), (bytes) => {
        try {
          expect(session.asksFor(readIncoming(bytes, [session]).key)).toBe(true)
        } catch (err) {
          expect(err instanceof SyncError || err instanceof WireError).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
