import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { TeahouseError } from '@teahouse/protocol/errors'
import type { Account } from '../account/account.ts'
import {
  checkLocks,
  noSuchLock,
  openWithKey,
  unwrapKey,
  wrapKey,
  type AccountFile,
  type Lock,
} from '../account/keystore/account-file.ts'
import { toBase64Url, utf8 } from '../account/text.ts'

export class PasskeyError extends TeahouseError<
  /** This browser or authenticator has no PRF extension. */
  | { readonly code: 'NO_PRF' }
  /** The person said no, took too long, or has no such passkey here. */
  | { readonly code: 'REFUSED' }
> {}

type PasskeyLock = Extract<Lock, { kind: 'passkey' }>

const INFO = utf8('teahouse/passkey-lock/1')
const KEY_BYTES = 32
/** EdDSA, ES256, RS256 (COSE): nothing is signed that anybody checks, the PRF is all that is wanted. */
const ALGORITHMS = [-8, -7, -257]

/**
 * Makes a passkey whose PRF (WebAuthn level 3) opens the account file, too. It is a lock beside the passphrase: whoever loses the
 * passkey still has that, and the phrase. `key` is what `fileKey` gives.
 * @throws PasskeyError NO_PRF, REFUSED; KeystoreError TOO_MANY_LOCKS.
 */
export async function addPasskey(file: AccountFile, key: Uint8Array, label: string): Promise<AccountFile> {
  checkLocks(file.locks.length + 1)
  const salt = randomBytes(32)
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: randomBytes(32),
        rp: { name: 'Teahouse' },
        user: { id: randomBytes(16), name: label, displayName: label },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  )
  const prf = made.getClientExtensionResults().prf
  if (!prf?.enabled) throw noPrf()
  const credential = new Uint8Array(made.rawId)
  const output = prf.results ? bytesOf(prf.results.first) : (await askPrf([{ credential, salt }])).output
  const kek = kekOf(output, salt)
  const lock: PasskeyLock = {
    kind: 'passkey',
    credential,
    salt,
    ...wrapKey('passkey', file.address, kek, key),
  }
  kek.fill(0)
  return { ...file, locks: [...file.locks, lock] }
}

/**
 * Opens an account file with any of its passkeys: the person or the browser chooses.
 * @throws PasskeyError NO_PRF, REFUSED; KeystoreError NO_SUCH_LOCK, WRONG_PASSPHRASE, BAD_KEYSTORE.
 */
export async function openWithPasskey(file: AccountFile): Promise<Account> {
  const locks = file.locks.filter((lock) => lock.kind === 'passkey')
  if (locks.length === 0) throw noSuchLock('passkey')
  const { lock, output } = await askPrf(locks)
  const kek = kekOf(output, lock.salt)
  const key = unwrapKey(lock, file.address, kek)
  kek.fill(0)
  try {
    return openWithKey(file, key)
  } finally {
    key.fill(0)
  }
}

/** Asks for one of these credentials, and each about its own salt. */
async function askPrf<T extends Pick<PasskeyLock, 'credential' | 'salt'>>(
  locks: readonly T[],
): Promise<{ lock: T; output: Uint8Array }> {
  const salts = locks.map(
    ({ credential, salt }) => [toBase64Url(credential), { first: salt as BufferSource }] as const,
  )
  const asserted = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: randomBytes(32),
        allowCredentials: locks.map(({ credential }) => ({
          type: 'public-key',
          id: credential as BufferSource,
        })),
        userVerification: 'required',
        extensions: { prf: { evalByCredential: Object.fromEntries(salts) } },
      },
    }),
  )
  const id = toBase64Url(new Uint8Array(asserted.rawId))
  const lock = locks.find(({ credential }) => toBase64Url(credential) === id)
  if (!lock) throw noSuchLock('passkey')
  const results = asserted.getClientExtensionResults().prf?.results
  if (!results) throw noPrf()
  return { lock, output: bytesOf(results.first) }
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await ask()
    if (credential) return credential as PublicKeyCredential
  } catch (cause) {
    throw new PasskeyError('The passkey was not given', { code: 'REFUSED' }, { cause })
  }
  throw new PasskeyError('The passkey was not given', { code: 'REFUSED' })
}

/** Wipes the PRF's output. */
function kekOf(output: Uint8Array, salt: Uint8Array): Uint8Array {
  const kek = hkdf(sha256, output, salt, INFO, KEY_BYTES)
  output.fill(0)
  return kek
}

const bytesOf = (given: BufferSource): Uint8Array =>
  ArrayBuffer.isView(given)
    ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
    : new Uint8Array(given)

const randomBytes = (length: number): Uint8Array<ArrayBuffer> =>
  crypto.getRandomValues(new Uint8Array(length))

const noPrf = (): PasskeyError =>
  new PasskeyError('This passkey can open nothing: its authenticator has no PRF', { code: 'NO_PRF' })
