import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { fromBase64Url, toBase64Url, utf8 } from './account/text.ts'

/** A kind of link that people copy: `scheme`, then base64url of a version byte, the content, and a checksum of both. */
export interface LinkKind {
  readonly scheme: string
  /** Keeps checksums of other kinds from holding. */
  readonly domain: string
  readonly version: number
  /** Characters of a text that is read at all. */
  readonly longest: number
}

/** `checksum`: it is not whole; `version`: a newer release made it. */
export type LinkFault = 'format' | 'checksum' | 'version'

const CHECKSUM_BYTES = 4

export function writeLink(kind: LinkKind, content: Uint8Array): string {
  const body = concatBytes(Uint8Array.of(kind.version), content)
  return kind.scheme + toBase64Url(concatBytes(body, checksum(kind, body)))
}

/** The content; spaces around it, and line breaks that a mail program put in, don't matter. Throws what `bad` makes of a fault. */
export function readLink(kind: LinkKind, text: string, bad: (why: LinkFault) => Error): Uint8Array {
  const { scheme, version, longest } = kind
  const link = text.length <= longest ? text.replace(/\s+/g, '') : ''
  const bytes = link.startsWith(scheme) ? fromBase64Url(link.slice(scheme.length)) : undefined
  if (!bytes || bytes.length <= CHECKSUM_BYTES) throw bad('format')
  const body = bytes.subarray(0, -CHECKSUM_BYTES)
  const given = bytes.subarray(-CHECKSUM_BYTES)
  if (!checksum(kind, body).every((byte, at) => byte === given[at])) throw bad('checksum')
  if (body[0] !== version) throw bad('version')
  return body.subarray(1)
}

const checksum = ({ domain }: LinkKind, body: Uint8Array): Uint8Array =>
  sha256(concatBytes(utf8(domain), body)).subarray(0, CHECKSUM_BYTES)
