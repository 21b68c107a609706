import { secp256k1 } from '@noble/curves/secp256k1.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

const { Fn } = secp256k1.Point
const MASTER = utf8ToBytes('Bitcoin seed')
/** The number from which on an index is hardened. */
export const HARDENED = 2 ** 31

interface Extended {
  readonly key: Uint8Array
  readonly chainCode: Uint8Array
}

/**
 * The private key (32 bytes) at a path below a seed (BIP-32): private derivation only, since nothing here knows a public
 * key whose private one it doesn't. Wipes what lies in between. An index whose key would be 0 or beyond the order is an error
 * by BIP-32; nobody will ever see it (a chance of 2^-127), so it throws.
 */
export function privateKeyAt(seed: Uint8Array, path: readonly number[]): Uint8Array {
  const { key, chainCode } = extendedAt(seed, path)
  chainCode.fill(0)
  return key
}

/** The private keys right below a path, by their index, when they are asked for: the seed may be wiped meanwhile. */
export function keysBelow(seed: Uint8Array, path: readonly number[]): (index: number) => Uint8Array {
  const parent = extendedAt(seed, path)
  return (index) => {
    const { key, chainCode } = child(parent, index)
    chainCode.fill(0)
    return key
  }
}

function extendedAt(seed: Uint8Array, path: readonly number[]): Extended {
  let at = halves(hmac(sha512, MASTER, seed))
  Fn.fromBytes(at.key)
  for (const index of path) {
    const next = child(at, index)
    wipe(at)
    at = next
  }
  return at
}

/** CKDpriv. */
function child({ key, chainCode }: Extended, index: number): Extended {
  const data = new Uint8Array(37)
  data.set(index >= HARDENED ? key : secp256k1.getPublicKey(key), index >= HARDENED ? 1 : 0)
  new DataView(data.buffer).setUint32(33, index)
  const made = halves(hmac(sha512, chainCode, data))
  data.fill(0)
  const sum = Fn.add(Fn.fromBytes(made.key), Fn.fromBytes(key))
  if (Fn.is0(sum)) throw new RangeError(`There is no key at ${index}`)
  made.key.set(Fn.toBytes(sum))
  return made
}

function halves(wide: Uint8Array): Extended {
  const split = { key: wide.slice(0, 32), chainCode: wide.slice(32) }
  wide.fill(0)
  return split
}

function wipe({ key, chainCode }: Extended): void {
  key.fill(0)
  chainCode.fill(0)
}
