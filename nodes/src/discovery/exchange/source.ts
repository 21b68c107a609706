import type { Connection } from '@libp2p/interface'
import { decode, MAX_ENR_BYTES, PeerExchangeRpc, PROTOCOLS, request } from '@teahouse/protocol/wire'
import type { Logger } from 'pino'
import type { Net } from '../../net/index.ts'
import type { Candidate } from '../candidates.ts'
import { shuffled } from '../choose.ts'
import { paced, peersThatSpeak } from '../peers.ts'
import { peerIdOf, recordAddresses } from '../record-addresses.ts'
import type { Source } from '../source.ts'
import { readRecord, type ReadRecord, type RecordPool } from './records.ts'
import { MAX_RECORDS, STATUS } from './server.ts'

/** Records to ask one peer for: it alone does not decide whom a node knows. */
const WANTED = 20
/** Peers asked at a time. */
const ASKED = 8
const TIMEOUT_MS = 5_000
const MAX_ANSWER_BYTES = MAX_RECORDS * (MAX_ENR_BYTES + 16) + 1_024

export interface ExchangeSourceDeps {
  readonly net: Net
  readonly pool: RecordPool
  readonly clusterId: number
  readonly log: Logger
}

/** Asks the peers that the node is connected with for records of others, each every `askMs`. */
export function exchangeSource(
  { intervalMs, askMs }: { readonly intervalMs: number; readonly askMs: number },
  { net, pool, clusterId, log }: ExchangeSourceDeps,
): Source {
  const pace = paced(askMs)

  async function ask(connection: Connection, signal: AbortSignal): Promise<ReadRecord[]> {
    try {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
      const stream = await connection.newStream(PROTOCOLS.peerExchange, { signal: patience })
      const query = PeerExchangeRpc.encode({ query: { numPeers: BigInt(WANTED) } })
      const options = { maxBytes: MAX_ANSWER_BYTES, timeoutMs: TIMEOUT_MS, signal }
      const bytes = await request(stream, query, options)
      const { response } = decode(PeerExchangeRpc, bytes, { response: { peerInfos: MAX_RECORDS } })
      if (response?.statusCode !== undefined && response.statusCode !== STATUS.ok) return []
      return (response?.peerInfos ?? [])
        .slice(0, WANTED)
        .flatMap(({ enr }) => readRecord(enr, clusterId) ?? [])
    } catch (err) {
      log.debug({ err, peerId: connection.remotePeer.toString() }, 'A peer told no other nodes')
      return []
    }
  }

  return {
    name: 'exchange',
    everyMs: intervalMs,
    async find(signal) {
      const peers = await peersThatSpeak(net, PROTOCOLS.peerExchange)
      const asked = shuffled(peers.filter(pace.isDue)).slice(0, ASKED)
      for (const connection of asked) pace.done(connection)
      const records = (await Promise.all(asked.map((connection) => ask(connection, signal)))).flat()
      for (const record of records) pool.add(record)
      return records.map(({ enr }): Candidate => ({ peerId: peerIdOf(enr), addresses: recordAddresses(enr) }))
    },
  }
}
