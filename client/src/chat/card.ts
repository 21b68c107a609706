import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { ChatError } from './errors.ts'

const PREFIX = 'tea1'
/** RFC 4648, lower case, without padding. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
const KEY_BYTES = 32
const CHECK_BYTES = 4
const DOMAIN = utf8ToBytes('teahouse/chat/card/1')

const checksum = (key: Uint8Array): Uint8Array => sha256(concatBytes(DOMAIN, key)).slice(0, CHECK_BYTES)

/** What a person hands to others so that they can write: the chat identity (32 bytes) and a checksum, as 62 characters. */
export function contactCard(chatKey: Uint8Array): string {
  return PREFIX + toBase32(concatBytes(chatKey, checksum(chatKey)))
}

/** The chat identity of a card. Case and surrounding space don't matter. Throws ChatError BAD_CARD. */
export function readContactCard(card: string): Uint8Array {
  const text = card.trim().toLowerCase()
  if (!text.startsWith(PREFIX)) throw bad(`a card begins with ${PREFIX}`)
  const bytes = fromBase32(text.slice(PREFIX.length))
  if (bytes?.length !== KEY_BYTES + CHECK_BYTES) throw bad('it is not whole')
  const key = bytes.slice(0, KEY_BYTES)
  const check = checksum(key)
  if (check.some((byte, i) => byte !== bytes[KEY_BYTES + i])) throw bad('a character is wrong')
  return key
}

function bad(why: string): ChatError {
  return new ChatError(`This is no card: ${why}`, { code: 'BAD_CARD', why })
}

function toBase32(bytes: Uint8Array): string {
  let text = ''
  let [value, bits] = [0, 0]
  for (const byte of bytes) {
    value = (value << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(value >>> (bits - 5)) & 31]
    value &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text
}

/** Undefined for anything that `toBase32` does not write. */
function fromBase32(text: string): Uint8Array | undefined {
  const bytes: number[] = []
  let [value, bits] = [0, 0]
  for (const char of text) {
    const digit = ALPHABET.indexOf(char)
    if (digit < 0) return undefined
    value = (value << 5) | digit
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((value >>> bits) & 0xff)
    }
    value &= (1 << bits) - 1
  }
  return bits < 5 && value === 0 ? Uint8Array.from(bytes) : undefined
}
