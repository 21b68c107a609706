import { concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { builtinCrypto } from './in-node.ts'
import type { Curves, Kem, KeyPair } from './platform.ts'

type DerType = 'pkcs8' | 'spki'
interface KeyObject {
  export(options: { readonly format: 'der'; readonly type: DerType }): Uint8Array
}
type Der = { readonly key: Uint8Array; readonly format: 'der'; readonly type: DerType }

/** What is used of `node:crypto`. */
interface NodeCrypto {
  createPrivateKey(key: Der): KeyObject
  createPublicKey(key: Der | KeyObject): KeyObject
  generateKeyPairSync(type: 'x25519'): { readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  diffieHellman(keys: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }): Uint8Array
  verify(algorithm: null, message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean
  encapsulate(key: KeyObject): Readonly<Record<'sharedKey' | 'ciphertext', Uint8Array>>
  decapsulate(key: KeyObject, ciphertext: Uint8Array): Uint8Array
}

/** What stands before the bytes of a key in PKCS #8 and SubjectPublicKeyInfo (RFC 8410; for ML-KEM-768 draft-ietf-lamps-kyber-certificates, the seed alone). */
const DER = {
  x25519Secret: hexToBytes('302e020100300506032b656e04220420'),
  x25519: hexToBytes('302a300506032b656e032100'),
  ed25519: hexToBytes('302a300506032b6570032100'),
  mlKemSeed: hexToBytes('3054020100300b060960864801650304040204428040'),
  mlKem: hexToBytes('308204b2300b0609608648016503040402038204a100'),
} as const

const KEM_KEY_BYTES = 1_184
const CIPHERTEXT_BYTES = 1_088

/** A copy of its own, which nothing else holds. */
const copied = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)

function nodeCrypto(): NodeCrypto {
  const found = builtinCrypto()
  if (!found) throw new TypeError('This is not Node')
  return found as NodeCrypto
}

const publicKey = (prefix: Uint8Array, key: Uint8Array): KeyObject =>
  nodeCrypto().createPublicKey({ key: concatBytes(prefix, key), format: 'der', type: 'spki' })

function secretKey(prefix: Uint8Array, secret: Uint8Array): KeyObject {
  const key = concatBytes(prefix, secret)
  try {
    return nodeCrypto().createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  } finally {
    key.fill(0)
  }
}

/** Keys as OpenSSL holds them, as long as the pair is in use: making one costs more than using it. */
const handles = new WeakMap<KeyPair, KeyObject>()

function handleOf(pair: KeyPair): KeyObject {
  const known = handles.get(pair)
  if (known) return known
  const handle = secretKey(DER.x25519Secret, pair.secret)
  handles.set(pair, handle)
  return handle
}

/** The curves of OpenSSL, without the trip to another thread that each call of WebCrypto takes. */
export const nodeCurves: Curves = {
  async keyPair() {
    const made = nodeCrypto().generateKeyPairSync('x25519')
    const secret = made.privateKey.export({ format: 'der', type: 'pkcs8' })
    const open = made.publicKey.export({ format: 'der', type: 'spki' })
    const pair = {
      secret: copied(secret.subarray(DER.x25519Secret.length)),
      public: copied(open.subarray(DER.x25519.length)),
    }
    secret.fill(0)
    handles.set(pair, made.privateKey)
    return pair
  },
  async agree(own, theirs) {
    const keys = { privateKey: handleOf(own), publicKey: publicKey(DER.x25519, theirs) }
    return copied(nodeCrypto().diffieHellman(keys))
  },
  async verify(signature, message, key) {
    try {
      return nodeCrypto().verify(null, message, publicKey(DER.ed25519, key), signature)
    } catch {
      return false // no point on the curve
    }
  },
}

/** ML-KEM-768 of OpenSSL 3.5 and later. */
export const nodeKem: Kem = {
  async pair(seed) {
    const key = secretKey(DER.mlKemSeed, seed)
    const open = nodeCrypto().createPublicKey(key).export({ format: 'der', type: 'spki' })
    return {
      publicKey: copied(open.subarray(DER.mlKem.length)),
      async decapsulate(ciphertext) {
        if (ciphertext.length !== CIPHERTEXT_BYTES) throw new RangeError('A ciphertext has 1,088 bytes')
        return copied(nodeCrypto().decapsulate(key, ciphertext))
      },
      wipe: () => undefined,
    }
  },
  async encapsulate(key) {
    if (key.length !== KEM_KEY_BYTES) throw new RangeError('A public key has 1,184 bytes')
    const { sharedKey, ciphertext } = nodeCrypto().encapsulate(publicKey(DER.mlKem, key))
    return { ciphertext: copied(ciphertext), shared: copied(sharedKey) }
  },
}
