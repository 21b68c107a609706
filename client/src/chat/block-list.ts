import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { contactName } from '../account/contact/card.ts'
import { fromUtf8, utf8 } from '../account/text.ts'
import { reader, writer } from '../secure/bytes.ts'
import type { ChatIdentity } from '../secure/types.ts'
import { ChatError } from './errors.ts'

/** Whom somebody blocks, signed, for others to block too. */
export interface BlockList {
  /** The chat identity that signed it, 32 bytes as hex. */
  readonly publisher: string
  /** What the publisher calls the list, checked by `contactName`. */
  readonly name: string
  /** Milliseconds since 1970; of two lists of one publisher the later one counts. */
  readonly madeAt: number
  /** Marks of accounts by `markOf`, as hex, ascending. Only who knows an account can tell that it is in the list. */
  readonly marks: readonly string[]
}

const VERSION = 1
const DOMAIN = utf8ToBytes('teahouse/chat/blocks/1')
const MARK_BYTES = 16
const SIGNATURE_BYTES = 64
const KEY_BYTES = 32
/** Accounts in a list, at most: 48 kB, one message. */
export const MAX_MARKS = 3_000
/** Bytes of the longest list. */
export const MAX_LIST_BYTES = 1 + KEY_BYTES + 6 + 1 + 255 + 2 + MAX_MARKS * MARK_BYTES + SIGNATURE_BYTES

/** What stands for an account (hex) in the lists of a publisher (hex): marks of two publishers can't be compared. */
export const markOf = (publisher: string, account: string): string =>
  bytesToHex(
    sha256(concatBytes(DOMAIN, utf8ToBytes('mark'), hexToBytes(publisher), hexToBytes(account))).subarray(
      0,
      MARK_BYTES,
    ),
  )

/** Where a publisher's lists are published: everybody who knows the publisher finds them. */
export const blockListTopic = (publisher: string): string =>
  `/teahouse-blocks/1/${bytesToHex(sha256(concatBytes(DOMAIN, utf8ToBytes('topic'), hexToBytes(publisher))).subarray(0, 8))}/bin`

export interface NewBlockList {
  readonly name: string
  /** Chat identities as hex. */
  readonly accounts: readonly string[]
  readonly madeAt: number
}

/** Makes and signs a list. Throws ChatError TOO_LARGE for more than 3,000 accounts; ContactError BAD_NAME. */
export async function signBlockList(
  identity: ChatIdentity,
  { name, accounts, madeAt }: NewBlockList,
): Promise<Uint8Array> {
  const publisher = bytesToHex(identity.publicKey)
  const marks = [...new Set(accounts.map((account) => markOf(publisher, account)))].sort()
  if (marks.length > MAX_MARKS) {
    const detail = { code: 'TOO_LARGE', size: marks.length, limit: MAX_MARKS } as const
    throw new ChatError(`A block list has ${MAX_MARKS} accounts at most`, detail)
  }
  const called = utf8(contactName(name))
  const out = writer()
  out.u8(VERSION)
  out.bytes(identity.publicKey)
  out.u48(madeAt)
  out.u8(called.length)
  out.bytes(called)
  out.u16(marks.length)
  for (const mark of marks) out.bytes(hexToBytes(mark))
  const body = out.done()
  return concatBytes(body, await identity.sign(concatBytes(DOMAIN, body)))
}

/** Reads a list that anybody may have sent; it is the publisher's own. Throws ChatError BAD_LIST. */
export function readBlockList(bytes: Uint8Array): BlockList {
  if (bytes.length > MAX_LIST_BYTES || bytes.length <= SIGNATURE_BYTES) throw bad('its length')
  const body = bytes.subarray(0, -SIGNATURE_BYTES)
  const from = reader(body, () => bad('it is cut off'))
  if (from.u8() !== VERSION) throw bad('its version')
  const key = from.bytes(KEY_BYTES)
  const madeAt = from.u48()
  const name = readName(from.bytes(from.u8()))
  const count = from.u16()
  if (count > MAX_MARKS) throw bad('it is too long')
  const marks = Array.from({ length: count }, () => bytesToHex(from.bytes(MARK_BYTES)))
  from.end()
  if (marks.some((mark, at) => at > 0 && mark <= marks[at - 1]!)) throw bad('its order')
  if (!isSigned(bytes, body, key)) throw bad('its signature')
  return { publisher: bytesToHex(key), name, madeAt, marks }
}

/** By ZIP 215's rules no key of small order would be refused, and one of those signs anything. */
function isSigned(bytes: Uint8Array, body: Uint8Array, key: Uint8Array): boolean {
  try {
    if (ed25519.Point.fromBytes(key).isSmallOrder()) return false
    return ed25519.verify(bytes.subarray(-SIGNATURE_BYTES), concatBytes(DOMAIN, body), key)
  } catch {
    return false
  }
}

function readName(bytes: Uint8Array): string {
  const text = fromUtf8(bytes)
  try {
    if (text !== undefined && contactName(text) === text) return text
  } catch (cause) {
    throw bad('its name', cause)
  }
  throw bad('its name')
}

function bad(why: string, cause?: unknown): ChatError {
  return new ChatError(`This is not a block list: ${why} is wrong`, { code: 'BAD_LIST', why }, { cause })
}
