import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { reader, writer } from './bytes.ts'
import { verify } from './curve.ts'
import { SecureError } from './errors.ts'
import type { Card, ChatIdentity, DeviceAddress } from './types.ts'

/** The public keys of a device; 32 bytes each. */
export interface DeviceKeys {
  /** Ed25519, the account's chat identity. */
  readonly account: Uint8Array
  /** Ed25519, signs prekeys. */
  readonly signing: Uint8Array
  /** X25519, the identity key of the handshake. */
  readonly device: Uint8Array
}

const VERSION = 1
const SIGNED_BYTES = 1 + 3 * 32 + 6
export const CARD_BYTES = SIGNED_BYTES + 64
const DOMAIN = utf8ToBytes('teahouse/device-card/1')

export const addressOf = ({ account, device }: Pick<DeviceKeys, 'account' | 'device'>): DeviceAddress => ({
  account: bytesToHex(account),
  device: bytesToHex(device),
})

/** The three keys one after the other: 96 bytes. */
export const keysOf = ({ account, signing, device }: DeviceKeys): Uint8Array =>
  concatBytes(account, signing, device)

/** Has the account sign for a device. The signature says nothing of what the device will ever send. */
export async function makeCard(
  identity: ChatIdentity,
  keys: Omit<DeviceKeys, 'account'>,
  issuedAt: number,
): Promise<Uint8Array> {
  const card = writer()
  card.u8(VERSION)
  card.bytes(keysOf({ ...keys, account: identity.publicKey }))
  card.u48(issuedAt)
  const signed = card.done()
  return concatBytes(signed, await identity.sign(concatBytes(DOMAIN, signed)))
}

/** The keys and the time of a card whose signature holds. Throws SecureError BAD_CARD. */
export async function openCard(bytes: Uint8Array): Promise<{ keys: DeviceKeys; issuedAt: number }> {
  const { keys, issuedAt } = peekCard(bytes)
  const signed = concatBytes(DOMAIN, bytes.subarray(0, SIGNED_BYTES))
  if (!(await verify(bytes.subarray(SIGNED_BYTES), signed, keys.account))) throw bad('the signature is wrong')
  return { keys, issuedAt }
}

/** What a card claims, its signature not checked. Throws SecureError BAD_CARD. */
export function peekCard(bytes: Uint8Array): { keys: DeviceKeys; issuedAt: number } {
  if (bytes.length !== CARD_BYTES) throw bad(`it has ${bytes.length} bytes instead of ${CARD_BYTES}`)
  const read = reader(bytes, () => bad('it is short'))
  if (read.u8() !== VERSION) throw bad('its version is unknown')
  const keys = { account: read.bytes(32), signing: read.bytes(32), device: read.bytes(32) }
  return { keys, issuedAt: read.u48() }
}

/** Reads a device's certificate and checks the account's signature. Throws SecureError BAD_CARD. */
export async function readCard(bytes: Uint8Array): Promise<Card> {
  const { keys, issuedAt } = await openCard(bytes)
  return { address: addressOf(keys), issuedAt }
}

function bad(why: string): SecureError {
  return new SecureError(`The card of a device can't be used: ${why}`, { code: 'BAD_CARD', why })
}
