import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { wipe, writer } from './bytes.ts'
import type { PublicPrekey } from './bundle.ts'
import { keysOf, type DeviceKeys } from './card.ts'
import { agree, keyPair } from './curve.ts'
import { HEADER_KEY_BYTES } from './header.ts'
import { INFO, handshakeSecret } from './kdf.ts'
import { kem } from './kem.ts'
import type { KemPair, KeyPair } from './platform.ts'
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

const grown = new WeakMap<SecretPrekey, Promise<KemPair>>()

/** The ML-KEM key pair of a prekey; grown from its seed once, when its bundle is made or when it is first used. */
function kemPair(prekey: SecretPrekey): Promise<KemPair> {
  const known = grown.get(prekey)
  if (known) return known
  const pair = kem().then((platform) => platform.pair(prekey.kemSeed))
  grown.set(prekey, pair)
  return pair
}

/** The public ML-KEM key of a prekey: 1,184 bytes. */
export const kemKeyOf = async (prekey: SecretPrekey): Promise<Uint8Array> => (await kemPair(prekey)).publicKey

/** Wipes what a prekey can be used by. */
export function wipePrekey(prekey: SecretPrekey): void {
  void grown.get(prekey)?.then(
    (pair) => pair.wipe(),
    () => undefined,
  )
  wipe(prekey.kemSeed, prekey.curve.secret)
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
 * and for the encapsulation; otherwise there is no DH4 and the signed prekey's KEM key is the last resort. `dh3` seals the
 * first introduction; wipe it then.
 * @throws SecureError BAD_KEY.
 */
export async function begin(
  { own, theirs, identity }: Side,
  signed: PublicPrekey,
  oneTime: PublicPrekey | undefined,
  startedAt: number,
): Promise<Handshake & { beginning: Beginning; dh3: Uint8Array }> {
  const kemKey = (oneTime ?? signed).kem
  const platform = await kem()
  const [{ ciphertext, shared: sharedSecret }, ephemeral] = await Promise.all([
    platform.encapsulate(kemKey),
    keyPair(),
  ])
  const secrets = await Promise.all([
    agree(identity, signed.curve),
    agree(ephemeral, theirs.device),
    agree(ephemeral, signed.curve),
    ...(oneTime ? [agree(ephemeral, oneTime.curve)] : []),
  ])
  wipe(ephemeral.secret)
  const beginning = { ephemeral: ephemeral.public, ciphertext, oneTimeId: oneTime?.id ?? 0, startedAt }
  const id = sessionId({ began: own, answers: theirs, signed, oneTime, kemKey, beginning })
  const dh3 = secrets[2].slice()
  return { id, shared: sharedSecrets([...secrets, sharedSecret], id), beginning, dh3 }
}

/** PQXDH, section 3.4; `dh3` if it is known. Throws SecureError BAD_KEY. */
export async function answer(
  { own, theirs, identity }: Side,
  signed: SecretPrekey,
  oneTime: SecretPrekey | undefined,
  beginning: Beginning,
  dh3?: Uint8Array,
): Promise<Handshake> {
  const pair = await kemPair(oneTime ?? signed)
  const sharedSecret = await pair.decapsulate(beginning.ciphertext)
  const secrets = await Promise.all([
    agree(signed.curve, theirs.device),
    agree(identity, beginning.ephemeral),
    dh3 ?? agree(signed.curve, beginning.ephemeral),
    ...(oneTime ? [agree(oneTime.curve, beginning.ephemeral)] : []),
  ])
  const id = sessionId({
    began: theirs,
    answers: own,
    signed: { curve: signed.curve.public },
    oneTime: oneTime && { curve: oneTime.curve.public },
    kemKey: pair.publicKey,
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
