import { bytesToHex } from 'viem'
import { shown, type Catalogue, type Said, type Text } from './texts/say.ts'

/** Where a command writes. JSON is the same in every language. Results go to stdout; progress and errors to stderr. */
export interface Output {
  readonly json: boolean
  /** A text in the reader's language. */
  shown(text: Text): string
  /** The result: `value` as one JSON object, or `lines` for a person. */
  result(value: Record<string, unknown>, lines: readonly Text[]): void
  /** What takes a while; silent with --json, so that stderr holds nothing but notices and an error. */
  progress(text: Text): void
  /** What a caller may act on before there is a result; on stderr, with --json as one JSON object a line. */
  notice(value: Record<string, unknown>, text: Text): void
}

export interface Streams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean }
}

export function createOutput({ stdout, stderr }: Streams, json: boolean, catalogue?: Catalogue): Output {
  const inLanguage = (text: Text) => shown(text, catalogue)
  return {
    json,
    shown: inLanguage,
    result: (value, lines) =>
      void stdout.write(json ? `${toJson(value)}\n` : lines.map((line) => `${inLanguage(line)}\n`).join('')),
    progress: (text) => void (json || stderr.write(`${inLanguage(text)}\n`)),
    notice: (value, text) => void stderr.write(`${json ? toJson(value) : inLanguage(text)}\n`),
  }
}

/** JSON of one line; amounts and other bigints become decimal strings. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'bigint') return item.toString()
    return item instanceof Uint8Array ? bytesToHex(item) : item
  })
}

/**
 * Text that came from the network on one line, safe to show: nothing in it moves the cursor, ends the line or turns the
 * direction of writing.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The same with its line breaks: what comes after the first is indented, so that it can't be taken for something else. */
export const paragraph = (text: string): string => text.split(/\r?\n/).map(printable).join('\n    ')

/** A payload as text, or undefined if it isn't UTF-8. */
export function payloadText(payload: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload)
  } catch {
    return undefined
  }
}

/** A payload for a terminal. */
export function showPayload(payload: Uint8Array): string {
  const text = payloadText(payload)
  return text === undefined ? bytesToHex(payload) : paragraph(text)
}

/** The local time of a message's timestamp (nanoseconds), or a dash. */
export function showTime(timestamp: bigint | undefined): string {
  const milliseconds = Number((timestamp ?? -1n) / 1_000_000n)
  return timestamp === undefined || !(Math.abs(milliseconds) < 8.64e15)
    ? '-'
    : new Date(milliseconds).toISOString()
}

/** A moment in unix seconds. */
export const showDate = (unixSeconds: number): string => new Date(1_000 * unixSeconds).toISOString()

/** A number with its noun: 1 page, 2 pages. */
export const counted = (count: number, noun: string): Said => ({
  key: `{0} ${noun}${count === 1 ? '' : 's'}`,
  values: [count],
})
