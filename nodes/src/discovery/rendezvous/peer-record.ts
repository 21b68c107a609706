import type { PeerId } from '@libp2p/interface'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPublicKey } from '@libp2p/peer-id'
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record'
import type { Multiaddr } from '@multiformats/multiaddr'
import { readAddresses, withoutPeerId } from '../addresses.ts'
import { MAX_RECORD_BYTES } from './messages.ts'

export interface SignedPeer {
  readonly peerId: PeerId
  /** Each with the peer id at its end. */
  readonly addresses: readonly Multiaddr[]
  readonly seq: bigint
}

/** A libp2p peer record (RFC 0003) in its signed envelope (RFC 0002). */
export async function signPeerRecord(
  privateKey: Uint8Array,
  addresses: readonly Multiaddr[],
  seq: bigint,
): Promise<Uint8Array> {
  const key = privateKeyFromRaw(privateKey)
  const peerId = peerIdFromPublicKey(key.publicKey)
  const record = new PeerRecord({ peerId, multiaddrs: addresses.map(withoutPeerId), seqNumber: seq })
  return (await RecordEnvelope.seal(record, key)).marshal()
}

/** Reads a signed peer record; undefined for anything that its own key did not sign. */
export async function readPeerRecord(bytes: Uint8Array): Promise<SignedPeer | undefined> {
  if (bytes.length > MAX_RECORD_BYTES) return undefined
  try {
    const envelope = await RecordEnvelope.openAndCertify(bytes, PeerRecord.DOMAIN)
    if (Buffer.compare(envelope.payloadType, PeerRecord.CODEC) !== 0) return undefined
    const { peerId, multiaddrs, seqNumber } = PeerRecord.createFromProtobuf(envelope.payload)
    if (!peerId.equals(peerIdFromPublicKey(envelope.publicKey))) return undefined
    const addresses = readAddresses(
      multiaddrs.map((address) => address.bytes),
      peerId,
    )
    return { peerId, addresses, seq: seqNumber }
  } catch {
    return undefined
  }
}
