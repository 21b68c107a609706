import { randomBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SIZE_CLASSES } from '../chat/padding.ts'
import { sealParts, wholeBackups } from './parts.ts'

const KEY = randomBytes(32)
const TOPIC = '/d1/9/m/bin'
/** What one message holds: the largest class without nonce, tag, header and the padding's mark. */
const MOST = 65_536 - 24 - 16 - 27 - 1

const [DEVICE, OTHER] = ['00'.repeat(8), 'ff'.repeat(8)]

const sealed = (bytes: Uint8Array, madeAt = 1, key = KEY, device = DEVICE) =>
  sealParts({ device, bytes, madeAt }, key, TOPIC).map((payload) => ({ contentTopic: TOPIC, payload }))
const shuffled = <T>(all: readonly T[]): T[] =>
  all
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)

describe('a backup in parts', () => {
  it.each([0, 1, 956, 957, MOST, MOST + 1, 3 * MOST, 16 * MOST])(
    'of %i bytes comes back, in whatever order',
    (size) => {
      const bytes = Uint8Array.from({ length: size }, (_, at) => at % 251)
      const parts = sealed(bytes, 1_800_000_000_123)
      expect(parts).toHaveLength(Math.max(1, Math.ceil(size / MOST)))
      for (const { payload } of parts) expect(SIZE_CLASSES).toContain(payload.length)
      expect(wholeBackups(shuffled(parts), KEY)).toEqual([
        { device: DEVICE, madeAt: 1_800_000_000_123, bytes },
      ])
    },
  )

  it('is the newest that is whole, whichever comes first', () => {
    const [old, between, torn] = [
      sealed(Uint8Array.of(1), 1),
      sealed(new Uint8Array(MOST + 1), 2),
      sealed(new Uint8Array(MOST + 1), 3),
    ]
    for (const missing of torn)
      expect(
        wholeBackups(shuffled([...old, ...between, ...torn.filter((one) => one !== missing)]), KEY),
      ).toMatchObject([{ madeAt: 2 }])
  })

  it('is there for each device, the newest first', () => {
    const all = [
      sealed(Uint8Array.of(1), 1),
      sealed(Uint8Array.of(2), 2),
      sealed(Uint8Array.of(3), 3, KEY, OTHER),
    ]
    expect(wholeBackups(shuffled(all.flat()), KEY)).toMatchObject([
      { device: OTHER, madeAt: 3 },
      { device: DEVICE, madeAt: 2 },
    ])
  })

  it('is not put together from parts of several', () => {
    const [one, other] = [sealed(new Uint8Array(2 * MOST), 1), sealed(new Uint8Array(2 * MOST), 1)]
    expect(wholeBackups([one[0]!, other[1]!], KEY)).toEqual([])
    expect(wholeBackups([one[0]!, one[0]!], KEY)).toEqual([])
  })
})

describe('what must not be taken for one', () => {
  it('is that of another account', () => {
    expect(wholeBackups(sealed(Uint8Array.of(1), 1, randomBytes(32)), KEY)).toEqual([])
  })

  it('is an old one under a later topic', () => {
    const moved = sealed(Uint8Array.of(1)).map((part) => ({ ...part, contentTopic: '/d2/9/m/bin' }))
    expect(wholeBackups(moved, KEY)).toEqual([])
  })

  it('is anything else, whatever its bytes', () => {
    const [part] = sealed(Uint8Array.of(1))
    const near = fc.tuple(fc.nat(1_023), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
      const payload = part!.payload.slice()
      payload[at]! ^= by
      return payload
    })
    const any = fc.oneof(
      near,
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ minLength: 1_024, maxLength: 1_024 }),
    )
    fc.assert(
      fc.property(any, (payload) => {
        expect(wholeBackups([{ contentTopic: TOPIC, payload }], KEY)).toEqual([])
      }),
    )
  })

  it('shows none of its bytes, and never the same ones twice', () => {
    const bytes = new TextEncoder().encode('{"contacts":["Oolong"]}')
    const [one, other] = [sealed(bytes), sealed(bytes)].map(([first]) => Buffer.from(first!.payload))
    expect(one!.includes('Oolong')).toBe(false)
    expect(one!.subarray(0, 24).equals(other!.subarray(0, 24))).toBe(false)
    expect(one!.subarray(24, 48).equals(other!.subarray(24, 48))).toBe(false)
  })

  it('is one that takes more than 16 messages: it is refused whole', () => {
    expect(() => sealed(new Uint8Array(16 * MOST + 1))).toThrow(
      expect.objectContaining({ code: 'TOO_LARGE' }) as Error,
    )
  })
})
