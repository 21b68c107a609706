/** Writes and reads what has a fixed layout: numbers are big-endian. */

/** What `writer` puts together; byte arrays are copied when `done` is called. */
export function writer() {
  const parts: Uint8Array[] = []
  let length = 0
  const bytes = (value: Uint8Array): void => {
    parts.push(value)
    length += value.length
  }
  const number = (size: number) => (value: number) => {
    const part = new Uint8Array(size)
    for (let at = size - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256)) part[at] = rest % 256
    bytes(part)
  }
  return {
    bytes,
    u8: number(1),
    u16: number(2),
    u32: number(4),
    /** Milliseconds since 1970, and anything else below 2^48. */
    u48: number(6),
    done(): Uint8Array {
      const all = new Uint8Array(length)
      let at = 0
      for (const part of parts) {
        all.set(part, at)
        at += part.length
      }
      return all
    },
  }
}

export type Writer = ReturnType<typeof writer>

/** Reads in order; arrays are views of `source`. `short` makes what is thrown when it ends too early. */
export function reader(source: Uint8Array, short: () => Error) {
  let at = 0
  const bytes = (length: number): Uint8Array => {
    if (at + length > source.length) throw short()
    return source.subarray(at, (at += length))
  }
  const number = (size: number) => () => bytes(size).reduce((sum, byte) => sum * 256 + byte, 0)
  return {
    bytes,
    u8: number(1),
    u16: number(2),
    u32: number(4),
    u48: number(6),
    /** Everything that is left. */
    rest: () => bytes(source.length - at),
    /** Throws unless everything was read. */
    end(): void {
      if (at !== source.length) throw short()
    },
  }
}

export type Reader = ReturnType<typeof reader>

/** Overwrites secrets that are not needed any more. */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0)
}

/** Whether two values that are not secret are the same. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at])

export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}
