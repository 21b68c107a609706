import { INTRODUCTION_BYTES } from './introduction.ts'

/** The first byte of a message: an introduction follows, or not. */
export const BEGINNING = Uint8Array.of(1)
export const LATER = Uint8Array.of(2)

/** How many bytes stand before the nonce; undefined for what is no message of ours. */
export function prefixLength(bytes: Uint8Array): number | undefined {
  if (bytes[0] === BEGINNING[0]) return 1 + INTRODUCTION_BYTES
  return bytes[0] === LATER[0] ? 1 : undefined
}
