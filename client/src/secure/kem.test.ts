import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nativeKem, nobleKem, type Kem } from './kem.ts'

const isThere = await nativeKem.pair(new Uint8Array(64)).then(
  () => true,
  () => false,
)
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const pairs: readonly (readonly [string, Kem, Kem])[] = [
  ['ours to the platform', nobleKem, nativeKem],
  ['the platform to ours', nativeKem, nobleKem],
]

describe.skipIf(!isThere)('ML-KEM of the platform, beside ours (skipped if it has none)', () => {
  it('grows the same public key from a seed', async () => {
    const property = fc.asyncProperty(bytes(64), async (seed) => {
      expect((await nativeKem.pair(seed)).publicKey).toEqual((await nobleKem.pair(seed)).publicKey)
    })
    await fc.assert(property, { numRuns: 20 })
  })

  it.each(pairs)('agrees with it, from %s', async (_, sender, receiver) => {
    const property = fc.asyncProperty(bytes(64), async (seed) => {
      const pair = await receiver.pair(seed)
      const { ciphertext, shared } = await sender.encapsulate(pair.publicKey)
      expect([ciphertext.length, shared.length]).toEqual([1_088, 32])
      expect(await pair.decapsulate(ciphertext)).toEqual(shared)
    })
    await fc.assert(property, { numRuns: 10 })
  })

  it('gives the same other secret for any broken ciphertext, and never the right one', async () => {
    const where = fc.nat({ max: 1_087 })
    const property = fc.asyncProperty(bytes(64), where, fc.integer({ min: 1, max: 255 }), async (seed, at, bits) => {
      const [ours, theirs] = [await nobleKem.pair(seed), await nativeKem.pair(seed)]
      const { ciphertext, shared } = await nobleKem.encapsulate(ours.publicKey)
      ciphertext[at]! ^= bits
      const refused = await theirs.decapsulate(ciphertext)
      expect(refused).toEqual(await ours.decapsulate(ciphertext))
      expect(refused).not.toEqual(shared)
    }) // prettier-ignore
    await fc.assert(property, { numRuns: 15 })
  })

  it.each([
    ['a coefficient beyond the modulus', new Uint8Array(1_184).fill(255)],
    ['too short', new Uint8Array(1_183)],
    ['too long', new Uint8Array(1_185)],
  ])('takes no public key with %s', async (_, key) => {
    for (const kem of [nobleKem, nativeKem]) await expect(kem.encapsulate(key)).rejects.toThrow()
  })

  it('takes no ciphertext of another length', async () => {
    for (const kem of [nobleKem, nativeKem]) {
      const pair = await kem.pair(new Uint8Array(64).fill(7))
      for (const length of [0, 1_087, 1_089])
        await expect(pair.decapsulate(new Uint8Array(length))).rejects.toThrow()
    }
  })
})
