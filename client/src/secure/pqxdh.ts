import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'
import { wipe, writer } from './bytes.ts'
import type { PublicPrekey } from './bundle.ts'
import { keysOf, type DeviceKeys } from './card.ts'
import { agree, keyPair, type KeyPair } from './curve.ts'
import { HEADER_KEY_BYTES } from './header.ts'
import { INFO, handshakeSecret } from './kdf.ts'
import type { SharedSecrets } from './ratchet.ts'

/** What the beginning side sends, so that the other comes to the same secrets. */
export interface Beginning {
  /** [EK_A] 32 bytes. */
  readonly ephemeral: Uint8Array
  /** [CT] 1,088 bytes. */
  readonly ciphertext: Uint8Array
  /** Which one-time prekey was taken; 0 for none. */
  readonly oneTimeId: number
  /** When, in milliseconds since 1970. */
  readonly startedAt: number
}

export interface Handshake {
  /** 32 bytes that name the session and everything it was agreed from; associated data of all its messages. */
  readonly id: Uint8Array
  readonly shared: SharedSecrets
}

/** The private half of a prekey. */
export interface SecretPrekey {
  readonly curve: KeyPair
  /** d and z of ML-KEM key generation (FIPS 203, algorithm 16): 64 bytes. */
  readonly kemSeed: Uint8Array
}

const expanded = new WeakMap<SecretPrekey, ReturnType<typeof ml_kem768.keygen>>()

/** The ML-KEM key pair of a prekey; grown from its seed once. */
export function kemPair(prekey: SecretPrekey): { secretKey: Uint8Array; publicKey: Uint8Array } {
  const pair = expanded.get(prekey) ?? ml_kem768.keygen(prekey.kemSeed)
  expanded.set(prekey, pair)
  return pair
}

/** Wipes what a prekey can be used by. */
export function wipePrekey(prekey: SecretPrekey): void {
  wipe(expanded.get(prekey)?.secretKey, prekey.kemSeed, prekey.curve.secret)
}

const DOMAIN = utf8ToBytes('teahouse/session/1')
const NO_KEY = new Uint8Array(32)

interface Side {
  /** The long-lived keys of both; `identity` is the own X25519 pair. */
  readonly own: DeviceKeys
  readonly theirs: DeviceKeys
  readonly identity: KeyPair
}

/**
 * PQXDH, section 3.3: from a bundle that was checked, the secrets and what to send. With `oneTime` its keys are used for DH4
 * and for the encapsulation; otherwise there is no DH4 and the signed prekey's KEM key is the last resort.
 * @throws SecureError BAD_KEY.
 */
export async function begin(
  { own, theirs, identity }: Side,
  signed: PublicPrekey,
  oneTime: PublicPrekey | undefined,
  startedAt: number,
): Promise<Handshake & { beginning: Beginning }> {
  const kemKey = (oneTime ?? signed).kem
  const { cipherText: ciphertext, sharedSecret } = ml_kem768.encapsulate(kemKey)
  const ephemeral = await keyPair()
  const secrets = await Promise.all([
    agree(identity, signed.curve),
    agree(ephemeral, theirs.device),
    agree(ephemeral, signed.curve),
    ...(oneTime ? [agree(ephemeral, oneTime.curve)] : []),
  ])
  wipe(ephemeral.secret)
  const beginning = { ephemeral: ephemeral.public, ciphertext, oneTimeId: oneTime?.id ?? 0, startedAt }
  const id = sessionId({ began: own, answers: theirs, signed, oneTime, kemKey, beginning })
  return { id, shared: sharedSecrets([...secrets, sharedSecret], id), beginning }
}

/** PQXDH, section 3.4. Throws SecureError BAD_KEY. */
export async function answer(
  { own, theirs, identity }: Side,
  signed: SecretPrekey,
  oneTime: SecretPrekey | undefined,
  beginning: Beginning,
): Promise<Handshake> {
  const { secretKey, publicKey: kemKey } = kemPair(oneTime ?? signed)
  const sharedSecret = ml_kem768.decapsulate(beginning.ciphertext, secretKey)
  const secrets = await Promise.all([
    agree(signed.curve, theirs.device),
    agree(identity, beginning.ephemeral),
    agree(signed.curve, beginning.ephemeral),
    ...(oneTime ? [agree(oneTime.curve, beginning.ephemeral)] : []),
  ])
  const id = sessionId({
    began: theirs,
    answers: own,
    signed: { curve: signed.curve.public },
    oneTime: oneTime && { curve: oneTime.curve.public },
    kemKey,
    beginning,
  })
  return { id, shared: sharedSecrets([...secrets, sharedSecret], id) }
}

interface Transcript {
  readonly began: DeviceKeys
  readonly answers: DeviceKeys
  readonly signed: { readonly curve: Uint8Array }
  readonly oneTime: { readonly curve: Uint8Array } | undefined
  readonly kemKey: Uint8Array
  readonly beginning: Beginning
}

/** SHA-256 of all that was agreed on: both accounts and devices, every public key, the ciphertext, the time. */
function sessionId({ began, answers, signed, oneTime, kemKey, beginning }: Transcript): Uint8Array {
  const all = writer()
  all.bytes(DOMAIN)
  all.bytes(keysOf(began))
  all.bytes(keysOf(answers))
  all.bytes(beginning.ephemeral)
  all.bytes(signed.curve)
  all.bytes(oneTime?.curve ?? NO_KEY)
  all.bytes(kemKey)
  all.bytes(beginning.ciphertext)
  all.u48(beginning.startedAt)
  return sha256(all.done())
}

function sharedSecrets(secrets: readonly Uint8Array[], id: Uint8Array): SharedSecrets {
  const keys = handshakeSecret(secrets, concatBytes(INFO.handshake, id), 32 + 2 * HEADER_KEY_BYTES)
  const shared = {
    root: keys.slice(0, 32),
    firstHeader: keys.slice(32, 32 + HEADER_KEY_BYTES),
    answerHeader: keys.slice(32 + HEADER_KEY_BYTES),
  }
  wipe(keys)
  return shared
}
