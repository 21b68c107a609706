import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { agree, nobleCurves, webCurves } from './curve.ts'
import { derive } from './kdf.ts'
import { nodeCurves } from './node-crypto.ts'

type Hex<K extends string> = Readonly<Record<K, string>>
interface Vectors {
  readonly x25519: readonly Hex<'scalar' | 'u' | 'result'>[]
  readonly hkdf: readonly Hex<'ikm' | 'salt' | 'info' | 'okm'>[]
  readonly mlkem768: {
    readonly keys: readonly Hex<'seed' | 'ek' | 'dk'>[]
    readonly encapsulations: readonly Hex<'m' | 'ek' | 'c' | 'K'>[]
    readonly decapsulations: readonly Hex<'seed' | 'c' | 'K'>[]
    readonly implicitRejections: readonly Hex<'seed' | 'c' | 'K'>[]
    readonly refusedKeys: readonly string[]
  }
}
const FILE = new URL('../../../test/vectors/encryption.json', import.meta.url)
const vectors = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors

const CURVES = { node: nodeCurves, web: webCurves, noble: nobleCurves }

describe.each(Object.entries(CURVES))('X25519, %s', (_, curves) => {
  it.each(vectors.x25519)('RFC 7748: $result', async ({ scalar, u, result }) => {
    const secret = hexToBytes(scalar)
    const own = { secret, public: x25519.getPublicKey(secret) }
    expect(bytesToHex(await curves.agree(own, hexToBytes(u)))).toBe(result)
  })

  it('refuses points of low order', async () => {
    const own = await curves.keyPair()
    for (const first of [0, 1]) {
      const low = Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? first : 0))
      await expect(curves.agree(own, low)).rejects.toThrow()
      await expect(agree(own, low)).rejects.toMatchObject({ code: 'BAD_KEY' })
    }
  })

  it('agrees with the other', async () => {
    const [ours, theirs] = [await curves.keyPair(), await nobleCurves.keyPair()]
    expect(await curves.agree(ours, theirs.public)).toEqual(await nobleCurves.agree(theirs, ours.public))
  })

  it('takes a signature of Ed25519 for its own message and key, and nothing else', async () => {
    const { secretKey, publicKey } = ed25519.keygen()
    const message = new Uint8Array([1, 2, 3])
    const signature = ed25519.sign(message, secretKey)
    expect(await curves.verify(signature, message, publicKey)).toBe(true)
    expect(await curves.verify(signature, message.with(0, 2), publicKey)).toBe(false)
    expect(await curves.verify(signature.with(40, signature[40]! ^ 1), message, publicKey)).toBe(false)
    expect(await curves.verify(signature.subarray(1), message, publicKey)).toBe(false)
    expect(await curves.verify(signature, message, new Uint8Array(31))).toBe(false)
    expect(await curves.verify(signature, message, new Uint8Array(32).fill(255))).toBe(false)
  })
})

it.each(vectors.hkdf)('HKDF-SHA256, RFC 5869: $okm', ({ ikm, salt, info, okm }) => {
  const result = derive(hexToBytes(ikm), hexToBytes(salt), hexToBytes(info), okm.length / 2)
  expect(bytesToHex(result)).toBe(okm)
})

describe('ML-KEM-768, FIPS 203', () => {
  const { keys, encapsulations, decapsulations, implicitRejections, refusedKeys } = vectors.mlkem768

  it.each(keys)('grows keys from a seed', ({ seed, ek, dk }) => {
    const pair = ml_kem768.keygen(hexToBytes(seed))
    expect([bytesToHex(pair.publicKey), bytesToHex(pair.secretKey)]).toEqual([ek, dk])
  })

  it.each(encapsulations)('encapsulates', ({ m, ek, c, K }) => {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(hexToBytes(ek), hexToBytes(m))
    expect([bytesToHex(cipherText), bytesToHex(sharedSecret)]).toEqual([c, K])
  })

  it.each([...decapsulations, ...implicitRejections])('decapsulates, or rejects without a sign', (given) => {
    const { secretKey, publicKey } = ml_kem768.keygen(hexToBytes(given.seed))
    for (const kem of [ml_kem768, ml_kem768.prepare(publicKey)])
      expect(bytesToHex(kem.decapsulate(hexToBytes(given.c), secretKey))).toBe(given.K)
  })

  it.each(refusedKeys)('refuses a key outside its field', (ek) => {
    expect(() => ml_kem768.encapsulate(hexToBytes(ek))).toThrow()
  })
})
