import { epochAt } from '@teahouse/protocol/rln'
import { hexToBytes } from 'viem'
import type { Base } from './base.ts'
import {
  lease,
  leaseDesk,
  postgresBook,
  sqliteBook,
  type LeaseBook,
  type LeaseCounts,
} from './lease/index.ts'
import type { Net, Service } from './net/index.ts'
import { heedRestored } from './operator/restored.ts'
import { oldestKept } from './rln/nullifier-log.ts'
import { openPool } from './store/postgres/pool.ts'

/** Connections for leases: few, so that they never wait behind messages, nor messages behind them. */
const CONNECTIONS = 2

export interface Leases {
  readonly counts: () => LeaseCounts
  service(net: Net): Service
  close(): Promise<void>
}

/** Which message ids the node has granted to whom, in every profile: who was chosen by an account stays so for some epochs. */
export async function openLeases(base: Base): Promise<Leases> {
  const { config, chain, now } = base
  const log = base.log.child({ module: 'lease' })
  const { epochSeconds, rlnIdentifier } = chain.params
  const book = openBook(base)
  // A book from a backup may lack what was granted since: for this epoch, or for the next one.
  await heedRestored(config.dataDir, (at) =>
    book.prune(epochAt(Math.max(at, Math.floor(now() / 1_000)), epochSeconds) + 2n),
  )
  const identifier = hexToBytes(rlnIdentifier)
  const desk = leaseDesk(config.lease, { book, identifier, epochSeconds, now })
  chain.head.onBlock('leases', async ({ timestamp }) => {
    const epochNow = epochAt(Math.floor(now() / 1_000), epochSeconds)
    const epochOfBlock = epochAt(timestamp, epochSeconds)
    await desk.prune(oldestKept({ epochNow, epochOfBlock, epochSlack: config.rln.epochSlack }))
  })
  return {
    counts: desk.counts,
    service: (net) => lease(config.lease, { net, desk, now, log }),
    close: () => book.close(),
  }
}

/** Where the archive is shared, so are the leases: processes with one key are one node to everybody. */
function openBook({ config, db, key, log }: Base): LeaseBook {
  const { database } = config.store
  if (database.engine === 'sqlite') return sqliteBook(db.leases)
  const pool = openPool({ ...database, connections: CONNECTIONS }, log)
  return postgresBook(pool, key.account.address, database.retryMs)
}
