import {
  KeyHelper,
  SessionBuilder,
  SessionCipher,
  SignalProtocolAddress,
  type DeviceType,
  type KeyPairType,
  type StorageType,
} from '@privacyresearch/libsignal-protocol-typescript'

/** A user of libsignal-protocol-typescript, its store a map in memory. */
export interface SignalUser {
  readonly address: SignalProtocolAddress
  readonly bundle: DeviceType
  readonly storage: StorageType
  cipherFor(other: SignalUser): SessionCipher
  /** X3DH from the other's bundle. */
  begin(other: SignalUser): Promise<void>
  /** The session with another as the library stored it. */
  sessionWith(other: SignalUser): string | undefined
}

/** A user with a signed prekey and one one-time prekey. */
export async function signalUser(name: string): Promise<SignalUser> {
  const address = new SignalProtocolAddress(name, 1)
  const identity = await KeyHelper.generateIdentityKeyPair()
  const registrationId = KeyHelper.generateRegistrationId()
  const prekey = await KeyHelper.generatePreKey(1)
  const signed = await KeyHelper.generateSignedPreKey(identity, 1)
  const sessions = new Map<string, string>()
  const storage = storageOf(identity, registrationId, prekey.keyPair, signed.keyPair, sessions)
  return {
    address,
    storage,
    bundle: {
      identityKey: identity.pubKey,
      registrationId,
      preKey: { keyId: 1, publicKey: prekey.keyPair.pubKey },
      signedPreKey: { keyId: 1, publicKey: signed.keyPair.pubKey, signature: signed.signature },
    },
    cipherFor: (other) => new SessionCipher(storage, other.address),
    begin: async (other) =>
      void (await new SessionBuilder(storage, other.address).processPreKey(other.bundle)),
    sessionWith: (other) => sessions.get(other.address.toString()),
  }
}

function storageOf(
  identity: KeyPairType,
  registrationId: number,
  prekey: KeyPairType,
  signed: KeyPairType,
  sessions: Map<string, string>,
): StorageType {
  return {
    getIdentityKeyPair: async () => identity,
    getLocalRegistrationId: async () => registrationId,
    isTrustedIdentity: async () => true,
    saveIdentity: async () => true,
    loadPreKey: async () => prekey,
    storePreKey: async () => {},
    removePreKey: async () => {},
    loadSignedPreKey: async () => signed,
    storeSignedPreKey: async () => {},
    removeSignedPreKey: async () => {},
    loadSession: async (address) => sessions.get(address),
    storeSession: async (address, record) => void sessions.set(address, record),
  }
}

/** What the library returns as a string of bytes, as it wants it back. */
export const bodyOf = ({ body }: { body?: string }): string => {
  if (body === undefined) throw new Error('libsignal made no message')
  return body
}
