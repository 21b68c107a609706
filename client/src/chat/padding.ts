import { ChatError } from './errors.ts'

/** Bytes of a payload on the wire: whoever sees one learns which of these it is, and nothing else of its length. */
export const SIZE_CLASSES = [1_024, 4_096, 16_384, 65_536] as const

/** The mark between content and padding (ISO/IEC 7816-4). */
const MARK = 0x80

/**
 * The smallest class that holds `size` bytes of content beside `overhead` bytes that encryption adds.
 * @throws ChatError TOO_LARGE, whose limit is what the largest class holds beside the overhead.
 */
export function sizeClass(size: number, overhead: number): number {
  const needed = size + 1 + overhead
  const found = SIZE_CLASSES.find((bytes) => bytes >= needed)
  if (found !== undefined) return found
  const limit = SIZE_CLASSES.at(-1)! - overhead - 1
  throw new ChatError(`The content takes ${size} bytes; a message takes ${limit}`, {
    code: 'TOO_LARGE',
    size,
    limit,
  })
}

/** Content, the mark, and zeros: exactly `length` bytes. Throws ChatError TOO_LARGE. */
export function pad(content: Uint8Array, length: number): Uint8Array {
  if (content.length + 1 > length) {
    const detail = { code: 'TOO_LARGE', size: content.length, limit: length - 1 } as const
    throw new ChatError(`The content takes ${content.length} bytes; ${length - 1} fit`, detail)
  }
  const padded = new Uint8Array(length)
  padded.set(content)
  padded[content.length] = MARK
  return padded
}

/** What was padded. Throws ChatError BAD_PADDING for anything that `pad` does not make. */
export function unpad(padded: Uint8Array): Uint8Array {
  const mark = padded.findLastIndex((byte) => byte !== 0)
  if (mark >= 0 && padded[mark] === MARK) return padded.slice(0, mark)
  throw new ChatError('The padding is not whole', { code: 'BAD_PADDING' })
}
