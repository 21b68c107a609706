import { createPrivateKey, hkdfSync, sign } from 'node:crypto'
import { p256 } from '@noble/curves/nist.js'

/** Who signals come from, for push services (RFC 8292). */
export interface Vapid {
  /** P-256, uncompressed, 65 bytes. */
  readonly publicKey: Uint8Array
  /** The value of the Authorization header for an endpoint. */
  authorization(endpoint: URL): string
}

const LIFE_SECONDS = 12 * 3_600

/** Keys of a node's own, derived from its node key: what a backup of that brings back, too. `now` in milliseconds. */
export function vapid(nodeKey: Uint8Array, contact: string | undefined, now: () => number): Vapid {
  const seed = new Uint8Array(hkdfSync('sha256', nodeKey, '', 'teahouse/wake/vapid/1', 48))
  const { secretKey, publicKey: compressed } = p256.keygen(seed)
  const publicKey = p256.Point.fromBytes(compressed).toBytes(false)
  const jwk = {
    ...{ kty: 'EC', crv: 'P-256', d: base64(secretKey) },
    ...{ x: base64(publicKey.subarray(1, 33)), y: base64(publicKey.subarray(33)) },
  }
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  return {
    publicKey,
    authorization({ origin }) {
      const exp = Math.floor(now() / 1_000) + LIFE_SECONDS
      const header = { typ: 'JWT', alg: 'ES256' }
      const claims = { aud: origin, exp, ...(contact && { sub: contact }) }
      const text = [header, claims].map((part) => base64(Buffer.from(JSON.stringify(part)))).join('.')
      const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
      return `vapid t=${text}.${base64(signature)}, k=${base64(publicKey)}`
    },
  }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
