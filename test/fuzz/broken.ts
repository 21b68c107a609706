import fc from 'fast-check'

const MAX_RANDOM = 300
const MAX_EDITS = 6

/** Bytes of any kind, and good ones in which some were changed, cut off, or repeated. */
export function brokenBytes(good: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const random = fc.uint8Array({ maxLength: MAX_RANDOM })
  if (good.length === 0) return random
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: MAX_EDITS })
  const edited = fc
    .tuple(fc.constantFrom(...good), edits, fc.option(fc.nat()), fc.option(fc.tuple(fc.nat(), fc.nat())))
    .map(([from, changes, end, repeat]) => {
      const bytes = Uint8Array.from(from)
      for (const [at, to] of changes) if (bytes.length > 0) bytes[at % bytes.length] = to
      const cut = end === null ? bytes : bytes.subarray(0, end % (bytes.length + 1))
      return repeat === null ? cut : withRepeat(cut, repeat)
    })
  return fc.oneof({ weight: 1, arbitrary: random }, { weight: 3, arbitrary: edited })
}

/** The same for text. */
export function brokenText(good: readonly string[]): fc.Arbitrary<string> {
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()
  const bytes = brokenBytes(good.map((text) => encoder.encode(text)))
  return fc.oneof(
    fc.string({ maxLength: MAX_RANDOM, unit: 'binary' }),
    bytes.map((b) => decoder.decode(b)),
  )
}

function withRepeat(bytes: Uint8Array, [from, length]: readonly [number, number]): Uint8Array {
  const start = from % (bytes.length + 1)
  const part = bytes.subarray(start, start + (length % 64))
  return Uint8Array.from([...bytes.subarray(0, start), ...part, ...bytes.subarray(start)])
}
