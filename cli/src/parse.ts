import { isIP } from 'node:net'
import { AmountError, parseAmount } from '@teahouse/client'
import { WireError, parseContentTopic } from '@teahouse/protocol/wire'
import { getAddress, isAddress, type Address, type Hex } from 'viem'
import { usage } from './errors.ts'
import { say } from './texts/say.ts'

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const
const MAX_SECONDS = 10 * 365 * UNITS.d
const MAX_DECIMALS = 38

/** A content topic in full. */
export function topic(text: string): string {
  try {
    parseContentTopic(text)
    return text
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause
    const example = say`A topic is /application/version/name/encoding, for example /my-table/1/chat/utf8`
    throw usage(say`"${text}" is not a content topic`, example)
  }
}

/** An amount in whole tokens, as the smallest unit. */
export function amount(text: string): bigint {
  try {
    return parseAmount(text)
  } catch (cause) {
    if (!(cause instanceof AmountError)) throw cause
    throw usage(
      say`"${text}" is not an amount`,
      say`An amount is in whole tokens with at most 6 decimals, for example 2.5`,
    )
  }
}

/** An amount in whole tokens, whose decimals only the token's contract knows. */
export function wholeTokens(text: string): string {
  try {
    parseAmount(text, Math.min(MAX_DECIMALS, text.split('.')[1]?.length ?? 0))
    return text
  } catch (cause) {
    if (!(cause instanceof AmountError)) throw cause
    throw usage(say`"${text}" is not an amount`, say`An amount is in whole tokens, for example 2.5`)
  }
}

/** Whom to pay: an address, a payment link, or the name of a contact. */
export function payee(text: string): string {
  return /^0x/i.test(text.trim()) ? address(text.trim()) : text
}

/** Whether this is 32 bytes: the hash of a transaction, the id of a deal, of an envelope, or of a receipt. */
export const isHash = (text: string): text is Hex => /^0x[0-9a-fA-F]{64}$/.test(text)

/** A transaction's hash. */
export function hash(text: string): Hex {
  if (isHash(text)) return text.toLowerCase() as Hex
  throw usage(say`"${text}" is not a hash`, say`A hash is 0x and 64 hex digits; see: teahouse pay history`)
}

/** Seconds of a duration such as 90s, 15m, 2h, 7d; a bare number is seconds. */
export function duration(text: string): number {
  const [, digits, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? []
  const seconds = Number(digits) * UNITS[unit as keyof typeof UNITS]
  if (digits !== undefined && seconds <= MAX_SECONDS) return seconds
  throw usage(
    say`"${text}" is not a duration`,
    say`A duration is a number and a unit, for example 90s, 15m, 2h or 7d`,
  )
}

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d{1,9}$/.test(text) && value >= min && value <= max) return value
    throw usage(
      say`"${text}" is not a whole number from ${min} to ${max}`,
      say`Give a number, for example ${min}`,
    )
  }
}

/** An Ethereum address; a wrong checksum is refused. */
export function address(text: string): Address {
  if (isAddress(text)) return getAddress(text)
  const why = isAddress(text, { strict: false })
    ? say`: its checksum is wrong, so a letter may be mistyped`
    : ''
  throw usage(
    say`"${text}" is not an address${why}`,
    say`An address is 0x and 40 hex digits; see: teahouse account show`,
  )
}

/** An address, a deal and a signature for examples. */
export const EXAMPLE = {
  payee: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  arbiter: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
  deal: `0x${'5f2c'.repeat(16)}`,
  signature: `0x${'9b1e'.repeat(32)}1b`,
} as const

/** The id of a deal. */
export function deal(text: string): Hex {
  if (isHash(text)) return text.toLowerCase() as Hex
  throw usage(
    say`"${text}" is not the id of a deal`,
    say`A deal is 0x and 64 hex digits, as printed by: teahouse deal offer`,
  )
}

/** The name of a red envelope. */
export function envelope(text: string): Hex {
  if (isHash(text)) return text.toLowerCase() as Hex
  throw usage(
    say`"${text}" is not the name of an envelope`,
    say`A name is 0x and 64 hex digits, as printed by: teahouse envelope create`,
  )
}

/** A 65-byte signature. */
export function signature(text: string): Hex {
  if (/^0x[0-9a-fA-F]{130}$/.test(text)) return text as Hex
  throw usage(say`"${text}" is not a signature`, say`A signature is 0x and 130 hex digits`)
}

/** A share such as 50 or 12.5 (percent), as basis points. */
export function percent(text: string): number {
  const [, whole, fraction = ''] = /^(\d{1,3})(?:\.(\d{1,2}))?%?$/.exec(text) ?? []
  const bps = Number(`${whole}${fraction.padEnd(2, '0')}`)
  if (whole !== undefined && bps <= 10_000) return bps
  throw usage(say`"${text}" is not a share`, say`A share is a percentage from 0 to 100, for example 50`)
}

/** An operator id or a peer id. */
export function nodeId(text: string): string {
  if (/^[1-9]\d{0,9}$|^[A-Za-z0-9]{40,64}$/.test(text)) return text
  throw usage(
    say`"${text}" is neither an operator id nor a peer id`,
    say`See the ids with: teahouse node status`,
  )
}

/** A chat identity, as 0x and 64 hex digits. */
export function chatKey(text: string): Hex {
  const [, digits] = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(text) ?? []
  if (digits) return `0x${digits.toLowerCase()}`
  throw usage(
    say`"${text}" is not a chat identity`,
    say`A chat identity is 64 hex digits; see: teahouse account show`,
  )
}

/** The name of an account file. */
export function accountName(text: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,31}$/.test(text)) return text
  throw usage(
    say`"${text}" is not an account name`,
    say`A name has 1 to 32 of a-z, 0-9, - and _, for example alice`,
  )
}

/** The id of a deployment. */
export function deploymentId(text: string): string {
  if (/^[0-9a-f]{12}$/.test(text)) return text
  throw usage(
    say`"${text}" is not the id of a deployment`,
    say`An id is 12 hex digits, like the name of a file in deployments/`,
  )
}

/** An HTTP endpoint. */
export function rpcUrl(text: string): string {
  const url = URL.parse(text)
  if (url && ['http:', 'https:'].includes(url.protocol)) return text
  throw usage(say`"${text}" is not an HTTP endpoint`, say`For example https://rpc.example.org`)
}

/** A host: a domain name, or an IP address. */
export function hostName(text: string): string {
  const isName =
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(text)
  if (isIP(text) !== 0 || (isName && !/^[\d.]+$/.test(text))) return text
  throw usage(
    say`"${text}" is neither a name nor an address`,
    say`For example tea.example.org or 198.51.100.7`,
  )
}
