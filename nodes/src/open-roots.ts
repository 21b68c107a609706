import { join } from 'node:path'
import type { Base } from './base.ts'
import type { Charge, Net, Service } from './net/index.ts'
import { stopMark } from './rln/stop-mark.ts'
import {
  messageReceipts,
  postgresBook,
  promiseBook,
  rootDesk,
  rootService,
  scheduleRoots,
  sqliteBook,
  type RootBook,
  type RootDesk,
  type RootEvent,
  type RootSchedule,
  type Speaker,
} from './roots/index.ts'
import { openPool } from './store/postgres/pool.ts'
import { tally, type Tally } from './tally.ts'

/** Connections for the roots: few, so that they never wait behind messages, nor messages behind them. */
const CONNECTIONS = 2

export interface Roots {
  readonly desk: RootDesk
  /** Records roots, if the node signs any, and answers peers. */
  part(net: Net, charge: Charge): Service
  readonly counts: Tally<RootEvent>['counts']
  close(): Promise<void>
}

/** What the node says of the hours of its archive, once each. */
export function openRoots(base: Base): Roots {
  const { config, key, chain, archive, topics, now } = base
  const { roots, operatorId: operator } = config
  const log = base.log.child({ module: 'roots' })
  const speaker: Speaker = {
    chainId: config.chainId,
    court: config.contracts.ArchiveCourt,
    node: key.account.address,
    cluster: config.clusterId,
  }
  const book = openBook(base, speaker)
  const desk = rootDesk({ book, speaker, account: key.account })
  const folder = config.dataDir
  const chainTime = () => chain.head.current.timestamp
  // Processes that share an archive would have to agree on when an hour closes.
  const promises = config.store.database.engine === 'sqlite' ? promiseBook(base.db.roots) : undefined
  const counts = tally<RootEvent>()
  const deps = { archive, book, promises, speaker, operator, folder, topics, now, chainTime, counts, log }
  return {
    desk,
    counts: counts.counts,
    part(net, charge) {
      let schedule: RootSchedule | undefined
      const isOpen = (hour: bigint) => schedule?.isOpen(hour) ?? false
      const signing = { archive, book, isOpen, speaker, operator, account: key.account }
      const receipts =
        promises && roots.enabled && operator !== 0 && config.courts.receipts
          ? messageReceipts({ ...signing, promises, liability: roots.liability })
          : undefined
      const answers = rootService(roots, { net, desk, receipts, charge, log })
      return {
        async start() {
          schedule = roots.enabled && operator !== 0 ? scheduleRoots(roots, deps) : undefined
          await schedule?.start()
          await answers.start()
        },
        async stop() {
          await answers.stop()
          await schedule?.stop()
        },
      }
    },
    close: () => book.close(),
  }
}

/** Where the archive is shared, so is the book: processes with one key must not contradict each other. */
function openBook({ config, db, log }: Base, speaker: Speaker): RootBook {
  const { database } = config.store
  if (database.engine === 'sqlite')
    return sqliteBook(db.roots, speaker, stopMark(join(config.dataDir, 'roots.stop')))
  const pool = openPool({ ...database, connections: CONNECTIONS }, log)
  return postgresBook(pool, speaker, database.retryMs)
}
