import { setImmediate as turn } from 'node:timers/promises'
import type { Address } from 'viem'
import type { Logger } from 'pino'
import {
  loadSnapshot,
  type LedgerState,
  type MembershipLedger,
  type Snapshot,
  SnapshotError,
  type SnapshotHeader,
  snapshotHeader,
  type TreeCheck,
  writeSnapshot,
} from '@teahouse/protocol/rln'
import type { BlockRef } from '../chain/head.ts'
import type { ChangeStore } from './change-store.ts'
import type { SnapshotFiles } from './snapshot-files.ts'

export interface KeeperDeps {
  readonly files: SnapshotFiles
  readonly store: ChangeStore
  readonly network: { readonly chainId: number; readonly registry: Address; readonly depth: number }
  readonly graceSeconds: number
  readonly rootWindowSeconds: number
  /** Changes after which a snapshot is due, unless an eighth of all is more. */
  readonly everyChanges: number
  /** Builds a ledger, empty or from a state; it has to keep its records. */
  readonly newLedger: (start?: LedgerState) => MembershipLedger
  /** The time of the chain's head, in milliseconds since 1970. */
  readonly now: () => number
  readonly log: Logger
}

/** Writes snapshots of the ledger, starts from them, and rehashes in the background what it started from. */
export interface SnapshotKeeper {
  /** A ledger from the newest snapshot that fits the store, else an empty one; the store's later changes come on top. */
  restore(): MembershipLedger
  /** True once the background check found a wrong node in what `restore` gave: restore again. */
  readonly damaged: boolean
  /** Whether what `restore` gave is still being rehashed. */
  readonly checking: boolean
  /** Writes a snapshot if enough has changed since the last. `block` is the one the ledger is at. */
  saveIfDue(ledger: MembershipLedger, block: BlockRef): void
  /** Writes a snapshot if anything has changed since the last. */
  save(ledger: MembershipLedger, block: BlockRef): void
  /** Discards snapshots of blocks above `number`: the chain no longer holds them. */
  dropAbove(number: bigint): void
  /** Resolves when the background check has ended, one way or the other. */
  checked(): Promise<void>
  stop(): Promise<void>
}

/** Hashes between two turns of the event loop: about 5 ms. */
const HASHES_A_TURN = 200
/** Trees up to this many hashes are checked before they are used: about 0.2 s. */
const CHECK_AT_ONCE = 8_192
const RECORD_BYTES = 64

export function snapshotKeeper(deps: KeeperDeps): SnapshotKeeper {
  const { files, store, network, log } = deps
  let damaged = false
  let savedChanges = 0
  let checking: Promise<void> | undefined
  let generation = 0

  /**
   * A young snapshot lacks roots that were replaced shortly before it and are still valid, so an older one is better
   * as long as the changes after it are stored.
   */
  function fits(header: SnapshotHeader): boolean {
    const { base } = store
    const last = store.last()
    const stored = store.block(header.blockNumber)
    if (!last || header.blockNumber > last.number) return false
    if (stored && stored.hash !== header.blockHash) return false
    if (base !== undefined) return header.blockNumber >= base
    return header.timestamp < deps.now() / 1_000 - deps.rootWindowSeconds
  }

  function load(header: SnapshotHeader, snapshot: Snapshot): MembershipLedger | undefined {
    try {
      const expected = { ...header, ...network, graceSeconds: deps.graceSeconds }
      const { state, check } = loadSnapshot(snapshot, expected)
      if (check.left <= CHECK_AT_ONCE) check.step(CHECK_AT_ONCE)
      else checking = watch(check, header, generation)
      savedChanges = header.changeCount
      return deps.newLedger(state)
    } catch (err) {
      if (!(err instanceof SnapshotError)) throw err
      log.error({ err, block: Number(header.blockNumber) }, 'Discarded a snapshot that does not hold')
      files.remove(header)
      return undefined
    }
  }

  async function watch(check: TreeCheck, header: SnapshotHeader, started: number): Promise<void> {
    try {
      while (generation === started && !check.step(HASHES_A_TURN)) await turn()
      if (generation === started) log.info({ block: Number(header.blockNumber) }, 'Rehashed the snapshot')
    } catch (err) {
      if (generation !== started) return
      log.error({ err, block: Number(header.blockNumber) }, 'The snapshot holds a wrong node; building anew')
      files.remove(header)
      damaged = true
    } finally {
      if (generation === started) checking = undefined
    }
  }

  function save(ledger: MembershipLedger, block: BlockRef): void {
    const state = ledger.state()
    if (!state || checking || damaged) return
    const changes = state.records.length / RECORD_BYTES
    const { chainId, registry } = network
    const header = snapshotHeader(state, { chainId, registry, blockHash: block.hash })
    if (changes === savedChanges || header.blockNumber !== block.number) return
    const keepBefore = deps.now() / 1_000 - deps.rootWindowSeconds
    files.save(header, writeSnapshot(header, state), keepBefore)
    savedChanges = changes
    log.debug({ block: Number(block.number), changes }, 'Wrote a snapshot of the members')
  }

  return {
    get damaged() {
      return damaged
    },
    get checking() {
      return checking !== undefined
    },
    restore() {
      generation++
      damaged = false
      checking = undefined
      savedChanges = 0
      for (const header of files.list()) {
        if (!fits(header)) continue
        const snapshot = files.read(header)
        const ledger = snapshot && load(header, snapshot)
        if (ledger) return ledger
      }
      return deps.newLedger()
    },
    saveIfDue(ledger, block) {
      const changes = (ledger.state()?.records.length ?? 0) / RECORD_BYTES
      if (changes - savedChanges >= Math.max(deps.everyChanges, savedChanges / 8)) save(ledger, block)
    },
    save,
    dropAbove: files.removeAbove,
    checked: async () => await checking,
    async stop() {
      generation++
      await checking
    },
  }
}
