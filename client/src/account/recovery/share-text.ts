import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js'
import { utf8 } from '../text.ts'
import { ShareError } from './errors.ts'

/** One friend's share of a phrase. Fewer than `threshold` of them say nothing of it but its length. */
export interface Share {
  /** Drawn for each splitting, 8 hex digits: shares of different splittings don't fit together. */
  readonly setId: string
  readonly threshold: number
  /** 1 to 255; where the polynomials were evaluated. */
  readonly index: number
  readonly data: Uint8Array
}

const PREFIX = 'TEASHARE'
const VERSION = 1
const HEADER_BYTES = 7
const CHECKSUM_BYTES = 4
const LONGEST_TEXT = 256
/** Language, 16 to 32 bytes of entropy, checksum. */
const DATA_BYTES: readonly number[] = [16, 20, 24, 28, 32].map((entropy) => 1 + entropy + 4)

/** Crockford's base 32: no letter is taken for a digit when it is written down by hand. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUP = 5

/** Text of a share: `TEASHARE` and groups of five letters and digits, good for paper, speech and QR codes. */
export function writeShare({ setId, threshold, index, data }: Share): string {
  const id = Array.from({ length: 4 }, (_, at) => Number.parseInt(setId.slice(2 * at, 2 * at + 2), 16))
  const body = concatBytes(Uint8Array.of(VERSION, ...id, threshold, index), data)
  const letters = toBase32(concatBytes(body, checksum(body)))
  return [PREFIX, ...(letters.match(new RegExp(`.{1,${GROUP}}`, 'g')) ?? [])].join('-')
}

/** Reads it, whatever its case and spacing. `place` is how an error names it. Throws ShareError BAD_SHARE. */
export function readShare(text: string, place = 1): Share {
  const bad = (why: 'format' | 'checksum' | 'version') =>
    new ShareError(`Share ${place} ${EXPLAINED[why]}`, { code: 'BAD_SHARE', share: place, why })
  if (text.length > LONGEST_TEXT) throw bad('format')
  const letters = text.normalize('NFKC').toUpperCase().replace(/[\s-]/g, '')
  if (!letters.startsWith(PREFIX)) throw bad('format')
  const bytes = fromBase32(letters.slice(PREFIX.length))
  if (!bytes || bytes.length < HEADER_BYTES + CHECKSUM_BYTES) throw bad('format')
  const body = bytes.subarray(0, -CHECKSUM_BYTES)
  if (bytesToHex(checksum(body)) !== bytesToHex(bytes.subarray(-CHECKSUM_BYTES))) throw bad('checksum')
  if (body[0] !== VERSION) throw bad('version')
  const [threshold, index] = [body[5]!, body[6]!]
  const data = body.slice(HEADER_BYTES)
  if (threshold < 2 || index === 0 || !DATA_BYTES.includes(data.length)) throw bad('format')
  return { setId: bytesToHex(body.subarray(1, 5)), threshold, index, data }
}

const EXPLAINED = {
  format: 'is not a share',
  checksum: 'is mistyped or not whole',
  version: 'was made by a newer version',
} as const

const checksum = (body: Uint8Array): Uint8Array =>
  sha256(concatBytes(utf8('teahouse/share/1'), body)).subarray(0, CHECKSUM_BYTES)

function toBase32(bytes: Uint8Array): string {
  let [text, bits, held] = ['', 0, 0]
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >>> (bits - 5)) & 31]
    held &= (1 << bits) - 1
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text
}

/** Undefined for anything that `toBase32` does not write, but for O, I and L, which are read as 0 and 1. */
function fromBase32(text: string): Uint8Array | undefined {
  const bytes: number[] = []
  let [bits, held] = [0, 0]
  for (const letter of text.replaceAll('O', '0').replace(/[IL]/g, '1')) {
    const value = ALPHABET.indexOf(letter)
    if (value < 0) return undefined
    held = (held << 5) | value
    bits += 5
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >>> bits) & 0xff)
    }
    held &= (1 << bits) - 1
  }
  return bits < 5 && held === 0 ? Uint8Array.from(bytes) : undefined
}
