import { getAddress, type Hex, hexToBytes, slice } from 'viem'
import type { CompiledContract } from '../deploy/code.ts'
import type { ImmutableNames } from './immutable-names.ts'

interface Span {
  readonly start: number
  readonly end: number
  readonly name: string
  readonly kind: 'immutable' | 'library'
}

/** The last two bytes of code say how long solc's metadata before them is. */
const LENGTH_BYTES = 2

/**
 * Says in what `actual` code differs from what was `expected` of `compiled`: which immutable has which value, which
 * library is linked in, whether only the metadata hash differs, or which byte. Empty if they are the same.
 */
export function differences(
  compiled: CompiledContract,
  expected: Hex,
  actual: Hex,
  nameOf: ImmutableNames,
): string[] {
  if (expected === actual) return []
  if (actual === '0x') return ['there is no code at this address']
  const [want, have] = [hexToBytes(expected), hexToBytes(actual)]
  if (want.length !== have.length)
    return [`the code has ${have.length} bytes, compiled are ${want.length}: another contract, or compiler`]

  const spans = spansOf(compiled, nameOf)
  const found = new Map<string, string>()
  let bytes = 0
  let first: number | undefined
  const metadata = want.length - LENGTH_BYTES - (want.at(-2) * 256 + want.at(-1))
  let inMetadata = false
  for (let at = 0; at < want.length; at++) {
    if (want[at] === have[at]) continue
    const span = spans.find(({ start, end }) => at >= start && at < end)
    if (span) {
      found.set(`${span.kind} ${span.name}`, describe(span, expected, actual))
      at = span.end - 1
    } else if (at >= metadata) inMetadata = true
    else {
      bytes++
      first ??= at
    }
  }
  const lines = [...found.values()]
  if (first !== undefined) {
    const [is, was] = [slice(actual, first, first + 1), slice(expected, first, first + 1)]
    lines.push(`${bytes} bytes of code differ, the first is byte ${first}: ${is} on chain, compiled ${was}`)
  }
  if (inMetadata) lines.push('the metadata differs: other source text (comments count) or compiler settings')
  return lines
}

function spansOf(compiled: CompiledContract, nameOf: ImmutableNames): Span[] {
  const immutables = Object.entries(compiled.immutableReferences ?? {}).flatMap(([id, references]) =>
    references.map(({ start, length }) => {
      return { start, end: start + length, name: nameOf(id) ?? `#${id}`, kind: 'immutable' as const }
    }),
  )
  const libraries = Object.values(compiled.deployedLinkReferences)
    .flatMap((names) => Object.entries(names))
    .flatMap(([name, references]) =>
      references.map(({ start, length }) => {
        return { start, end: start + length, name, kind: 'library' as const }
      }),
    )
  return [...immutables, ...libraries]
}

function describe({ start, end, name, kind }: Span, expected: Hex, actual: Hex): string {
  const [is, must] = [slice(actual, start, end), slice(expected, start, end)]
  if (kind === 'library') return `library ${name} is ${getAddress(is)}, must be ${getAddress(must)}`
  return `immutable ${name} is ${readable(is)}, must be ${readable(must)}`
}

/** A word as the number it most likely is, else in hex. */
function readable(word: Hex): string {
  const value = BigInt(word)
  if (value < 2n ** 96n) return value.toString()
  return value < 2n ** 160n ? getAddress(`0x${word.slice(-40)}`) : word
}
