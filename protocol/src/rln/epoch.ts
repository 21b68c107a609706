import { hexToBytes } from '@noble/hashes/utils.js'
import { poseidon2 } from './poseidon.ts'
import { ProofError } from './errors.ts'
import { checkLength, fromLittleEndian, hashToField, toLittleEndian } from './field.ts'
import { keccak_256 } from '@noble/hashes/sha3.js'

const encoder = new TextEncoder()

/** floor(unix time / period), both in seconds. Throws ProofError BAD_EPOCH for a negative time or a period < 1. */
export function epochAt(unixSeconds: number, epochSeconds: number): bigint {
  if (
    !(unixSeconds >= 0 && Number.isInteger(epochSeconds) && epochSeconds >= 1) ||
    unixSeconds === Infinity
  ) {
    throw new ProofError('No epoch at this time', {
      code: 'BAD_EPOCH',
      value: `${unixSeconds}/${epochSeconds}`,
    })
  }
  return BigInt(Math.floor(unixSeconds / epochSeconds))
}

/** An epoch as 32 little-endian bytes. Throws ProofError BAD_EPOCH unless 0 <= epoch < 2^256. */
export function epochBytes(epoch: bigint): Uint8Array {
  if (epoch < 0n || epoch >> 256n !== 0n) {
    throw new ProofError('The epoch does not fit in 32 bytes', { code: 'BAD_EPOCH', value: epoch.toString() })
  }
  return toLittleEndian(epoch)
}

/** The epoch of its 32 little-endian bytes. Throws ProofError BAD_LENGTH. */
export function epochOfBytes(bytes: Uint8Array): bigint {
  checkLength('epoch', bytes, 32)
  return fromLittleEndian(bytes)
}

/**
 * The application's name in 32 bytes: keccak256("teahouse/rln/1" ‖ chain id, 32 bytes big-endian ‖ registry, 20 bytes).
 * So a share made on one network never meets one made on another. Throws ProofError BAD_ADDRESS.
 */
export function rlnIdentifier(chainId: number | bigint, registry: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{40}$/.test(registry)) {
    throw new ProofError('The registry is no address', { code: 'BAD_ADDRESS', value: registry })
  }
  return keccak_256
    .create()
    .update(encoder.encode('teahouse/rln/1'))
    .update(toLittleEndian(BigInt(chainId)).reverse())
    .update(hexToBytes(registry.slice(2)))
    .digest()
}

/** Poseidon(H(epoch), H(application)) of the two 32-byte values. Throws ProofError BAD_LENGTH. */
export function externalNullifier(epoch: Uint8Array, identifier: Uint8Array): bigint {
  checkLength('epoch', epoch, 32)
  checkLength('rlnIdentifier', identifier, 32)
  return poseidon2([hashToField(epoch), hashToField(identifier)])
}

/** The parts of a message that its proof binds; an absent timestamp counts as 0. */
export interface BoundMessage {
  readonly payload: Uint8Array
  readonly contentTopic: string
  /** Nanoseconds since 1970, as in the message (sint64). */
  readonly timestamp?: bigint | undefined
}

/**
 * x = H(payload ‖ content topic ‖ timestamp as 8 bytes little-endian), where a message's share is taken.
 * Throws ProofError BAD_TIMESTAMP for a timestamp outside sint64.
 */
export function messageX({ payload, contentTopic, timestamp = 0n }: BoundMessage): bigint {
  if (BigInt.asIntN(64, timestamp) !== timestamp) {
    throw new ProofError('The timestamp is no sint64', { code: 'BAD_TIMESTAMP', value: timestamp.toString() })
  }
  const time = new Uint8Array(8)
  new DataView(time.buffer).setBigInt64(0, timestamp, true)
  return hashToField(payload, encoder.encode(contentTopic), time)
}
