import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/**
 * What leases are signed with and asked of, derived from the RLN secret and the network's RLN identifier by HKDF-SHA256. Not
 * from the number of a membership: RLN knows a message id by secret and epoch alone, whichever membership it was proved for.
 */
export function leaseKeys(secret: bigint, identifier: Uint8Array) {
  const derive = (info: string, more: Uint8Array = new Uint8Array(0)): Uint8Array => {
    const material = hexToBytes(secret.toString(16).padStart(64, '0'))
    const key = hkdf(sha256, material, identifier, concatBytes(utf8ToBytes(info), more), 32)
    material.fill(0)
    return key
  }
  const ranking = derive('teahouse/lease-nodes/1')
  return {
    /** The Ed25519 seed of one list in one epoch; wipe it after use. */
    seed(epoch: bigint, list: number): Uint8Array {
      const place = new DataView(new ArrayBuffer(9))
      place.setBigUint64(0, epoch)
      place.setUint8(8, list)
      return derive('teahouse/lease-key/1', new Uint8Array(place.buffer))
    },
    /** Rendezvous hashing: operators in an order that only this secret knows, and that others joining or leaving don't change. */
    ranked(operators: readonly number[]): number[] {
      const rank = (operator: number): string => {
        const id = new DataView(new ArrayBuffer(4))
        id.setUint32(0, operator)
        return bytesToHex(hmac(sha256, ranking, new Uint8Array(id.buffer)))
      }
      const ranks = new Map(operators.map((operator) => [operator, rank(operator)]))
      return [...operators].sort((a, b) => (ranks.get(a)! < ranks.get(b)! ? -1 : 1))
    },
  }
}

export type LeaseKeys = ReturnType<typeof leaseKeys>
