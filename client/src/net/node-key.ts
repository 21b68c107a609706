import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { addressOfPublicKey } from '@teahouse/protocol/keys'
import type { Address } from 'viem'

/** Identity multihash of 37 bytes holding { type: secp256k1 (2), data: 33 bytes }; libp2p specs, peer-ids. */
const PREFIX = [0x00, 0x25, 0x08, 0x02, 0x12, 0x21]
const LENGTH = PREFIX.length + 33

/** A node key as both of its faces: libp2p identity and Ethereum address. */
export interface NodeKey {
  readonly peerId: PeerId
  readonly address: Address
}

/** Reads the announced bytes of a peer id; undefined if they don't hold a valid secp256k1 key. */
export function nodeKey(bytes: Uint8Array): NodeKey | undefined {
  if (bytes.length !== LENGTH || PREFIX.some((byte, i) => bytes[i] !== byte)) return undefined
  const compressed = bytes.slice(PREFIX.length)
  try {
    const uncompressed = secp256k1.Point.fromBytes(compressed).toBytes(false)
    return {
      peerId: peerIdFromPublicKey(publicKeyFromRaw(compressed)),
      address: addressOfPublicKey(uncompressed),
    }
  } catch {
    return undefined
  }
}
