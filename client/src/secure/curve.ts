import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { fromBase64, toBase64 } from '../base64.ts'
import { randomBytes, sameBytes, wipe } from './bytes.ts'
import { SecureError } from './errors.ts'
import { inNode } from './in-node.ts'
import type { Curves, KeyPair } from './platform.ts'

/** In JavaScript; always there. */
export const nobleCurves: Curves = {
  async keyPair() {
    const secret = randomBytes(32)
    return { secret, public: x25519.getPublicKey(secret) }
  },
  agree: async (own, theirs) => x25519.getSharedSecret(own.secret, theirs),
  async verify(signature, message, publicKey) {
    try {
      return ed25519.verify(signature, message, publicKey, { zip215: false })
    } catch {
      return false // no point on the curve
    }
  },
}

const X25519 = 'X25519'
const ED25519 = 'Ed25519'

/** Keys as the platform holds them, as long as the pair is in use: making one costs as much as using it. */
const handles = new WeakMap<KeyPair, CryptoKey>()
const publicHandles = new WeakMap<Uint8Array, Promise<CryptoKey>>()

async function handleOf(pair: KeyPair): Promise<CryptoKey> {
  const known = handles.get(pair)
  if (known) return known
  const [x, d] = [toUrl(pair.public), toUrl(pair.secret)]
  const jwk = { kty: 'OKP', crv: X25519, x, d }
  const handle = await crypto.subtle.importKey('jwk', jwk, X25519, false, ['deriveBits'])
  handles.set(pair, handle)
  return handle
}

function publicHandleOf(key: Uint8Array): Promise<CryptoKey> {
  const known = publicHandles.get(key)
  if (known) return known
  const handle = crypto.subtle.importKey('raw', key as BufferSource, X25519, false, [])
  publicHandles.set(key, handle)
  return handle
}

/** WebCrypto with its Secure Curves: ten times as fast as JavaScript, and constant-time. */
export const webCurves: Curves = {
  async keyPair() {
    const generated = await crypto.subtle.generateKey(X25519, true, ['deriveBits'])
    const { x, d } = await crypto.subtle.exportKey('jwk', generated.privateKey)
    const pair = { secret: fromUrl(d!), public: fromUrl(x!) }
    handles.set(pair, generated.privateKey)
    return pair
  },
  async agree(own, theirs) {
    const [mine, other] = await Promise.all([handleOf(own), publicHandleOf(theirs)])
    const bits = await crypto.subtle.deriveBits({ name: X25519, public: other }, mine, 256)
    const shared = new Uint8Array(bits)
    if (shared.every((byte) => byte === 0))
      throw new SecureError('The key is of low order', { code: 'BAD_KEY' })
    return shared
  },
  async verify(signature, message, publicKey) {
    const { subtle } = crypto
    try {
      const key = await subtle.importKey('raw', publicKey as BufferSource, ED25519, false, ['verify'])
      return await subtle.verify(ED25519, key, signature as BufferSource, message as BufferSource)
    } catch {
      return false
    }
  },
}

const toUrl = (bytes: Uint8Array) =>
  toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const fromUrl = (text: string) => fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'))!

let chosen: Promise<Curves> | undefined

/** The platform's curves if it has both, and agrees with ours on random keys and a signature; ours otherwise. */
const curves = (): Promise<Curves> => (chosen ??= choose())

async function choose(): Promise<Curves> {
  const platforms = inNode() ? [(await import('./node-crypto.ts')).nodeCurves, webCurves] : [webCurves]
  for (const platform of platforms) if (await agreesWithOurs(platform)) return platform
  return nobleCurves
}

async function agreesWithOurs(platform: Curves): Promise<boolean> {
  const message = randomBytes(32)
  try {
    const [ours, theirs] = [await nobleCurves.keyPair(), await platform.keyPair()]
    const one = await nobleCurves.agree(ours, theirs.public)
    const other = await platform.agree(theirs, ours.public)
    const signed = ed25519.sign(message, ours.secret)
    const verified = await platform.verify(signed, message, ed25519.getPublicKey(ours.secret))
    wipe(ours.secret, theirs.secret)
    return verified && sameBytes(one, other)
  } catch {
    return false
  }
}

/** A new random key pair. */
export async function keyPair(): Promise<KeyPair> {
  return (await curves()).keyPair()
}

/** The X25519 function: 32 bytes. Throws SecureError BAD_KEY for a public key of low order. */
export async function agree(own: KeyPair, theirs: Uint8Array): Promise<Uint8Array> {
  const { agree: exchange } = await curves()
  try {
    return await exchange(own, theirs)
  } catch (cause) {
    throw new SecureError('The key is of low order', { code: 'BAD_KEY' }, { cause })
  }
}

/** Whether an Ed25519 signature holds; false for anything that is none. */
export async function verify(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): Promise<boolean> {
  return (await curves()).verify(signature, message, publicKey)
}
