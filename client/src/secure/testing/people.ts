import { ed25519 } from '@noble/curves/ed25519.js'
import { memoryStore, type KeyValueStore } from '../../storage/store.ts'
import { createSessions } from '../sessions.ts'
import type { ChatIdentity, Opened, Sessions, SessionsOptions } from '../types.ts'

export const NOW = Date.UTC(2026, 10, 26)

export function identity(): ChatIdentity {
  const { secretKey, publicKey } = ed25519.keygen()
  return { publicKey, sign: (message) => ed25519.sign(message, secretKey) }
}

/** One device of somebody, whose process may end and start again over the same store. */
export interface Person {
  readonly sessions: Sessions
  readonly storage: KeyValueStore
  readonly identity: ChatIdentity
  /** The same device after its process ended without a word. */
  restart(): Promise<Person>
}

const STORAGE_KEY = new Uint8Array(32).fill(5)

export async function person(options: Partial<SessionsOptions> = {}): Promise<Person> {
  const given = {
    storage: memoryStore(),
    storageKey: STORAGE_KEY,
    scope: 'test',
    identity: identity(),
    now: () => NOW,
    oneTimeKeys: 2,
    ...options,
  }
  const sessions = await createSessions(given)
  return { sessions, storage: given.storage, identity: given.identity, restart: () => person(given) }
}

/** Begins a session of `from` with `to`, as from a bundle that was just fetched. */
export async function begin(from: Person, to: Person): Promise<void> {
  await from.sessions.start(to.sessions.address.account, await to.sessions.bundle())
}

export const say = (from: Person, to: Person, text: string): Promise<Uint8Array> =>
  from.sessions.seal(to.sessions.address, new TextEncoder().encode(text))

export const textOf = (opened: Opened | undefined): string | undefined =>
  opened && new TextDecoder().decode(opened.plaintext)

export const hear = async (who: Person, bytes: Uint8Array): Promise<string | undefined> =>
  textOf(await who.sessions.open(bytes))

/** Two who have heard from each other. */
export async function pair(options: Partial<SessionsOptions> = {}): Promise<[Person, Person]> {
  const [alice, bob] = [await person(options), await person(options)]
  await begin(alice, bob)
  await hear(bob, await say(alice, bob, 'hello'))
  await hear(alice, await say(bob, alice, 'hello to you'))
  return [alice, bob]
}
