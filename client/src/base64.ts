const DIGITS = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (digit) =>
  digit.charCodeAt(0),
)
const PADDING = 0x3d
const ascii = new TextDecoder()

/** Base64 (RFC 4648), by tables: several times as fast as `btoa` of a string that has to be made first. */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4).fill(PADDING)
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const left = bytes.length - from
    const bits = (bytes[from]! << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0)
    text[to] = DIGITS[bits >> 18]!
    text[to + 1] = DIGITS[(bits >> 12) & 63]!
    if (left > 1) text[to + 2] = DIGITS[(bits >> 6) & 63]!
    if (left > 2) text[to + 3] = DIGITS[bits & 63]!
  }
  return ascii.decode(text)
}

/** Undefined if `text` is not base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    const binary = atob(text)
    const bytes = new Uint8Array(binary.length)
    for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at)
    return bytes
  } catch {
    return undefined
  }
}
