import type { Net } from '../../net/index.ts'
import { decodeEnr, shardsOf, WireError, type Enr } from '@teahouse/protocol/wire'
import { hostOf } from '../addresses.ts'
import { shuffled } from '../choose.ts'
import { peerIdOf, recordAddresses } from '../record-addresses.ts'

/** Records of other nodes. */
export interface RecordPool {
  /** Takes a record of the cluster: kept while its node is connected, the newest one. */
  add(read: ReadRecord): void
  has(peerId: string): boolean
  /** Up to `count` records, at random, of nodes that are connected from where their record says they are. */
  share(count: number, except: string): Uint8Array[]
}

export interface ReadRecord {
  readonly bytes: Uint8Array
  readonly enr: Enr
  readonly peerId: string
}

/** A record of the cluster; undefined for one of another, or one that is not valid. */
export function readRecord(bytes: Uint8Array, clusterId: number): ReadRecord | undefined {
  try {
    const enr = decodeEnr(bytes)
    if (shardsOf(enr.pairs)?.clusterId !== clusterId) return undefined
    return { bytes, enr, peerId: peerIdOf(enr).toString() }
  } catch (err) {
    if (err instanceof WireError) return undefined
    throw err
  }
}

export function recordPool(net: Net): RecordPool {
  const records = new Map<string, ReadRecord>()
  net.addEventListener('peer:disconnect', ({ detail }) => records.delete(detail.toString()))

  /** A record could name a stranger's address, to have it dialled by everybody. */
  function isWhereItSays({ enr }: ReadRecord): boolean {
    const hosts = new Set(recordAddresses(enr).map(hostOf))
    return net.getConnections(peerIdOf(enr)).some(({ remoteAddr }) => hosts.has(hostOf(remoteAddr)))
  }

  return {
    add(read) {
      const known = records.get(read.peerId)
      if (known && known.enr.seq >= read.enr.seq) return
      if (net.getConnections(peerIdOf(read.enr)).length > 0) records.set(read.peerId, read)
    },
    has: (peerId) => records.has(peerId),
    share: (count, except) =>
      shuffled([...records.values()])
        .filter((record) => record.peerId !== except && isWhereItSays(record))
        .slice(0, count)
        .map(({ bytes }) => bytes),
  }
}
