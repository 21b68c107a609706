import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { reader, writer } from './bytes.ts'
import { CARD_BYTES, addressOf, openCard, type DeviceKeys } from './card.ts'
import { verify } from './curve.ts'
import { SecureError } from './errors.ts'
import type { Bundle } from './types.ts'

/** The public half of a prekey: an X25519 key and an ML-KEM-768 key that are used together. */
export interface PublicPrekey {
  /** 0 for the signed prekey, which is also the last resort; others are used once. */
  readonly id: number
  /** 32 bytes. */
  readonly curve: Uint8Array
  /** 1,184 bytes (FIPS 203). */
  readonly kem: Uint8Array
}

export interface BundleContent {
  readonly card: Uint8Array
  readonly madeAt: number
  readonly signed: PublicPrekey
  readonly oneTime: readonly PublicPrekey[]
}

/** A bundle whose signatures hold, with the keys of its card. */
export interface OpenedBundle extends BundleContent {
  readonly keys: DeviceKeys
  readonly issuedAt: number
}

const VERSION = 1
const KEM_BYTES = 1_184
const PREKEY_BYTES = 32 + KEM_BYTES
const SIGNATURE_BYTES = 64
const FIXED_BYTES = 1 + CARD_BYTES + 6 + PREKEY_BYTES + 1 + SIGNATURE_BYTES
/** More would not fit into the largest message. */
export const MAX_ONE_TIME = 50
const DOMAIN = utf8ToBytes('teahouse/prekey-bundle/1')

/** Card and prekeys, signed as a whole by the device: every key is under the signature, with its place and the time. */
export async function makeBundle(
  { card, madeAt, signed, oneTime }: BundleContent,
  sign: (message: Uint8Array) => Uint8Array,
): Promise<Uint8Array> {
  const all = writer()
  all.u8(VERSION)
  all.bytes(card)
  all.u48(madeAt)
  all.bytes(signed.curve)
  all.bytes(signed.kem)
  all.u8(oneTime.length)
  for (const { id, curve, kem } of oneTime) {
    all.u32(id)
    all.bytes(curve)
    all.bytes(kem)
  }
  const bytes = all.done()
  return concatBytes(bytes, sign(concatBytes(DOMAIN, bytes)))
}

/** Checks both signatures. Throws SecureError BAD_CARD, BAD_BUNDLE. */
export async function openBundle(bytes: Uint8Array): Promise<OpenedBundle> {
  if (bytes.length < FIXED_BYTES) throw bad('it is short')
  const read = reader(bytes, () => bad('it is short'))
  if (read.u8() !== VERSION) throw bad('its version is unknown')
  const card = read.bytes(CARD_BYTES)
  const madeAt = read.u48()
  const signed = { id: 0, curve: read.bytes(32), kem: read.bytes(KEM_BYTES) }
  const count = read.u8()
  if (count > MAX_ONE_TIME) throw bad(`it offers ${count} one-time prekeys`)
  const oneTime = Array.from({ length: count }, () => ({
    id: read.u32(),
    curve: read.bytes(32),
    kem: read.bytes(KEM_BYTES),
  }))
  const signature = read.bytes(SIGNATURE_BYTES)
  read.end()
  if (oneTime.some(({ id }) => id === 0)) throw bad('a one-time prekey has the number of the signed one')
  const { keys, issuedAt } = await openCard(card)
  const message = concatBytes(DOMAIN, bytes.subarray(0, bytes.length - SIGNATURE_BYTES))
  if (!(await verify(signature, message, keys.signing))) throw bad('the signature is wrong')
  return { card, keys, issuedAt, madeAt, signed, oneTime }
}

/** Reads a bundle and checks its signatures. Throws SecureError BAD_CARD, BAD_BUNDLE. */
export async function readBundle(bytes: Uint8Array): Promise<Bundle> {
  const { keys, issuedAt, madeAt, oneTime } = await openBundle(bytes)
  return { address: addressOf(keys), issuedAt, madeAt, oneTimeKeys: oneTime.length }
}

export function bad(why: string): SecureError {
  return new SecureError(`The bundle of a device can't be used: ${why}`, { code: 'BAD_BUNDLE', why })
}
