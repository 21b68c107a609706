/** An X25519 key pair (RFC 7748); 32 bytes each. */
export interface KeyPair {
  readonly secret: Uint8Array
  readonly public: Uint8Array
}

/** What a platform can do with Curve25519. */
export interface Curves {
  /** A new random key pair. */
  keyPair(): Promise<KeyPair>
  /** The X25519 function. Throws if the result would be zero (RFC 7748, section 6.1). */
  agree(own: KeyPair, theirs: Uint8Array): Promise<Uint8Array>
  /** Whether an Ed25519 signature (RFC 8032) holds; false for anything that is none. */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): Promise<boolean>
}

/** A pair of ML-KEM-768 (FIPS 203), grown from its seed. */
export interface KemPair {
  /** 1,184 bytes. */
  readonly publicKey: Uint8Array
  /** The shared secret in a ciphertext (1,088 bytes): 32 bytes, and for one that was not made for this pair just others. */
  decapsulate(ciphertext: Uint8Array): Promise<Uint8Array>
  /** Wipes what is in the hands of JavaScript. */
  wipe(): void
}

/** What a platform can do with ML-KEM-768. */
export interface Kem {
  /** The pair of d ‖ z, 64 bytes (algorithm 16). */
  pair(seed: Uint8Array): Promise<KemPair>
  /** A fresh secret for whoever has the pair of a public key. Throws for bytes that are no key (section 7.2). */
  encapsulate(publicKey: Uint8Array): Promise<{ ciphertext: Uint8Array; shared: Uint8Array }>
}
