import fc from 'fast-check'
import { getAddress } from 'viem'
import { describe, expect, it } from 'vitest'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { disclosureHash, readDisclosure, writeDisclosure, type Disclosure } from './disclosure.ts'
import { arbiterCard, arbiterSecret, openDisclosure, readArbiterCard, sealDisclosure } from './sealing.ts'
import { OFFERS, PEOPLE, PLACE } from './testing/deals.ts'

const SECRET = arbiterSecret(new Uint8Array(32).fill(7))
const DISCLOSURE: Disclosure = {
  ...{ chainId: PLACE.chainId, escrow: getAddress(PLACE.escrow), deal: OFFERS[0]!.deal },
  ...{ arbiter: PEOPLE.arbiter.address, by: PEOPLE.payer.address },
  messages: [
    { from: 'other', sentAt: 1_800_000_000_000, text: '茶壶 arrives on Monday' },
    { from: 'discloser', sentAt: 1_800_000_000_001, text: 'It did not.' },
  ],
}
const TEXT = writeDisclosure(DISCLOSURE)
const isBad = (error: unknown): boolean => isTeahouseError(error) && error.detail.code === 'BAD_DISCLOSURE'
const bad = expect.objectContaining({
  detail: expect.objectContaining({ code: 'BAD_DISCLOSURE' }) as object,
}) as Error

describe('evidence for an arbiter', () => {
  it('comes back as text, under one hash', () => {
    expect(readDisclosure(TEXT)).toEqual(DISCLOSURE)
    const [first] = DISCLOSURE.messages
    const other = writeDisclosure({ ...DISCLOSURE, messages: [first!] })
    expect(disclosureHash(other)).not.toBe(disclosureHash(TEXT))
    expect(disclosureHash(writeDisclosure(readDisclosure(TEXT)))).toBe(disclosureHash(TEXT))
  })

  it('can be read by its arbiter alone', async () => {
    const card = await readArbiterCard(await arbiterCard(PEOPLE.arbiter, SECRET))
    const sealed = sealDisclosure(DISCLOSURE, card)
    expect(openDisclosure(sealed, SECRET)).toEqual(DISCLOSURE)
    expect(Buffer.from(sealed).includes('Monday')).toBe(false)
    expect(sealDisclosure(DISCLOSURE, card)).not.toEqual(sealed)
    expect(() => openDisclosure(sealed, arbiterSecret(new Uint8Array(32)))).toThrow(bad)
  })
})

describe('when it must refuse', () => {
  it('to seal for somebody else, or for a key that its arbiter did not sign', async () => {
    const card = await readArbiterCard(await arbiterCard(PEOPLE.stranger, SECRET))
    expect(() => sealDisclosure(DISCLOSURE, card)).toThrow(bad)
    const text = await arbiterCard(PEOPLE.arbiter, SECRET)
    const forged = text.replace(PEOPLE.arbiter.address, PEOPLE.stranger.address)
    await expect(readArbiterCard(forged)).rejects.toThrow(bad)
    const other = JSON.stringify({ ...(JSON.parse(text) as object), key: `0x${'11'.repeat(32)}` })
    await expect(readArbiterCard(other)).rejects.toThrow(bad)
  })

  it('anything else, with a typed error', async () => {
    const card = await readArbiterCard(await arbiterCard(PEOPLE.arbiter, SECRET))
    const sealed = sealDisclosure(DISCLOSURE, card)
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.tuple(fc.nat(sealed.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
        const copy = Uint8Array.from(sealed)
        copy[at]! ^= by
        return copy
      }),
    )
    const failure = (task: () => unknown): unknown => {
      try {
        return task()
      } catch (error) {
        return error
      }
    }
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.nat(TEXT.length - 1).map((at) => TEXT.slice(0, at)),
    )
    fc.assert(
      fc.property(bytes, texts, (sealedBytes, text) => {
        expect(isBad(failure(() => openDisclosure(sealedBytes, SECRET)))).toBe(true)
        expect(isBad(failure(() => readDisclosure(text)))).toBe(true)
      }),
    )
  })
})
