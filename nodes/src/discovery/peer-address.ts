import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { bytesToHex, type Address } from 'viem'
import { publicKeyToAddress } from 'viem/accounts'

/** Identity multihash of 37 bytes holding { type: secp256k1 (2), data: 33 bytes }; libp2p specs, peer-ids. */
const PREFIX = Uint8Array.of(0x00, 0x25, 0x08, 0x02, 0x12, 0x21)
const COMPRESSED_BYTES = 33

/** Reads the bytes of a peer id whose key is a secp256k1 one; undefined for anything else. */
export function readPeerId(
  bytes: Uint8Array,
): { readonly peerId: PeerId; readonly address: Address } | undefined {
  const key = bytes.slice(PREFIX.length)
  if (key.length !== COMPRESSED_BYTES || Buffer.compare(bytes.subarray(0, PREFIX.length), PREFIX) !== 0)
    return undefined
  try {
    const uncompressed = secp256k1.Point.fromBytes(key).toBytes(false)
    return {
      peerId: peerIdFromPublicKey(publicKeyFromRaw(key)),
      address: publicKeyToAddress(bytesToHex(uncompressed)),
    }
  } catch {
    return undefined
  }
}
