import { malformed } from './errors.ts'

/** A LEB128 number of 63 bits, the largest timestamp there is. */
const MAX_VARINT_BYTES = 9

/** Collects the bytes of a payload. */
export interface ByteWriter {
  readonly length: number
  /** LEB128, 0 ≤ value < 2⁶³. */
  varint(value: bigint | number): void
  byte(value: number): void
  bytes(value: Uint8Array): void
  finish(): Uint8Array
}

export function byteWriter(): ByteWriter {
  const parts: Uint8Array[] = []
  let length = 0
  const bytes = (value: Uint8Array) => {
    parts.push(value)
    length += value.length
  }
  return {
    get length() {
      return length
    },
    varint(value) {
      const digits: number[] = []
      let rest = BigInt(value)
      for (; rest > 0x7fn; rest >>= 7n) digits.push(Number(rest & 0x7fn) | 0x80)
      bytes(Uint8Array.of(...digits, Number(rest)))
    },
    byte: (value) => bytes(Uint8Array.of(value)),
    bytes,
    finish: () => new Uint8Array(Buffer.concat(parts)),
  }
}

/** Reads bytes from the front; every method throws SyncError MALFORMED where they end too early or say what can't be. */
export interface ByteReader {
  readonly left: number
  /** LEB128 below 2⁶³, in as few bytes as possible. */
  varint(what: string): bigint
  /** A varint that says how many things of at least `size` bytes follow. */
  count(what: string, size: number): number
  byte(what: string): number
  /** A copy. */
  bytes(length: number, what: string): Uint8Array
}

export function byteReader(source: Uint8Array): ByteReader {
  let at = 0

  function byte(what: string): number {
    if (at >= source.length) throw malformed(`${what} is missing`)
    return source[at++]!
  }

  function varint(what: string): bigint {
    let value = 0n
    for (let digit = 0; digit < MAX_VARINT_BYTES; digit++) {
      const read = byte(what)
      value |= BigInt(read & 0x7f) << BigInt(7 * digit)
      if (read >= 0x80) continue
      if (read === 0 && digit > 0) throw malformed(`${what} is longer than it need be`)
      return value
    }
    throw malformed(`${what} is not below 2^63`)
  }

  return {
    get left() {
      return source.length - at
    },
    varint,
    count(what, size) {
      const value = varint(what)
      if (value * BigInt(size) > BigInt(source.length - at)) throw malformed(`${what} is more than there is`)
      return Number(value)
    },
    byte,
    bytes(length, what) {
      if (length > source.length - at) throw malformed(`${what} is cut off`)
      at += length
      return source.slice(at - length, at)
    },
  }
}
