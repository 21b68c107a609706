import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { randomBytes, wipe } from './bytes.ts'
import { agree, keyPair } from './curve.ts'
import { SecureError } from './errors.ts'
import {
  HEADER_KEY_BYTES,
  NONCE_BYTES,
  SEALED_HEADER_BYTES,
  markOf,
  markedNonce,
  matches,
  openHeader,
  recognizer,
  sealHeader,
  type Header,
  type Mark,
} from './header.ts'
import { INFO, chainStep, derive, nonceOf } from './kdf.ts'
import type { KeyPair } from './platform.ts'
import { findSkipped, keepSkipped, withoutSkipped, type SkippedChain, type SkippedKey } from './skipped.ts'

/** A symmetric chain and the header key that goes with it. */
export interface Chain {
  readonly key: Uint8Array
  /** Number of the next message: Ns or Nr. */
  readonly number: number
  /** HKs or HKr. */
  readonly header: Uint8Array
}

/**
 * The state of a Double Ratchet with header encryption (section 4 of the specification; its names in brackets). Our next
 * ratchet key is made when we answer, not when theirs comes: a state at rest holds no key that a thief could wait with.
 * Functions return a new state and leave the old one.
 */
export interface Ratchet {
  /** [RK] */
  readonly root: Uint8Array
  /** [DHRs] From our first message of a chain until their answer. */
  readonly own: KeyPair | undefined
  /** [DHRr] From their answer until ours. */
  readonly theirs: Uint8Array | undefined
  /** [CKs, Ns, HKs] Undefined until the first message after theirs. */
  readonly sending: Chain | undefined
  /** [CKr, Nr, HKr] */
  readonly receiving: Chain | undefined
  /** [NHKs] */
  readonly nextSending: Uint8Array
  /** [NHKr] */
  readonly nextReceiving: Uint8Array
  /** [PN] */
  readonly previous: number
  /** [MKSKIPPED] */
  readonly skipped: readonly SkippedChain[]
}

/** What both sides have after the handshake. */
export interface SharedSecrets {
  /** [SK] */
  readonly root: Uint8Array
  /** [shared_hka] Headers of the one who began. */
  readonly firstHeader: Uint8Array
  /** [shared_nhkb] Headers of the first answer. */
  readonly answerHeader: Uint8Array
}

/** Bytes that a message takes beside its plaintext and what stands before it. */
export const MESSAGE_BYTES = NONCE_BYTES + SEALED_HEADER_BYTES + 16

/** How many messages may be missing before one that comes [MAX_SKIP]. */
const MAX_MISSING = 1_000

/** RatchetInitAliceHE: the side that began, which can send at once. */
export async function beginningRatchet(shared: SharedSecrets, theirs: Uint8Array): Promise<Ratchet> {
  const own = await keyPair()
  const { root, key, next } = await rootStep(shared.root, own, theirs)
  return {
    root,
    own,
    theirs: undefined,
    sending: { key, number: 0, header: shared.firstHeader },
    receiving: undefined,
    nextSending: next,
    nextReceiving: shared.answerHeader,
    previous: 0,
    skipped: [],
  }
}

/** RatchetInitBobHE: the side that answers; its first ratchet key is the signed prekey. */
export function answeringRatchet(shared: SharedSecrets, own: KeyPair): Ratchet {
  return {
    root: shared.root,
    own,
    theirs: undefined,
    sending: undefined,
    receiving: undefined,
    nextSending: shared.answerHeader,
    nextReceiving: shared.firstHeader,
    previous: 0,
    skipped: [],
  }
}

/** KDF_RK_HE: the next root key, the chain key and the next header key. */
async function rootStep(rootKey: Uint8Array, own: KeyPair, theirs: Uint8Array) {
  const shared = await agree(own, theirs)
  const keys = derive(shared, rootKey, INFO.root, 64 + HEADER_KEY_BYTES)
  wipe(shared)
  const parts = { root: keys.slice(0, 32), key: keys.slice(32, 64), next: keys.slice(64) }
  wipe(keys)
  return parts
}

/** Whether there is a chain to send on, or what the next one is made from. */
export const canSend = ({ sending, theirs }: Ratchet): boolean =>
  sending !== undefined || theirs !== undefined

/** The second half of DHRatchetHE: a new ratchet key of our own, and its chain. */
async function answerStep(ratchet: Ratchet) {
  const { root, theirs, sending, own, nextSending } = ratchet
  if (sending && own) return { ...ratchet, sending, own }
  if (!theirs) throw new SecureError('Nothing came on this session yet', { code: 'NOT_READY' })
  const fresh = await keyPair()
  const step = await rootStep(root, fresh, theirs)
  const chain = { key: step.key, number: 0, header: nextSending }
  return {
    ...ratchet,
    root: step.root,
    own: fresh,
    theirs: undefined,
    sending: chain,
    nextSending: step.next,
  }
}

/**
 * RatchetEncryptHE. The message is `prefix`, nonce, encrypted header, encrypted body; `associated` and everything before
 * the body are authenticated with it. Throws SecureError NOT_READY unless `canSend`.
 */
export async function encrypt(
  before: Ratchet,
  associated: Uint8Array,
  prefix: Uint8Array,
  plaintext: Uint8Array,
): Promise<{ ratchet: Ratchet; message: Uint8Array }> {
  const ratchet = await answerStep(before)
  const { sending } = ratchet
  const { messageKey, next } = chainStep(sending.key)
  const salt = nonceOf(sending.key, randomBytes(32), plaintext)
  const nonce = markedNonce(sending.header, salt)
  const header = sealHeader(sending.header, nonce, {
    ratchetKey: ratchet.own.public,
    previous: ratchet.previous,
    number: sending.number,
  })
  const aad = concatBytes(associated, prefix, header)
  const body = xchacha20poly1305(messageKey, nonce, aad).encrypt(plaintext)
  wipe(messageKey)
  return {
    ratchet: { ...ratchet, sending: { ...sending, key: next, number: sending.number + 1 } },
    message: concatBytes(prefix, nonce, header, body),
  }
}

/** A message cut into its parts. */
export interface Cut {
  /** What stands before the nonce. */
  readonly prefix: Uint8Array
  readonly nonce: Uint8Array
  readonly mark: Mark
  readonly header: Uint8Array
  readonly body: Uint8Array
}

/** Cuts what follows `prefixLength` bytes; undefined if that is too short for a message. */
export function cut(bytes: Uint8Array, prefixLength: number): Cut | undefined {
  if (bytes.length < prefixLength + MESSAGE_BYTES) return undefined
  const headerAt = prefixLength + NONCE_BYTES
  const bodyAt = headerAt + SEALED_HEADER_BYTES
  const nonce = bytes.subarray(prefixLength, headerAt)
  return {
    prefix: bytes.subarray(0, prefixLength),
    nonce,
    mark: markOf(nonce),
    header: bytes.subarray(headerAt, bodyAt),
    body: bytes.subarray(bodyAt),
  }
}

/** The header keys under which a message of this ratchet may come. */
export function receivingHeaders({ receiving, nextReceiving, skipped }: Ratchet): Uint8Array[] {
  return [...(receiving ? [receiving.header] : []), nextReceiving, ...skipped.map(({ header }) => header)]
}

/** Whether the message is one of this ratchet. */
export function recognizes(ratchet: Ratchet, mark: Mark): boolean {
  return receivingHeaders(ratchet).some((header) => matches(recognizer(header), mark))
}

/**
 * RatchetDecryptHE of a message that `recognizes` accepted. `now` in seconds since 1970.
 * @throws SecureError TAMPERED, REPLAYED, TOO_FAR.
 */
export async function decrypt(
  ratchet: Ratchet,
  associated: Uint8Array,
  message: Cut,
  now: number,
): Promise<{ ratchet: Ratchet; plaintext: Uint8Array }> {
  const { receiving, nextReceiving } = ratchet
  const isOf = (header: Uint8Array) => matches(recognizer(header), message.mark)
  const ahead = isOf(nextReceiving)
  const chain = ahead ? undefined : receiving && isOf(receiving.header) ? receiving : undefined
  const key = ahead ? nextReceiving : receivingHeaders(ratchet).find(isOf)
  if (!key) throw new SecureError('The message is of another session', { code: 'TAMPERED' })
  const header = openHeader(key, message.nonce, message.header)

  const kept = findSkipped(ratchet.skipped, key, header.number)
  if (kept) {
    const plaintext = openBody(kept.key, associated, message)
    return {
      ratchet: { ...ratchet, skipped: withoutSkipped(ratchet.skipped, key, header.number) },
      plaintext,
    }
  }
  if (ahead) return receive(await dhStep(ratchet, header, now), associated, message, header, now)
  if (!chain || header.number < chain.number)
    throw new SecureError('The message was opened before, or is too old', { code: 'REPLAYED' })
  return receive(ratchet, associated, message, header, now)
}

/** The message of the present receiving chain, after those that are missing. */
function receive(
  ratchet: Ratchet,
  associated: Uint8Array,
  message: Cut,
  header: Header,
  now: number,
): { ratchet: Ratchet; plaintext: Uint8Array } {
  const skipped = skipTo(ratchet, header.number, now)
  const receiving = skipped.receiving!
  const { messageKey, next } = chainStep(receiving.key)
  const plaintext = openBody(messageKey, associated, message)
  wipe(messageKey)
  const moved = { ...receiving, key: next, number: receiving.number + 1 }
  return { ratchet: { ...skipped, receiving: moved }, plaintext }
}

function openBody(messageKey: Uint8Array, associated: Uint8Array, { prefix, nonce, header, body }: Cut) {
  try {
    return xchacha20poly1305(messageKey, nonce, concatBytes(associated, prefix, header)).decrypt(body)
  } catch (cause) {
    throw new SecureError('The message was damaged', { code: 'TAMPERED' }, { cause })
  }
}

/** SkipMessageKeysHE: keeps the keys of messages before `until` in the present receiving chain. */
function skipTo(ratchet: Ratchet, until: number, now: number): Ratchet {
  const { receiving } = ratchet
  if (!receiving || until <= receiving.number) return ratchet
  const missing = until - receiving.number
  if (missing > MAX_MISSING) {
    const text = `${missing} messages before this one are missing`
    throw new SecureError(text, { code: 'TOO_FAR', missing, limit: MAX_MISSING })
  }
  const keys: SkippedKey[] = []
  let { key } = receiving
  for (let number = receiving.number; number < until; number++) {
    const step = chainStep(key)
    keys.push({ number, at: now, key: step.messageKey })
    key = step.next
  }
  return {
    ...ratchet,
    receiving: { ...receiving, key, number: until },
    skipped: keepSkipped(ratchet.skipped, receiving.header, keys),
  }
}

/** The first half of DHRatchetHE, after the end of the chain before; the key that it uses up is not kept. */
async function dhStep(ratchet: Ratchet, header: Header, now: number): Promise<Ratchet> {
  const ended = skipTo(ratchet, header.previous, now)
  if (!ended.own) throw new SecureError('An answer to a key that was not sent', { code: 'TAMPERED' })
  try {
    const { root, key, next } = await rootStep(ended.root, ended.own, header.ratchetKey)
    return {
      ...ended,
      root,
      own: undefined,
      theirs: header.ratchetKey,
      previous: ended.sending?.number ?? 0,
      sending: undefined,
      receiving: { key, number: 0, header: ended.nextReceiving },
      nextReceiving: next,
    }
  } catch (cause) {
    if (!(cause instanceof SecureError)) throw cause
    throw new SecureError('The ratchet key is of low order', { code: 'TAMPERED' }, { cause })
  }
}
