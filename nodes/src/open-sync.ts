import { join } from 'node:path'
import type { Base } from './base.ts'
import type { Net, Service } from './net/index.ts'
import type { Rln } from './open-rln.ts'
import { createSync, newestTime, openMark, scheduleSync, type SyncEvent } from './sync/index.ts'
import { tally, type Tally } from './tally.ts'

export interface SyncParts {
  readonly net: Net
  readonly rln: Pick<Rln, 'follower' | 'validatePast'>
  /** Whether a peer is the node of a registered operator. */
  readonly isOperator: (peerId: string) => boolean
}

export type OpenSync = Service & Pick<Tally<SyncEvent>, 'counts'>

/** Catching up with other archives. It has to start before anything is received, so that the newest message is of before this start. */
export function openSync(base: Base, parts: SyncParts): OpenSync {
  const counts = tally<SyncEvent>()
  let running: Service | undefined
  return {
    async start() {
      running = await newSync(base, parts, counts)
      await running?.start()
    },
    async stop() {
      await running?.stop()
      running = undefined
    },
    counts: counts.counts,
  }
}

async function newSync(
  base: Base,
  { net, rln, isOperator }: SyncParts,
  counts: Tally<SyncEvent>,
): Promise<Service | undefined> {
  const { archive, topics, now } = base
  const config = base.config.sync
  if (!config.enabled) return undefined
  const log = base.log.child({ module: 'sync' })
  const mark = await openMark(join(base.config.dataDir, 'sync.json'), log)
  const newest = mark.until ?? (await newestTime(archive))
  if (newest !== undefined) await mark.save(newest)
  const configured = new Set(config.peers.map((address) => address.slice(address.lastIndexOf('/') + 1)))
  const isAllowed = (peerId: string) => configured.has(peerId) || isOperator(peerId)
  const sync = createSync(config, {
    net,
    archive,
    topics,
    validate: rln.validatePast,
    isAllowed,
    counts,
    log,
  })
  const schedule = scheduleSync(config, {
    net,
    archive,
    sync,
    mark,
    isAllowed,
    isReady: () => rln.follower.state === 'ready',
    retention: base.config.store.retention,
    now,
    log,
  })
  return {
    async start() {
      await sync.start()
      schedule.start()
    },
    async stop() {
      await sync.stop()
      await schedule.stop()
    },
  }
}
