import { badRequest } from './errors.ts'

/** What JSON.parse tells a reviver of newer engines: the text of a number. */
type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown
const { rawJSON } = JSON as unknown as { rawJSON: (text: string) => unknown }

/**
 * Parses JSON. Integers beyond 2^53, such as nanoseconds, come out as bigint instead of losing digits. Throws AnswerError
 * BAD_REQUEST, whatever the text.
 */
export function parseJson(text: string): unknown {
  try {
    return parse(text, (key, value, context) => {
      if (key === '__proto__') throw new SyntaxError('a key that objects may not have')
      const source = context?.source
      const rounded = typeof value === 'number' && !Number.isSafeInteger(value)
      return rounded && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value
    })
  } catch (cause) {
    throw badRequest('The body is not JSON', { cause })
  }
}

/** Writes JSON; a bigint becomes an integer with all its digits, as nwaku writes timestamps. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'bigint' ? rawJSON(part.toString()) : part,
  )
}
