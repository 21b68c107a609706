import type { KeyValueStore } from '../storage/store.ts'

/** One device of one account. Both are 64 lower-case hex digits, so that addresses compare and sort as text. */
export interface DeviceAddress {
  /** The account's chat identity: an Ed25519 public key. */
  readonly account: string
  /** The device's own X25519 public key; it lives and dies with the device's state. */
  readonly device: string
}

/** Signs cards of devices, and nothing else: no message ever carries a signature over its content. */
export interface ChatIdentity {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** An Ed25519 signature of 64 bytes (RFC 8032). */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>
}

export interface SessionsOptions {
  /** Durable memory of this device. Two `Sessions` over one store notice each other, but work best one at a time. */
  readonly storage: KeyValueStore
  /** 32 bytes; everything that is stored is sealed under keys derived from it. The array may be wiped afterwards. */
  readonly storageKey: Uint8Array
  /** Names the persona in the store; short ASCII. */
  readonly scope: string
  readonly identity: ChatIdentity
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** One-time prekeys that a bundle offers, 1 to 50; 10 by default, with which a bundle fits into 16 kB. */
  readonly oneTimeKeys?: number
}

/** What a card says, its signature checked. */
export interface Card {
  readonly address: DeviceAddress
  /** When the account signed it, in milliseconds since 1970. */
  readonly issuedAt: number
}

/** What a bundle says, its signatures checked. */
export interface Bundle extends Card {
  /** When it was made, in milliseconds since 1970: of two bundles of a device the later one counts. */
  readonly madeAt: number
  /** How many one-time prekeys it offers. */
  readonly oneTimeKeys: number
}

/** A message that was for us. */
export interface Opened {
  /** Proven: who sealed it held the device's key, and the account had signed for that device. */
  readonly from: DeviceAddress
  readonly plaintext: Uint8Array
  /** Whether it began a session: nothing had come on it before. */
  readonly began: boolean
}

/**
 * `none`: there is nothing to send on. `started`: nothing has come back yet, so every message carries what the other side
 * needs to begin. `confirmed`: something has.
 */
export type SessionState = 'none' | 'started' | 'confirmed'

/** The plaintext, or how to make it (with its padding) when it is known how many bytes `seal` will add. */
export type Plaintext = Uint8Array | ((overhead: number) => Uint8Array)

/**
 * The end-to-end encryption of one device: PQXDH to begin with a device that may be offline, then the Double Ratchet with
 * header encryption. It speaks to one device at a time; a message to a person is sealed once for each of their devices.
 *
 * Nothing that must not be used twice leaves before its use is on disk. A call that throws has changed nothing, and may be
 * made again. Calls about one device take turns; others run side by side. Derivations and layouts: docs/secure-chat.md.
 */
export interface Sessions {
  readonly address: DeviceAddress
  /**
   * `new`: there was no state. `copied`: there was one, but it had been copied or restored to this place, and may go on
   * elsewhere; it was discarded. Both have made a new device, whose card and bundle nobody knows yet.
   */
  readonly origin: 'stored' | 'new' | 'copied'

  /** This device's certificate, signed by the account: bytes to publish, always the same. */
  card(): Uint8Array
  /** Card and prekeys: bytes to publish, from which anybody starts a session. The same until `replenish` changes them. */
  bundle(): Promise<Uint8Array>
  /**
   * Makes one-time prekeys in the place of those that were used or are old, a new signed prekey every two weeks, and deletes
   * what is due. Returns the new bundle if there is something new to publish. Call it at every start, after sessions began,
   * and once a day.
   */
  replenish(): Promise<Uint8Array | undefined>

  /**
   * Begins a session with the device of a bundle; the next `seal` uses it, also if there was one before. Takes one of the
   * bundle's one-time prekeys at random. Fetch the bundle anew, and check that `account` is whom you mean.
   * @throws SecureError BAD_CARD, BAD_BUNDLE, WRONG_ACCOUNT, CONFLICT. StorageError.
   */
  start(account: string, bundle: Uint8Array): Promise<DeviceAddress>
  /**
   * Encrypts for one device. The state from which no key can come again is on disk when this resolves.
   * A retry of a message that was sealed sends the same bytes; sealing again makes another message.
   * @throws SecureError NO_SESSION, CONFLICT. StorageError. What a function `plaintext` throws: then nothing changed.
   */
  seal(to: DeviceAddress, plaintext: Plaintext): Promise<Uint8Array>
  /**
   * Decrypts what may be for us; undefined if it is not, which includes whatever is no message at all.
   *
   * `keep` runs before the key is given up: store the plaintext there, and a crash at any moment loses nothing (the message
   * may come a second time then: tell it by its hash). If it throws, nothing changed. It must not call this `Sessions`.
   * @throws SecureError TAMPERED, REPLAYED, TOO_FAR, PREKEY_GONE, BAD_CARD, CONFLICT. StorageError.
   */
  open(bytes: Uint8Array, keep?: (opened: Opened) => Promise<void>): Promise<Opened | undefined>

  state(to: DeviceAddress): SessionState
  /** The devices of an account with which there is a session. */
  devices(account: string): DeviceAddress[]
  /** Ends all sessions with an account, and deletes their keys. What began them can't begin them again. */
  forget(account: string): Promise<void>
  /** Wipes the keys in memory, after what is under way. Calls from then on throw CLOSED. */
  close(): Promise<void>
}
