import { CHUNK_BYTES } from './layout.ts'

export type FileSource = Uint8Array | AsyncIterable<Uint8Array>

/** Cuts what comes into pieces of CHUNK_BYTES; only the last may be shorter, and there is always one. */
export async function* pieces(source: FileSource): AsyncGenerator<Uint8Array> {
  let piece = new Uint8Array(CHUNK_BYTES)
  let filled = 0
  let isFirst = true
  for await (const bytes of source instanceof Uint8Array ? [source] : source) {
    for (let at = 0; at < bytes.length;) {
      if (filled === CHUNK_BYTES) {
        yield piece
        isFirst = false
        piece = new Uint8Array(CHUNK_BYTES)
        filled = 0
      }
      const part = bytes.subarray(at, at + CHUNK_BYTES - filled)
      piece.set(part, filled)
      filled += part.length
      at += part.length
    }
  }
  if (filled > 0 || isFirst) yield piece.subarray(0, filled)
}

/** Groups of up to `size`. */
export async function* groups<T>(items: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = []
  for await (const item of items) {
    group.push(item)
    if (group.length < size) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
