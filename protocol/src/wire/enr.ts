import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { bytesToHex, fromRlp, numberToBytes, toRlp } from 'viem'
import { WireError } from './errors.ts'

/** Largest record, in bytes (EIP-778). */
export const MAX_ENR_BYTES = 300

/** The pairs of a record beside `id` and `secp256k1`. Values are bytes; a value that is a list is kept as its RLP. */
export type EnrPairs = ReadonlyMap<string, Uint8Array>

/** An Ethereum node record (EIP-778) of the identity scheme "v4": signed with a secp256k1 key. */
export interface Enr {
  /** Grows when the record changes; 64 bits. */
  readonly seq: bigint
  /** Compressed, 33 bytes. */
  readonly publicKey: Uint8Array
  readonly pairs: EnrPairs
}

const SCHEME = 'v4'
const MAX_SEQ = 2n ** 64n - 1n
const SIGNATURE_BYTES = 64
const PUBLIC_KEY_BYTES = 33
const TEXT_PREFIX = 'enr:'

/**
 * Signs a record with the private key (32 bytes) and encodes it. Throws WireError TOO_LARGE above {@link MAX_ENR_BYTES};
 * `id` and `secp256k1` are set from the key, whatever the pairs say.
 */
export function encodeEnr({ seq, pairs }: Omit<Enr, 'publicKey'>, privateKey: Uint8Array): Uint8Array {
  const all = new Map([
    ...pairs,
    ['id', utf8ToBytes(SCHEME)] as const,
    ['secp256k1', secp256k1.getPublicKey(privateKey, true)] as const,
  ])
  const sorted = [...all]
    .map(([key, value]) => [utf8ToBytes(key), value] as const)
    .sort(([a], [b]) => compare(a, b))
  const content = [minimal(seq), ...sorted.flat()]
  const signature = secp256k1.sign(digest(content), privateKey, { prehash: false })
  const bytes = toRlp([signature, ...content], 'bytes')
  if (bytes.length > MAX_ENR_BYTES) throw tooLarge(bytes.length)
  return bytes
}

/**
 * Reads a record and checks its signature. Throws WireError TOO_LARGE, or MALFORMED for anything but the one encoding
 * of a record with unique, sorted keys, of another identity scheme, or with a signature that is not its key's.
 */
export function decodeEnr(bytes: Uint8Array): Enr {
  if (bytes.length > MAX_ENR_BYTES) throw tooLarge(bytes.length)
  const [signature, ...content] = readList(bytes)
  const [seq, ...rest] = content
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES)
    throw malformed('no signature')
  if (!(seq instanceof Uint8Array) || seq.length > 8 || seq[0] === 0) throw malformed('no sequence number')
  const pairs = readPairs(rest)
  const publicKey = pairs.get('secp256k1')
  if (text(pairs.get('id')) !== SCHEME) throw malformed('another identity scheme')
  if (publicKey?.length !== PUBLIC_KEY_BYTES) throw malformed('no public key')
  if (!isSigned(signature, content, publicKey)) throw malformed('a wrong signature')
  pairs.delete('id')
  pairs.delete('secp256k1')
  return { seq: seq.length === 0 ? 0n : BigInt(bytesToHex(seq)), publicKey: publicKey.slice(), pairs }
}

/** The text form of an encoded record: `enr:` and base64url. */
export function enrToText(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes))
  return TEXT_PREFIX + base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Reads the text form. Throws WireError as {@link decodeEnr}. */
export function enrFromText(line: string): Enr {
  const body = line.slice(TEXT_PREFIX.length)
  if (!line.startsWith(TEXT_PREFIX) || !/^[\w-]+$/.test(body)) throw malformed('no text of a record')
  if (body.length > (MAX_ENR_BYTES * 4) / 3) throw tooLarge(Math.floor((body.length * 3) / 4))
  try {
    const binary = atob(body.replaceAll('-', '+').replaceAll('_', '/'))
    return decodeEnr(Uint8Array.from(binary, (char) => char.charCodeAt(0)))
  } catch (cause) {
    throw cause instanceof WireError ? cause : malformed('no text of a record', cause)
  }
}

type Rlp = Uint8Array | readonly Rlp[]

/** viem's reader takes only the shortest encoding, without bytes after it. */
function readList(bytes: Uint8Array): readonly Rlp[] {
  try {
    const list = fromRlp(new Uint8Array(bytes), 'bytes') as Rlp
    if (!(list instanceof Uint8Array)) return list
  } catch (cause) {
    throw malformed('no RLP', cause)
  }
  throw malformed('no list')
}

function readPairs(items: readonly Rlp[]): Map<string, Uint8Array> {
  if (items.length % 2 !== 0) throw malformed('a key without a value')
  const pairs = new Map<string, Uint8Array>()
  let last: Uint8Array | undefined
  for (let at = 0; at < items.length; at += 2) {
    const [key, value] = [items[at]!, items[at + 1]!]
    if (!(key instanceof Uint8Array)) throw malformed('a key that is a list')
    if (last !== undefined && compare(last, key) >= 0) throw malformed('keys out of order')
    last = key
    const name = text(key)
    // A key that is not text is none that anybody asks for.
    if (name !== undefined)
      pairs.set(name, value instanceof Uint8Array ? value.slice() : toRlp(value as never, 'bytes'))
  }
  return pairs
}

function isSigned(signature: Uint8Array, content: readonly Rlp[], publicKey: Uint8Array): boolean {
  try {
    return secp256k1.verify(signature, digest(content), publicKey, { prehash: false, lowS: false })
  } catch {
    return false
  }
}

const digest = (content: readonly Rlp[]) => keccak_256(toRlp(content as never, 'bytes'))

/** Big-endian without leading zeros, as RLP has it. */
function minimal(seq: bigint): Uint8Array {
  if (seq < 0n || seq > MAX_SEQ) throw malformed('a sequence number beyond 64 bits')
  return seq === 0n ? new Uint8Array(0) : numberToBytes(seq)
}

function text(bytes: Uint8Array | undefined): string | undefined {
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] !== b[at]) return a[at]! - b[at]!
  return a.length - b.length
}

const tooLarge = (size: number) =>
  new WireError(`A node record of ${size} bytes is over the limit of ${MAX_ENR_BYTES}`, {
    code: 'TOO_LARGE',
    size,
    limit: MAX_ENR_BYTES,
  })

const malformed = (what: string, cause?: unknown) =>
  new WireError(`Not a node record: ${what}`, { code: 'MALFORMED', what }, { cause })
