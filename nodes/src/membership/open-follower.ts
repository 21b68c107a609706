import { join } from 'node:path'
import { membershipLedger, TREE_DEPTH, type LedgerState } from '@teahouse/protocol/rln'
import type { Base } from '../base.ts'
import { SERVICES } from '../payments/config.ts'
import { termsOf } from '../payments/terms.ts'
import { adoptSnapshot } from './adopt-snapshot.ts'
import { changeStore } from './change-store.ts'
import { followMembership, type Follower } from './follower.ts'
import { registrySource } from './registry-source.ts'
import { rootHistory, type RootHistory } from './root-history.ts'
import { snapshotFiles, type SnapshotFiles } from './snapshot-files.ts'
import { snapshotKeeper } from './snapshot-keeper.ts'

/** The members as the node follows them, and what it can give to others about them. */
export interface Membership {
  readonly follower: Follower
  readonly store: ReturnType<typeof changeStore>
  readonly files: SnapshotFiles
  readonly history: RootHistory
}

/** The operator whose members get a quota here; 0 if nobody does. */
function homeOf({ operatorId, payments }: Base['config']): number {
  return SERVICES.some((service) => termsOf(payments, service).memberQuota > 0) ? operatorId : 0
}

/** Opens what the node knows of the members, from a snapshot where there is one. @throws MembershipError. */
export async function openMembership(base: Base): Promise<Membership> {
  const { config, chain, db, stops } = base
  const { grace: graceSeconds, rootWindow: rootWindowSeconds } = chain.params
  const { MembershipRegistry: registry } = config.contracts
  const log = base.log.child({ module: 'membership' })
  const network = { chainId: config.chainId, registry, depth: TREE_DEPTH }
  const store = changeStore(db.membership)
  const history = rootHistory(db.membership, {
    keepSeconds: config.membership.rootHistorySeconds,
    windowSeconds: rootWindowSeconds,
  })
  const files = snapshotFiles(join(config.dataDir, 'snapshots'), log)
  const home = homeOf(config)
  const source = registrySource(chain.client, registry, home)
  const fromBlock = BigInt(config.chain.fromBlock)
  const blockRange = BigInt(config.chain.blockRange)
  // Windows of roots are counted in the time of blocks; a chain that stands still closes none.
  const startSeconds = () => chain.head.current.timestamp
  const newLedger = (start?: LedgerState) => {
    const ledger = membershipLedger(
      { graceSeconds, rootWindowSeconds, startSeconds: startSeconds(), keepRecords: true },
      start,
    )
    if (home !== 0) ledger.followHome(home, start ? store.homeEntries(home, start.block.number) : [])
    return ledger
  }

  store.followHome(home)
  await adoptSnapshot({
    config: config.membership,
    network,
    graceSeconds,
    source,
    store,
    files,
    home: home === 0 ? undefined : { fromBlock, blockRange },
    log,
  })
  const snapshots = snapshotKeeper({
    files,
    store,
    network,
    graceSeconds,
    rootWindowSeconds,
    everyChanges: config.membership.snapshotEveryChanges,
    newLedger,
    now: () => startSeconds() * 1_000,
    log,
  })
  const follower = followMembership({
    source,
    store,
    emptyLedger: newLedger,
    snapshots,
    history,
    fromBlock,
    blockRange,
    tailBlocks: BigInt(config.chain.tailBlocks),
    log,
  })
  stops.add('membership', async () => {
    follower.save()
    await snapshots.stop()
  })
  return { follower, store, files, history }
}
