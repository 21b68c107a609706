import type { Connection } from '@libp2p/interface'
import { decode, DialBackRequest, DialBackResponse, PROTOCOLS, request } from '@teahouse/protocol/wire'
import type { Net } from '../net/index.ts'
import { MAX_ADDRESSES } from './config.ts'
import { RESULTS } from './service.ts'

const MAX_ANSWER_BYTES = 4 * 1024
/** More than the other side takes for one address. */
const TIMEOUT_MS = 8_000
/** Peers that are asked at a time. */
const PEERS = 3

/** What a peer says of an address of this node. */
export type Reached = 'reached' | 'failed' | 'untried'

export interface DialledBack {
  /** Peer id of who dialled. */
  readonly peerId: string
  readonly addresses: readonly { readonly multiaddr: string; readonly result: Reached }[]
}

const NAMES: Readonly<Record<number, Reached>> = Object.fromEntries(
  Object.entries(RESULTS).map(([name, value]) => [value, name as Reached]),
)

/** Asks a few peers to dial the node's own addresses, operators first. Peers that refuse or don't speak it are left out. */
export async function askDialBack(
  net: Net,
  { isOperator }: { readonly isOperator: (peerId: string) => boolean },
): Promise<DialledBack[]> {
  const addresses = net.getMultiaddrs().map((address) => address.toString().split('/p2p/')[0]!)
  const asked = [...new Set(addresses)].slice(0, MAX_ADDRESSES)
  const peers = new Map(
    net.getConnections().map((connection) => [connection.remotePeer.toString(), connection]),
  )
  const inOrder = [...peers].sort(([a], [b]) => Number(isOperator(b)) - Number(isOperator(a)))
  const answers: DialledBack[] = []
  for (let at = 0; at < inOrder.length && answers.length < PEERS; at += PEERS) {
    const some = inOrder.slice(at, at + PEERS).map(async ([peerId, connection]) => {
      const results = await resultsOf(connection, asked).catch(() => undefined)
      if (results)
        answers.push({
          peerId,
          addresses: asked.map((address, n) => ({ multiaddr: address, result: results[n]! })),
        })
    })
    await Promise.all(some)
  }
  return answers.slice(0, PEERS)
}

/** Undefined if the peer says nothing of these addresses. Throws what libp2p and the wire throw. */
async function resultsOf(connection: Connection, multiaddrs: string[]): Promise<Reached[] | undefined> {
  const patience = AbortSignal.timeout(TIMEOUT_MS)
  const stream = await connection.newStream(PROTOCOLS.dialBack, { signal: patience })
  const options = { maxBytes: MAX_ANSWER_BYTES, timeoutMs: TIMEOUT_MS, signal: patience }
  const answer = await request(stream, DialBackRequest.encode({ multiaddrs }), options)
  const { statusCode, results } = decode(DialBackResponse, answer, { results: MAX_ADDRESSES })
  if (statusCode !== 200 || results.length !== multiaddrs.length) return undefined
  return results.map((result) => NAMES[result] ?? 'untried')
}
