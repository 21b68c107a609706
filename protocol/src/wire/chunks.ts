import { concatBytes } from '@noble/hashes/utils.js'

/** A queue of byte chunks; each byte is copied once, when it is taken. */
export interface ChunkQueue {
  readonly byteLength: number
  push(chunk: Uint8Array): void
  /** The first `count` bytes, or fewer if there are fewer; they stay in the queue. */
  peek(count: number): Uint8Array
  /** Removes and returns the first `count` bytes; the caller has checked that they are there. */
  take(count: number): Uint8Array
}

export function chunkQueue(): ChunkQueue {
  const chunks: Uint8Array[] = []
  let byteLength = 0

  function head(count: number): Uint8Array[] {
    const parts: Uint8Array[] = []
    let missing = count
    for (const chunk of chunks) {
      if (missing <= 0) break
      parts.push(chunk.subarray(0, missing))
      missing -= chunk.byteLength
    }
    return parts
  }

  return {
    get byteLength() {
      return byteLength
    },
    push(chunk) {
      if (chunk.byteLength === 0) return
      chunks.push(chunk)
      byteLength += chunk.byteLength
    },
    peek(count) {
      return concatBytes(...head(count))
    },
    take(count) {
      const parts = head(count)
      const last = parts.pop() ?? new Uint8Array(0)
      chunks.splice(0, parts.length)
      const first = chunks.shift() ?? new Uint8Array(0)
      if (first.byteLength > last.byteLength) chunks.unshift(first.subarray(last.byteLength))
      byteLength -= count
      return concatBytes(...parts, last)
    },
  }
}
