import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'
import { randomBytes, sameBytes, wipe } from './bytes.ts'
import { inNode } from './in-node.ts'
import type { Kem } from './platform.ts'

/** In JavaScript; always there. */
export const nobleKem: Kem = {
  async pair(seed) {
    const { secretKey, publicKey } = ml_kem768.keygen(seed)
    const prepared = ml_kem768.prepare(publicKey)
    return {
      publicKey,
      decapsulate: async (ciphertext) => prepared.decapsulate(ciphertext, secretKey),
      wipe: () => wipe(secretKey),
    }
  },
  async encapsulate(publicKey) {
    const { cipherText: ciphertext, sharedSecret: shared } = ml_kem768.encapsulate(publicKey)
    return { ciphertext, shared }
  },
}

/** https://wicg.github.io/webcrypto-modern-algos/, which the types do not know everywhere yet. */
interface ModernSubtle {
  importKey(
    format: 'raw-seed' | 'raw-public',
    bytes: Uint8Array,
    algorithm: string,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey>
  exportKey(format: 'raw-public', key: CryptoKey): Promise<ArrayBuffer>
  getPublicKey(key: CryptoKey, usages: readonly string[]): Promise<CryptoKey>
  encapsulateBits(algorithm: string, key: CryptoKey): Promise<Record<'sharedKey' | 'ciphertext', ArrayBuffer>>
  decapsulateBits(algorithm: string, key: CryptoKey, ciphertext: Uint8Array): Promise<ArrayBuffer>
}

const ALGORITHM = 'ML-KEM-768'
const subtle = (): ModernSubtle => crypto.subtle as unknown as ModernSubtle

/** WebCrypto with its modern algorithms: several times as fast as JavaScript, and constant-time. */
export const webKem: Kem = {
  async pair(seed) {
    const key = await subtle().importKey('raw-seed', seed, ALGORITHM, false, ['decapsulateBits'])
    const open = await subtle().getPublicKey(key, ['encapsulateBits'])
    return {
      publicKey: new Uint8Array(await subtle().exportKey('raw-public', open)),
      decapsulate: async (ciphertext) =>
        new Uint8Array(await subtle().decapsulateBits(ALGORITHM, key, ciphertext)),
      wipe: () => undefined,
    }
  },
  async encapsulate(publicKey) {
    const key = await subtle().importKey('raw-public', publicKey, ALGORITHM, false, ['encapsulateBits'])
    const { ciphertext, sharedKey } = await subtle().encapsulateBits(ALGORITHM, key)
    return { ciphertext: new Uint8Array(ciphertext), shared: new Uint8Array(sharedKey) }
  },
}

let chosen: Promise<Kem> | undefined

/** The platform's if it has one that agrees with ours in both directions and on a broken ciphertext; ours otherwise. */
export const kem = (): Promise<Kem> => (chosen ??= choose())

async function choose(): Promise<Kem> {
  const platforms = inNode() ? [(await import('./node-crypto.ts')).nodeKem, webKem] : [webKem]
  for (const platform of platforms) if (await agreesWithOurs(platform)) return platform
  return nobleKem
}

async function agreesWithOurs(platform: Kem): Promise<boolean> {
  const seed = randomBytes(64)
  try {
    const [ours, theirs] = [await nobleKem.pair(seed), await platform.pair(seed)]
    const sent = await nobleKem.encapsulate(theirs.publicKey)
    const back = await platform.encapsulate(ours.publicKey)
    const broken = back.ciphertext.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
    const agrees =
      sameBytes(await theirs.decapsulate(sent.ciphertext), sent.shared) &&
      sameBytes(await ours.decapsulate(back.ciphertext), back.shared) &&
      sameBytes(await theirs.decapsulate(broken), await ours.decapsulate(broken))
    ours.wipe()
    return agrees
  } catch {
    return false
  } finally {
    wipe(seed)
  }
}
