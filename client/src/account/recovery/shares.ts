import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, randomBytes } from '@noble/hashes/utils.js'
import { combine, split } from 'shamir-secret-sharing'
import type { PhraseLanguage } from '../errors.ts'
import { entropyOf, phraseOf, readPhrase } from '../phrase.ts'
import { utf8 } from '../text.ts'
import { ShareError } from './errors.ts'
import { readShare, writeShare, type Share } from './share-text.ts'

export const MAX_SHARES = 16
/** How many ways of leaving shares out are tried before a forged one is given up on. */
const MAX_ATTEMPTS = 2_000
const LANGUAGES: readonly PhraseLanguage[] = ['en', 'zh-Hans']
const CHECKSUM_BYTES = 4

export interface SplitOptions {
  /** How many shares bring the phrase back, 2 to 16. */
  readonly threshold: number
  /** How many there are, at most 16. */
  readonly shares: number
}

export interface Recovered {
  readonly phrase: string
  readonly language: PhraseLanguage
  /** Places (from 1) of shares that do not belong to the others: whoever gave them made them up. */
  readonly forged: readonly number[]
}

/**
 * Splits a phrase by Shamir's scheme over GF(256), for friends to keep. What is split is language, entropy and a checksum of both.
 * @throws ShareError BAD_SPLIT, AccountError for a phrase that is none.
 */
export async function splitPhrase(phrase: string, { threshold, shares }: SplitOptions): Promise<string[]> {
  const isWhole = Number.isInteger(threshold) && Number.isInteger(shares)
  if (!isWhole || threshold < 2 || threshold > shares || shares > MAX_SHARES) {
    const message = `A phrase is split into 2 to ${MAX_SHARES} shares, of which 2 or more bring it back`
    throw new ShareError(message, { code: 'BAD_SPLIT', threshold, shares })
  }
  const read = readPhrase(phrase)
  const body = concatBytes(Uint8Array.of(LANGUAGES.indexOf(read.language)), entropyOf(read))
  const secret = concatBytes(body, checksum(body))
  const parts = await split(secret, shares, threshold)
  body.fill(0)
  secret.fill(0)
  const setId = bytesToHex(randomBytes(4))
  return parts.map((part) =>
    writeShare({ setId, threshold, index: part[part.length - 1]!, data: part.slice(0, -1) }),
  )
}

/**
 * Brings a phrase back from shares, in any order. With more shares than are needed, one that was made up is found out and left aside.
 * @throws ShareError BAD_SHARE, FOREIGN_SHARE, SAME_SHARE, TOO_FEW_SHARES, FORGED_SHARE.
 */
export async function recoverPhrase(texts: readonly string[]): Promise<Recovered> {
  const shares = texts.map((text, at) => readShare(text, at + 1))
  checkTogether(shares)
  const needed = shares[0]!.threshold
  let attempts = 0
  for (const chosen of subsets(shares.length, needed)) {
    if (++attempts > MAX_ATTEMPTS) break
    const secret = await combined(chosen.map((at) => shares[at]!))
    const found = opened(secret)
    secret.fill(0)
    if (found) return { ...found, forged: await strangers(shares, chosen) }
  }
  const message = 'These shares do not belong together: one of them was made up'
  throw new ShareError(message, { code: 'FORGED_SHARE' })
}

/** Throws unless all are of one splitting, each another one, and enough of them. */
function checkTogether(shares: readonly Share[]): void {
  const setOf = ({ setId, threshold, data }: Share) => `${setId}/${threshold}/${data.length}`
  const counts = new Map<string, number>()
  for (const share of shares) counts.set(setOf(share), (counts.get(setOf(share)) ?? 0) + 1)
  const most = [...counts].sort(([, a], [, b]) => b - a)[0]?.[0]
  const foreign = shares.flatMap((share, at) => (setOf(share) === most ? [] : [at + 1]))
  if (foreign.length > 0) {
    const message = `Share ${foreign.join(', ')} is of another splitting`
    throw new ShareError(message, { code: 'FOREIGN_SHARE', shares: foreign })
  }
  const same = shares.flatMap(({ index }, at) =>
    shares.some((other, place) => place !== at && other.index === index) ? [at + 1] : [],
  )
  if (same.length > 0) {
    const message = `Shares ${same.join(', ')} are the same one`
    throw new ShareError(message, { code: 'SAME_SHARE', shares: same })
  }
  const needed = shares[0]?.threshold ?? 2
  if (shares.length < needed) {
    const message = `${needed} shares are needed, ${shares.length} are here`
    throw new ShareError(message, { code: 'TOO_FEW_SHARES', given: shares.length, needed })
  }
}

const combined = (shares: readonly Share[]): Promise<Uint8Array> =>
  combine(shares.map(({ data, index }) => concatBytes(data, Uint8Array.of(index))))

function opened(secret: Uint8Array): Omit<Recovered, 'forged'> | undefined {
  const body = secret.subarray(0, -CHECKSUM_BYTES)
  const isWhole = bytesToHex(checksum(body)) === bytesToHex(secret.subarray(-CHECKSUM_BYTES))
  const language = LANGUAGES[body[0]!]
  if (!isWhole || !language) return undefined
  return { phrase: phraseOf(body.slice(1), language).text, language }
}

/** Places of the shares beside `chosen` that do not lie on the same polynomials. */
async function strangers(shares: readonly Share[], chosen: readonly number[]): Promise<number[]> {
  const places: number[] = []
  const known = await combined(chosen.map((at) => shares[at]!))
  for (const [at, share] of shares.entries()) {
    if (chosen.includes(at)) continue
    const others = chosen.slice(1).map((place) => shares[place]!)
    const again = await combined([share, ...others])
    if (bytesToHex(again) !== bytesToHex(known)) places.push(at + 1)
    again.fill(0)
  }
  known.fill(0)
  return places
}

const checksum = (body: Uint8Array): Uint8Array =>
  sha256(concatBytes(utf8('teahouse/shared-phrase/1'), body)).subarray(0, CHECKSUM_BYTES)

/** All choices of `size` of the numbers 0 to `of` - 1, in order. */
function* subsets(of: number, size: number, from = 0): Generator<number[]> {
  if (size === 0) yield []
  for (let first = from; first <= of - size && size > 0; first++) {
    for (const rest of subsets(of, size - 1, first + 1)) yield [first, ...rest]
  }
}
