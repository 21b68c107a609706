import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import {
  amountsOf,
  claimKey,
  EnvelopeError,
  groupOf,
  MAX_SHARES,
  sharesOf,
  shareTree,
  type Share,
  type ShareTree,
  type Split,
  type Terms,
} from '@teahouse/protocol/envelopes'
import { FIELD } from '@teahouse/protocol/rln'
import { getAddress, numberToHex, type Address, type Hex } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { fromUtf8, utf8 } from '../account/text.ts'
import { readLink, writeLink, type LinkFault } from '../link.ts'
import { EnvelopesError } from './errors.ts'

interface Head {
  readonly chainId: number
  /** The RedEnvelope contract. */
  readonly envelopes: Address
  readonly creator: Address
  /** In the token's smallest unit, of all shares. */
  readonly amount: bigint
  readonly shares: number
  /** Unix seconds, until which it can be opened. */
  readonly expiry: number
  readonly salt: Hex
  /** A greeting, at most 280 characters. */
  readonly note: string
}

/**
 * What somebody needs to open an envelope. `share`: one share of it; `open`: the secret that all its shares follow from, so whoever has it can
 * take any; `gated`: for the members of a group, who prove that they are, so it holds no secret.
 */
export type EnvelopeContent =
  | (Head & {
      readonly kind: 'share'
      readonly root: Hex
      readonly index: number
      readonly share: bigint
      readonly key: Hex
      readonly path: readonly Hex[]
    })
  | (Head & { readonly kind: 'open'; readonly split: Split; readonly secret: Uint8Array })
  | (Head & {
      readonly kind: 'gated'
      /** The group's name: members' identities follow from it. */
      readonly group: string
      /** Commitments of the members, in the group's order. */
      readonly members: readonly bigint[]
    })

/** Members of a group whose commitments fit into a link. */
const MAX_MEMBERS = 200
const MAX_GREETING = 280
const LINK = { scheme: 'teahouse:envelope/', domain: 'teahouse/envelope/1', version: 1, longest: 16_384 }
const KINDS = ['share', 'open', 'gated'] as const
const SPLITS = ['random', 'equal'] as const
const MAX_GROUP_BYTES = 64
const MAX_PATH = 7

/** The text of a link. Whoever has it can open the envelope, unless it is for a group. Throws EnvelopesError BAD_ENVELOPE. */
export const writeEnvelopeLink = (content: EnvelopeContent): string =>
  writeLink(LINK, encodeEnvelope(content))

/** Reads it; spaces around it, and line breaks that a mail program put in, don't matter. Throws EnvelopesError BAD_ENVELOPE. */
export const readEnvelopeLink = (text: string): EnvelopeContent => decodeEnvelope(readLink(LINK, text, bad))

/** The bytes of a link or of a message; docs/envelopes.md has them. Throws EnvelopesError BAD_ENVELOPE for what can't be one. */
export function encodeEnvelope(content: EnvelopeContent): Uint8Array {
  const { chainId, envelopes, creator, amount, shares, expiry, salt } = content
  const note = utf8(content.note)
  const head = concatBytes(
    Uint8Array.of(KINDS.indexOf(content.kind)),
    ...[number(chainId, 8), bytes(envelopes), bytes(creator), number(amount, 16), number(shares, 2)],
    ...[number(expiry, 5), bytes(salt), number(note.length, 2), note],
  )
  const whole = concatBytes(head, body(content))
  decodeEnvelope(whole)
  return whole
}

function body(content: EnvelopeContent): Uint8Array {
  if (content.kind === 'open')
    return concatBytes(Uint8Array.of(SPLITS.indexOf(content.split)), content.secret)
  if (content.kind === 'share') {
    const { root, index, share, key, path } = content
    return concatBytes(bytes(root), number(index, 2), number(share, 16), bytes(key), ...path.map(bytes))
  }
  const group = utf8(content.group)
  const members = content.members.map((member) => number(member, 32))
  return concatBytes(number(group.length, 1), group, ...members)
}

/** Throws EnvelopesError BAD_ENVELOPE unless the bytes are what `encodeEnvelope` writes. */
export function decodeEnvelope(encoded: Uint8Array): EnvelopeContent {
  const read = reader(encoded)
  const kind = KINDS[Number(read.number(1))]
  const head: Head = {
    chainId: Number(read.number(8)),
    envelopes: read.address(),
    creator: read.address(),
    amount: read.number(16),
    shares: Number(read.number(2)),
    expiry: Number(read.number(5)),
    salt: read.hex(32),
    note: read.text(Number(read.number(2))),
  }
  const { chainId, amount, shares, expiry, note } = head
  must(Number.isSafeInteger(chainId) && chainId > 0 && amount > 0n && expiry > 0)
  must(shares > 0 && shares <= MAX_SHARES && BigInt(shares) <= amount)
  must([...note].length <= MAX_GREETING)
  if (kind === 'share') return { kind, ...head, ...readShare(read, shares) }
  if (kind === 'open') {
    const split = SPLITS[Number(read.number(1))]
    must(split !== undefined)
    return { kind, ...head, split: split!, secret: read.rest(32) }
  }
  must(kind === 'gated')
  return { kind: 'gated', ...head, ...readGroup(read) }
}

type Reader = ReturnType<typeof reader>

function readShare(read: Reader, shares: number) {
  const [root, index, share, key] = [read.hex(32), Number(read.number(2)), read.number(16), read.hex(32)]
  const path = read.words().map((word): Hex => `0x${bytesToHex(word)}`)
  must(index < shares && share > 0n && path.length <= MAX_PATH)
  return { root, index, share, key, path }
}

function readGroup(read: Reader) {
  const size = Number(read.number(1))
  must(size > 0 && size <= MAX_GROUP_BYTES)
  const group = read.text(size)
  const members = read.words().map((word) => BigInt(`0x${bytesToHex(word)}`))
  must(members.length > 0 && members.length <= MAX_MEMBERS && members.every((one) => one < FIELD))
  return { group, members }
}

/** Takes values from the front; what is not there, or is left over, is refused. */
function reader(given: Uint8Array) {
  let at = 0
  const take = (size: number): Uint8Array => {
    must(at + size <= given.length)
    return given.slice(at, (at += size))
  }
  return {
    number: (size: number): bigint => take(size).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
    hex: (size: number): Hex => `0x${bytesToHex(take(size))}`,
    address: (): Address => getAddress(`0x${bytesToHex(take(20))}`),
    text(size: number): string {
      const text = fromUtf8(take(size))
      must(text !== undefined)
      return text!
    },
    rest(size: number): Uint8Array {
      must(given.length - at === size)
      return take(size)
    },
    words(): Uint8Array[] {
      must((given.length - at) % 32 === 0)
      return Array.from({ length: (given.length - at) / 32 }, () => take(32))
    },
  }
}

/** An envelope with all its shares, as its maker and whoever has an open link know it. */
export interface WholeEnvelope {
  readonly terms: Terms
  readonly shares: readonly Share[]
  readonly tree: ShareTree
  keyOf(index: number): Hex
}

/** Works out all shares of an envelope from its secret. Throws EnvelopesError BAD_ENVELOPE for numbers that don't fit. */
export function wholeOf(
  { creator, amount, shares: count, expiry, salt }: Omit<Head, 'note' | 'chainId' | 'envelopes'>,
  split: Split,
  secret: Uint8Array,
): WholeEnvelope {
  try {
    const shares = sharesOf(amountsOf(amount, count, split, secret), secret)
    const tree = shareTree(shares)
    const terms = { creator, amount, shares: count, expiry, gated: false, root: tree.root, salt }
    return { terms, shares, tree, keyOf: (index) => claimKey(secret, index) }
  } catch (cause) {
    throw cause instanceof EnvelopeError ? bad('content', cause) : cause
  }
}

/** The terms that a content names; those of an open one take its shares to be worked out. Throws EnvelopesError BAD_ENVELOPE. */
export function termsOf(content: EnvelopeContent): Terms {
  if (content.kind === 'open') return wholeOf(content, content.split, content.secret).terms
  const { creator, amount, shares, expiry, salt } = content
  const root =
    content.kind === 'share' ? content.root : numberToHex(groupOf(content.members).root, { size: 32 })
  return { creator, amount, shares, expiry, gated: content.kind === 'gated', root, salt }
}

/** The share that a content of one share gives. Throws EnvelopesError BAD_ENVELOPE. */
export function shareIn({ index, share, key }: Extract<EnvelopeContent, { kind: 'share' }>): Share {
  try {
    return { index, amount: share, key: privateKeyToAddress(key) }
  } catch (cause) {
    throw bad('content', cause) // no private key
  }
}

const bytes = (hex: Hex): Uint8Array => hexToBytes(hex.slice(2))

function number(value: number | bigint, size: number): Uint8Array {
  const hex = BigInt(value).toString(16)
  must(value >= 0 && hex.length <= 2 * size)
  return hexToBytes(hex.padStart(2 * size, '0'))
}

function must(condition: boolean): void {
  if (!condition) throw bad('content')
}

const EXPLAINED = {
  format: 'This is no red envelope',
  checksum: 'The link of the envelope is not whole: copy all of it',
  version: 'A newer release made this envelope',
  content: 'The envelope holds something that it can not hold',
} as const

const bad = (why: LinkFault | 'content', cause?: unknown): EnvelopesError =>
  new EnvelopesError(EXPLAINED[why], { code: 'BAD_ENVELOPE', why }, { cause })
