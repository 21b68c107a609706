import type { Connection } from '@libp2p/interface'
import {
  decode,
  PROTOCOLS,
  request,
  WakuMetadataRequest,
  WakuMetadataResponse,
} from '@teahouse/protocol/wire'

const MAX_ANSWER_BYTES = 16 * 1024
const TIMEOUT_MS = 5_000

export interface OwnCluster {
  readonly clusterId: number
  readonly shards: readonly number[]
}

/**
 * Asks a peer which cluster it is of; undefined if it does not say. Throws WireError, or what libp2p throws where the
 * peer does not speak the protocol.
 */
export async function askCluster(
  connection: Connection,
  { clusterId, shards }: OwnCluster,
  signal: AbortSignal,
): Promise<number | undefined> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  const stream = await connection.newStream(PROTOCOLS.metadata, { signal: patience })
  const bytes = WakuMetadataRequest.encode({ clusterId, shards: [...shards] })
  const options = { maxBytes: MAX_ANSWER_BYTES, timeoutMs: TIMEOUT_MS, signal }
  return decode(WakuMetadataResponse, await request(stream, bytes, options), { shards: 1_024 }).clusterId
}
