import { x25519 } from '@noble/curves/ed25519.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { chainStep, derive, handshakeSecret } from '../../../client/src/secure/kdf.ts'
import { bodyOf, signalUser, type SignalUser } from './libsignal.ts'

/** The session as libsignal stores it; keys in base64, chains by the ratchet key of who sends on them. */
interface StoredSession {
  readonly currentRatchet: {
    readonly rootKey: string
    readonly ephemeralKeyPair: { readonly pubKey: string }
  }
  readonly pendingPreKey?: { readonly baseKey: string }
  readonly chains: Readonly<
    Record<string, { readonly chainKey: { readonly key: string; readonly counter: number } }>
  >
}

function sessionOf(user: SignalUser, other: SignalUser): StoredSession {
  const record = JSON.parse(user.sessionWith(other)!) as { sessions: Record<string, StoredSession> }
  return Object.values(record.sessions)[0]!
}

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
/** Without the byte that says which curve it is. */
const keyOf = (buffer: ArrayBuffer | Uint8Array) => new Uint8Array(buffer).slice(-32)
const exchange = (secret: ArrayBuffer, theirs: Uint8Array) =>
  x25519.getSharedSecret(new Uint8Array(secret), theirs)

describe('beside libsignal-protocol-typescript', () => {
  it('X3DH, the first step of the root and the steps of a chain give the same keys', async () => {
    const [alice, bob] = [await signalUser('alice'), await signalUser('bob')]
    await alice.begin(bob)
    const begun = sessionOf(alice, bob)
    const identity = (await bob.storage.getIdentityKeyPair())!
    const signed = (await bob.storage.loadSignedPreKey(1))!
    const oneTime = (await bob.storage.loadPreKey(1))!
    const theirs = keyOf((await alice.storage.getIdentityKeyPair())!.pubKey)
    const ephemeral = keyOf(bytesOf(begun.pendingPreKey!.baseKey))
    const ratchetKey = begun.currentRatchet.ephemeralKeyPair.pubKey

    const secrets = [
      exchange(signed.privKey, theirs),
      exchange(identity.privKey, ephemeral),
      exchange(signed.privKey, ephemeral),
      exchange(oneTime.privKey, ephemeral),
    ]
    const root = handshakeSecret(secrets, utf8ToBytes('WhisperText'), 96).slice(0, 32)
    const shared = exchange(signed.privKey, keyOf(bytesOf(ratchetKey)))
    const step = derive(shared, root, utf8ToBytes('WhisperRatchet'), 96)
    expect(step.slice(0, 32)).toEqual(bytesOf(begun.currentRatchet.rootKey))
    let chainKey: Uint8Array = step.slice(32, 64)
    expect(chainKey).toEqual(bytesOf(begun.chains[ratchetKey]!.chainKey.key))

    for (let sent = 0; sent < 5; sent++) {
      const message = await alice.cipherFor(bob).encrypt(utf8ToBytes('hello').buffer)
      const read = await bob.cipherFor(alice).decryptPreKeyWhisperMessage(bodyOf(message), 'binary')
      expect(new Uint8Array(read)).toEqual(utf8ToBytes('hello'))
      chainKey = chainStep(chainKey).next
      expect(chainKey).toEqual(bytesOf(sessionOf(alice, bob).chains[ratchetKey]!.chainKey.key))
      expect(chainKey).toEqual(bytesOf(sessionOf(bob, alice).chains[ratchetKey]!.chainKey.key))
    }
  })

  it('the keys of messages that are missing are the same', async () => {
    const [alice, bob] = [await signalUser('alice'), await signalUser('bob')]
    await alice.begin(bob)
    const ratchetKey = sessionOf(alice, bob).currentRatchet.ephemeralKeyPair.pubKey
    let chainKey: Uint8Array = bytesOf(sessionOf(alice, bob).chains[ratchetKey]!.chainKey.key)
    const bodies: string[] = []
    for (let sent = 0; sent < 4; sent++)
      bodies.push(bodyOf(await alice.cipherFor(bob).encrypt(utf8ToBytes('hello').buffer)))
    await bob.cipherFor(alice).decryptPreKeyWhisperMessage(bodies[3]!, 'binary')
    const chain = sessionOf(bob, alice).chains[ratchetKey] as unknown as {
      messageKeys: Record<string, string>
    }
    for (let number = 0; number < 3; number++) {
      const { messageKey, next } = chainStep(chainKey)
      expect(messageKey).toEqual(bytesOf(chain.messageKeys[number]!))
      chainKey = next
    }
  })
})
