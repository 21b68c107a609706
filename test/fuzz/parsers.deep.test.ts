import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { isTeahouseError } from '@teahouse/protocol/errors'
import { brokenBytes, brokenText } from './broken.ts'
import { PARSERS, type Parser } from './parsers.ts'

/** Inputs of all parsers together. */
const LEAST_INPUTS = 1_000_000
const RUNS = Math.ceil(LEAST_INPUTS / PARSERS.length)
const TIMEOUT_MS = 600_000

let inputs = 0

/** Takes what it is given, or refuses it with a typed error: nothing else comes out. */
async function feed(parse: () => unknown): Promise<void> {
  inputs++
  try {
    await parse()
  } catch (error) {
    if (!isTeahouseError(error)) throw error
  }
}

function property(parser: Parser): fc.IAsyncProperty<[unknown]> {
  return parser.takes === 'bytes'
    ? fc.asyncProperty(brokenBytes(parser.good), (bytes) => feed(() => parser.parse(bytes)))
    : fc.asyncProperty(brokenText(parser.good), (given) => feed(() => parser.parse(given)))
}

describe(`${PARSERS.length} parsers, ${RUNS} inputs each`, () => {
  it.each(PARSERS)(
    '$name',
    async (parser) => {
      await fc.assert(property(parser), { numRuns: RUNS })
    },
    TIMEOUT_MS,
  )

  it(`were given at least ${LEAST_INPUTS} inputs`, () => {
    expect(inputs).toBeGreaterThanOrEqual(LEAST_INPUTS)
  })
})

afterAll(() => {
  process.stdout.write(`fuzzed: ${inputs} inputs over ${PARSERS.length} parsers\n`)
})
