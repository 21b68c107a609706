import { bytesToHex, concatHex, encodeAbiParameters, hexToBytes, pad, toHex, type Hex } from 'viem'

const WORD = 32
const MAX_WORD: Hex = `0x${'ff'.repeat(WORD)}`
const ZERO_WORD: Hex = `0x${'00'.repeat(WORD)}`

export type Random = () => number

/** Numbers from 0 up to 1 that a seed repeats (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const bytes = (random: Random, length: number): Hex =>
  bytesToHex(Uint8Array.from({ length }, () => Math.floor(random() * 256)))

/** Evidence that anybody can make up for a deal that holds `pot`: answers as such, counts and lengths that lie, noise. */
export function guesses(pot: bigint, random: Random): readonly Hex[] {
  const answers = [true, false].flatMap((isFinal) =>
    [pot, pot - 1n, 1n, 0n].map((total) =>
      encodeAbiParameters([{ type: 'uint128' }, { type: 'bool' }], [total, isFinal]),
    ),
  )
  const lies = [1n, 32n, 64n, 2n ** 32n, 2n ** 255n].map((offset) =>
    concatHex([pad(toHex(offset)), MAX_WORD, MAX_WORD, ZERO_WORD]),
  )
  const nested = concatHex(Array.from({ length: 64 }, () => pad(toHex(WORD))))
  const fills = [1, 2, 3, 8, 128].flatMap((words) =>
    [ZERO_WORD, MAX_WORD, pad('0x01')].map((word) => concatHex(Array<Hex>(words).fill(word))),
  )
  const noise = Array.from({ length: 24 }, () => bytes(random, Math.floor(random() * 40 * WORD)))
  return ['0x', '0x00', pad(toHex(pot)), nested, ...answers, ...lies, ...fills, ...noise]
}

/** How many bits of a piece of evidence are turned, one each time. */
const FLIPS = 64
/** The longest evidence of which every word is changed in turn, in words; of longer ones only so many. */
const WORDS = 64

/** Changed copies of a piece of evidence: each word replaced, raised, lowered, left out, swapped with the next; bits turned; ends cut off. */
export function forgeries(evidence: Hex, random: Random): readonly Hex[] {
  const given = hexToBytes(evidence)
  const words = Math.ceil(given.length / WORD)
  const found = new Set<Hex>([concatHex([evidence, ZERO_WORD]), concatHex([evidence, MAX_WORD])])
  for (let at = 0; at < Math.min(words, WORDS); at++) {
    const [start, end] = [at * WORD, Math.min((at + 1) * WORD, given.length)]
    const [before, after] = [given.subarray(0, start), given.subarray(end)]
    const word = given.subarray(start, end)
    const next = given.subarray(end, end + WORD)
    for (const other of [
      new Uint8Array(end - start),
      hexToBytes(MAX_WORD),
      added(word, 1n),
      added(word, -1n),
    ])
      found.add(joined(before, other.subarray(0, end - start), after))
    found.add(joined(before, after))
    found.add(joined(before, next, word, given.subarray(end + next.length)))
    found.add(bytesToHex(before))
  }
  for (let flip = 0; flip < FLIPS && given.length > 0; flip++) {
    const copy = given.slice()
    const bit = Math.floor(random() * given.length * 8)
    copy[bit >> 3]! ^= 1 << (bit & 7)
    found.add(bytesToHex(copy))
  }
  found.delete(evidence)
  return [...found]
}

const joined = (...parts: Uint8Array[]): Hex => concatHex(parts.map((part) => bytesToHex(part)))

function added(word: Uint8Array, by: bigint): Uint8Array {
  const bits = BigInt(word.length * 8)
  return hexToBytes(toHex(BigInt.asUintN(Number(bits), BigInt(bytesToHex(word)) + by), { size: word.length }))
}
