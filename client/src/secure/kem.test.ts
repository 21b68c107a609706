import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nobleKem, webKem } from './kem.ts'
import { nodeKem } from './node-crypto.ts'
import type { Kem } from './platform.ts'

const isThere = (kem: Kem) =>
  kem.pair(new Uint8Array(64)).then(
    () => true,
    () => false,
  )
const platforms = [
  { name: 'Node', platform: nodeKem, isMissing: !(await isThere(nodeKem)) },
  { name: 'WebCrypto', platform: webKem, isMissing: !(await isThere(webKem)) },
]
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })

describe.each(platforms)('ML-KEM of $name, beside ours', ({ platform, isMissing }) => {
  const ours = { sender: nobleKem, receiver: platform, direction: 'ours to the platform' }
  const theirs = { sender: platform, receiver: nobleKem, direction: 'the platform to ours' }

  describe.skipIf(isMissing)('(skipped if there is none)', () => {
    it('grows the same public key from a seed', async () => {
      const property = fc.asyncProperty(bytes(64), async (seed) => {
        expect((await platform.pair(seed)).publicKey).toEqual((await nobleKem.pair(seed)).publicKey)
      })
      await fc.assert(property, { numRuns: 20 })
    })

    it.each([ours, theirs])('agrees with it, from $direction', async ({ sender, receiver }) => {
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
      const bits = fc.integer({ min: 1, max: 255 })
      const property = fc.asyncProperty(bytes(64), where, bits, async (seed, at, flipped) => {
        const [one, other] = [await nobleKem.pair(seed), await platform.pair(seed)]
        const { ciphertext, shared } = await nobleKem.encapsulate(one.publicKey)
        ciphertext[at]! ^= flipped
        const refused = await other.decapsulate(ciphertext)
        expect(refused).toEqual(await one.decapsulate(ciphertext))
        expect(refused).not.toEqual(shared)
      })
      await fc.assert(property, { numRuns: 15 })
    })

    it.each([
      ['a coefficient beyond the modulus', new Uint8Array(1_184).fill(255)],
      ['too short', new Uint8Array(1_183)],
      ['too long', new Uint8Array(1_185)],
    ])('takes no public key with %s', async (_, key) => {
      for (const kem of [nobleKem, platform]) await expect(kem.encapsulate(key)).rejects.toThrow()
    })

    it('takes no ciphertext of another length', async () => {
      for (const kem of [nobleKem, platform]) {
        const pair = await kem.pair(new Uint8Array(64).fill(7))
        for (const length of [0, 1_087, 1_089])
          await expect(pair.decapsulate(new Uint8Array(length))).rejects.toThrow()
      }
    })
  })
})
