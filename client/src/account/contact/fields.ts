const HEADER_BYTES = 3

/** Values under numbers from 1 to 255: each as number (1 byte), length (2 bytes, big-endian) and bytes, by number. */
export function encodeFields(fields: Readonly<Record<number, Uint8Array | undefined>>): Uint8Array {
  const parts = Object.entries(fields).flatMap(([number, value]) =>
    value ? [Number(number), value.length >> 8, value.length & 0xff, ...value] : [],
  )
  return Uint8Array.from(parts)
}

/**
 * Fields by number, those of newer versions too. Undefined unless numbers ascend and the last value ends with the bytes: one
 * content has one encoding.
 */
export function decodeFields(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  const fields = new Map<number, Uint8Array>()
  for (let at = 0, last = 0; at < bytes.length;) {
    const [number, high, low] = bytes.subarray(at, at + HEADER_BYTES)
    if (number === undefined || high === undefined || low === undefined || number <= last) return undefined
    const end = at + HEADER_BYTES + (high << 8) + low
    if (end > bytes.length) return undefined
    fields.set(number, bytes.slice(at + HEADER_BYTES, end))
    ;[at, last] = [end, number]
  }
  return fields
}
