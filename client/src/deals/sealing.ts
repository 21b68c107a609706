import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { x25519 } from '@noble/curves/ed25519.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { bytesToHex, hexToBytes, isAddressEqual, type Address, type Hex } from 'viem'
import { z } from 'zod'
import { readDisclosure, writeDisclosure, type Disclosure } from './disclosure.ts'
import { isSignedBy, signedBy, type DealSigner } from './signer.ts'
import { address, signature, word } from './templates/fields.ts'
import { DealError } from './terms.ts'

const KEY_INFO = utf8ToBytes('teahouse/deals/arbiter-key/1')
const SEAL_INFO = utf8ToBytes('teahouse/deals/disclosure/1')
const KEY_BYTES = 32
const NONCE_BYTES = 24
/** Bytes of a sealed disclosure. */
export const MAX_SEALED_BYTES = 4_000_000

/** The key that disclosures for an arbiter are sealed for, with the arbiter's signature on it. */
export interface ArbiterCard {
  readonly arbiter: Address
  /** X25519, 32 bytes. */
  readonly key: Hex
  readonly signature: Hex
}

/** The secret of an arbiter's key, from a secret of its account such as `account.storageKey`. 32 bytes. */
export const arbiterSecret = (secret: Uint8Array): Uint8Array =>
  hkdf(sha256, secret, undefined, KEY_INFO, KEY_BYTES)

const typedCard = (arbiter: Address, key: Hex) => ({
  domain: { name: 'Teahouse Arbiter', version: '1' },
  types: {
    DisclosureKey: [
      { name: 'arbiter', type: 'address' },
      { name: 'key', type: 'bytes32' },
    ],
  },
  primaryType: 'DisclosureKey',
  message: { arbiter, key },
})

/** The text of an arbiter's card: JSON in one form. Throws DealError NOT_SIGNED. */
export async function arbiterCard(signer: DealSigner, secret: Uint8Array): Promise<string> {
  const [arbiter, key] = [signer.address, bytesToHex(x25519.getPublicKey(secret))]
  const signature = await signedBy(signer, typedCard(arbiter, key))
  return JSON.stringify({ 'teahouse-arbiter': 1, arbiter, key, signature })
}

const Card = z.strictObject({
  'teahouse-arbiter': z.literal(1),
  arbiter: address,
  key: word,
  signature,
})

/** Reads a card that its arbiter signed. Throws DealError BAD_DISCLOSURE. */
export async function readArbiterCard(text: string): Promise<ArbiterCard> {
  const { 'teahouse-arbiter': _, ...card } = fieldsOf(text)
  if (await isSignedBy(card.arbiter, typedCard(card.arbiter, card.key), card.signature)) return card
  throw bad('the card is not signed by its arbiter')
}

function fieldsOf(text: string): z.output<typeof Card> {
  try {
    return Card.parse(JSON.parse(text.slice(0, 1_000)))
  } catch (cause) {
    throw bad('the card is not one', cause)
  }
}

/** Seals a disclosure so that its arbiter alone can read it. Who sealed it is in it, and proved by nothing. Throws DealError BAD_DISCLOSURE. */
export function sealDisclosure(disclosure: Disclosure, card: ArbiterCard): Uint8Array {
  if (!isAddressEqual(disclosure.arbiter, card.arbiter)) throw bad('it is for another arbiter')
  const once = x25519.utils.randomSecretKey()
  const own = x25519.getPublicKey(once)
  const nonce = randomBytes(NONCE_BYTES)
  const theirs = hexToBytes(card.key)
  const sealed = xchacha20poly1305(sealKey(once, theirs, own, theirs), nonce).encrypt(
    utf8ToBytes(writeDisclosure(disclosure)),
  )
  return concatBytes(own, nonce, sealed)
}

/** Opens what was sealed for the key of this secret. Throws DealError BAD_DISCLOSURE. */
export function openDisclosure(bytes: Uint8Array, secret: Uint8Array): Disclosure {
  if (bytes.length > MAX_SEALED_BYTES) throw bad('it is too long')
  const own = bytes.subarray(0, KEY_BYTES)
  const nonce = bytes.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES)
  let text: string
  try {
    const key = sealKey(secret, own, own, x25519.getPublicKey(secret))
    const opened = xchacha20poly1305(key, nonce).decrypt(bytes.subarray(KEY_BYTES + NONCE_BYTES))
    text = new TextDecoder('utf-8', { fatal: true }).decode(opened)
  } catch (cause) {
    throw bad('it is not sealed for this arbiter', cause)
  }
  return readDisclosure(text)
}

/** Both public keys go into the key: it belongs to this pair only. */
function sealKey(secret: Uint8Array, theirs: Uint8Array, once: Uint8Array, arbiter: Uint8Array): Uint8Array {
  const shared = x25519.getSharedSecret(secret, theirs)
  return hkdf(sha256, shared, concatBytes(once, arbiter), SEAL_INFO, KEY_BYTES)
}

function bad(why: string, cause?: unknown): DealError {
  return new DealError(`The disclosure can't be used: ${why}`, { code: 'BAD_DISCLOSURE', why }, { cause })
}
