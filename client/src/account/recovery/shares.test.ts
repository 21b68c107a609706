import fc from 'fast-check'
import { combine } from 'shamir-secret-sharing'
import { describe, expect, it } from 'vitest'
import { phraseOf } from '../phrase.ts'
import { ShareError } from './errors.ts'
import { readShare, writeShare, type Share } from './share-text.ts'
import { recoverPhrase, splitPhrase } from './shares.ts'

const language = fc.constantFrom('en' as const, 'zh-Hans' as const)
const phrases = fc
  .tuple(fc.constantFrom(16, 32), language)
  .chain(([length, tongue]) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((entropy) => phraseOf(entropy, tongue)),
  )
/** A splitting, and a number to draw with. */
const splittings = fc
  .integer({ min: 2, max: 6 })
  .chain((threshold) => fc.tuple(fc.constant(threshold), fc.integer({ min: threshold, max: 7 }), fc.nat()))

const drawn = <T>(items: readonly T[], count: number, seed: number): T[] =>
  [...items.keys()]
    .sort((a, b) => ((a * 7919 + seed) % 101) - ((b * 7919 + seed) % 101) || a - b)
    .slice(0, count)
    .map((at) => items[at]!)

describe('shares of a phrase', () => {
  it('bring it back, any of them that are enough, in any order, however they are written', async () => {
    await fc.assert(
      fc.asyncProperty(phrases, splittings, async ({ text, language }, [threshold, shares, seed]) => {
        const all = await splitPhrase(text, { threshold, shares })
        const some = drawn(all, threshold, seed).map((share, at) =>
          at % 2 === 0
            ? share.toLowerCase().replaceAll('-', ' ')
            : share.replaceAll('0', 'O').replaceAll('1', 'l'),
        )
        expect(await recoverPhrase(some)).toEqual({ phrase: text, language, forged: [] })
      }),
      { numRuns: 40 },
    )
  })

  it('say nothing as long as one is missing: they fit any other phrase as well', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.integer({ min: 2, max: 5 }),
        async (entropy, other, threshold) => {
          const texts = await splitPhrase(phraseOf(entropy, 'en').text, { threshold, shares: threshold })
          const known = texts.slice(1).map((text) => readShare(text))
          const wanted = phraseOf(other, 'en').text
          const missing = await shareThatGives(wanted, known)
          expect((await recoverPhrase([...texts.slice(1), missing])).phrase).toBe(wanted)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('are drawn anew each time', async () => {
    const { text } = phraseOf(new Uint8Array(16), 'en')
    const [a, b] = [
      await splitPhrase(text, { threshold: 2, shares: 2 }),
      await splitPhrase(text, { threshold: 2, shares: 2 }),
    ]
    expect(new Set([...a, ...b].map((share) => readShare(share).setId)).size).toBe(2)
  })

  it('name whoever made one up, when there are enough others', async () => {
    const { text } = phraseOf(new Uint8Array(32).fill(7), 'zh-Hans')
    const shares = await splitPhrase(text, { threshold: 3, shares: 5 })
    const forged = { ...readShare(shares[1]!) }
    forged.data[4]! ^= 1
    shares[1] = writeShare(forged)
    expect(await recoverPhrase(shares)).toMatchObject({ phrase: text, forged: [2] })
  })
})

describe('when it must refuse', () => {
  const { text } = phraseOf(new Uint8Array(16).fill(3), 'en')

  it('a share with any one letter changed, and names it', async () => {
    const [first, second] = (await splitPhrase(text, { threshold: 2, shares: 2 })) as [string, string]
    await fc.assert(
      fc.asyncProperty(
        fc.nat(second.length - 1),
        fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'),
        async (at, letter) => {
          fc.pre(second[at] !== '-' && second[at] !== letter)
          const typo = second.slice(0, at) + letter + second.slice(at + 1)
          await expect(recoverPhrase([first, typo])).rejects.toMatchObject({
            detail: { code: 'BAD_SHARE', share: 2 },
          })
        },
      ),
    )
  })

  it('shares of two splittings, the same share twice, and too few', async () => {
    const own = await splitPhrase(text, { threshold: 3, shares: 4 })
    const [foreign] = await splitPhrase(text, { threshold: 3, shares: 4 })
    await expect(recoverPhrase([own[0]!, foreign!, own[1]!])).rejects.toMatchObject({
      detail: { code: 'FOREIGN_SHARE', shares: [2] },
    })
    await expect(recoverPhrase([own[0]!, own[1]!, own[0]!])).rejects.toMatchObject({
      detail: { code: 'SAME_SHARE', shares: [1, 3] },
    })
    await expect(recoverPhrase(own.slice(2))).rejects.toMatchObject({
      detail: { code: 'TOO_FEW_SHARES', given: 2, needed: 3 },
    })
    await expect(recoverPhrase([])).rejects.toMatchObject({ code: 'TOO_FEW_SHARES' })
  })

  it('a made-up share, when there is none to spare', async () => {
    const shares = await splitPhrase(text, { threshold: 2, shares: 2 })
    const forged = readShare(shares[0]!)
    forged.data[2]! ^= 0x40
    await expect(recoverPhrase([writeShare(forged), shares[1]!])).rejects.toMatchObject({
      code: 'FORGED_SHARE',
    })
  })

  it.each([
    { threshold: 1, shares: 3 },
    { threshold: 4, shares: 3 },
    { threshold: 2, shares: 17 },
    { threshold: 2.5, shares: 3 },
  ])('a splitting into $shares of which $threshold are enough', async (options) => {
    await expect(splitPhrase(text, options)).rejects.toMatchObject({ code: 'BAD_SPLIT' })
  })

  it('any other text with a ShareError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `TEASHARE${rest}`),
        ),
        (given) => {
          try {
            readShare(given)
          } catch (error) {
            expect(error).toBeInstanceOf(ShareError)
          }
        },
      ),
    )
  })
})

/**
 * The share at a fresh place that makes `known` (one too few) give `phrase`. The polynomial is moved so that the fresh place is
 * at 0, which is where `combine` looks.
 */
async function shareThatGives(phrase: string, known: readonly Share[]): Promise<string> {
  const whole = (await splitPhrase(phrase, { threshold: 2, shares: 2 })).map((text) => readShare(text))
  const asPart = (data: Uint8Array, index: number) => Uint8Array.of(...data, index)
  const secret = await combine(whole.map(({ data, index }) => asPart(data, index)))
  const place = [1, 2, 3, 4, 5, 6].find((at) => known.every(({ index }) => index !== at))!
  const moved = [asPart(secret, place), ...known.map(({ data, index }) => asPart(data, index ^ place))]
  return writeShare({ ...known[0]!, index: place, data: await combine(moved) })
}
