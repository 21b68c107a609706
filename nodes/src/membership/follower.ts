import type { Hex } from 'viem'
import type { Logger } from 'pino'
import {
  type HomeEntry,
  LedgerError,
  type MembershipLedger,
  type MembershipRoots,
  type RootStatus,
} from '@teahouse/protocol/rln'
import { isBehind, type BlockRef } from '../chain/head.ts'
import type { BlockWithChanges, ChangeAt, ChangeStore } from './change-store.ts'
import { MembershipError } from './errors.ts'
import { recentRoots } from './recent-roots.ts'
import type { RootHistory } from './root-history.ts'
import type { SnapshotKeeper } from './snapshot-keeper.ts'

/** Where the follower reads from; both answers for the chain that is canonical when asked. */
export interface MembershipSource {
  changes(from: bigint, to: bigint): Promise<ChangeAt[]>
  /** Who came to the home that is followed, and who left it, in order; without a home nobody. */
  homes(from: bigint, to: bigint): Promise<HomeEntry[]>
  block(number: bigint): Promise<BlockRef | undefined>
  /** The registry's ledger word after block `number`. */
  ledgerHash(number: bigint): Promise<Hex>
}

export interface FollowerDeps {
  readonly source: MembershipSource
  readonly store: ChangeStore
  /** Makes an empty ledger. */
  readonly emptyLedger: () => MembershipLedger
  /** Starts from snapshots and writes them; without it every start replays all stored changes. */
  readonly snapshots?: SnapshotKeeper
  /** Remembers which roots were valid when. */
  readonly history?: RootHistory
  readonly fromBlock: bigint
  readonly blockRange: bigint
  readonly tailBlocks: bigint
  readonly log: Logger
}

/** Blocks for which the roots after them are remembered. */
const ROOTS_KEPT = 256

export type FollowerState = 'behind' | 'ready' | 'mismatch'

/** Follows the registry's events; the same events give every node the same roots. */
export interface Follower {
  readonly state: FollowerState
  readonly ledger: MembershipLedger
  /** The membership after a recent block, the last one read without a hash; undefined if it is not remembered. */
  rootsAfter(blockHash?: Hex): MembershipRoots | undefined
  /** How a root stands at the newest block read. The time of blocks alone decides, so that nodes agree whatever their clocks say. */
  rootStatus(root: bigint): RootStatus
  /** Writes what was read to a snapshot, for a quick start. */
  save(): void
  /**
   * Reads up to `head`: rolls back what was reorganised, stores, applies, compares with the registry's hash.
   * @throws MembershipError LEDGER_MISMATCH (state becomes `mismatch` and everything is read again at the next call), REORGANISED
   * when the chain moved under the reading (just call again); whatever the source throws.
   */
  sync(head: BlockRef): Promise<void>
}

export function followMembership(deps: FollowerDeps): Follower {
  const { source, store, log, tailBlocks, snapshots, history } = deps
  const roots = recentRoots(ROOTS_KEPT)
  let state: FollowerState = 'behind'
  let ledger = rebuild()

  function rebuild(): MembershipLedger {
    history?.dropAbove(store.last()?.number ?? -1n)
    const fresh = snapshots?.restore() ?? deps.emptyLedger()
    try {
      // Without its snapshot, what comes after it is of no use.
      if (!fresh.block && store.base !== undefined) store.truncateAbove(-1n)
      for (const stored of store.after(fresh.block?.number ?? -1n)) applyTo(fresh, stored)
    } catch (err) {
      if (!(err instanceof LedgerError)) throw err
      log.error({ err }, 'Discarded stored changes that do not follow from each other')
      forget(-1n)
      return deps.emptyLedger()
    }
    return fresh
  }

  /** Drops stored blocks that the chain no longer holds. */
  async function rollBack(head: BlockRef): Promise<void> {
    const isThere = async (block: BlockRef): Promise<boolean> =>
      isBehind(head, block) ?? (await source.block(block.number))?.hash === block.hash
    const last = store.last()
    let common = last
    while (common && !(await isThere(common))) common = store.before(common.number)
    if (common?.number === last?.number) return
    log.warn(
      { from: Number(last!.number), to: Number(common?.number ?? -1n) },
      'Rolled back a reorganisation',
    )
    forget(common?.number ?? -1n)
    ledger = rebuild()
  }

  function forget(above: bigint): void {
    snapshots?.dropAbove(above)
    roots.dropAbove(above)
    history?.dropAbove(above)
    store.truncateAbove(above)
  }

  async function readRange(from: bigint, to: bigint, head: BlockRef): Promise<void> {
    const changes = await source.changes(from, to)
    const numbers = new Set(changes.map(({ blockNumber }) => blockNumber))
    const tailFrom = head.number - tailBlocks + 1n
    for (let number = from > tailFrom ? from : tailFrom; number <= to; number++) numbers.add(number)
    numbers.add(to)
    const ordered = [...numbers].sort((a, b) => (a < b ? -1 : 1))
    const blocks = (await readBlocks(ordered, head)).map((block) => ({
      block,
      changes: changesIn(block, changes),
    }))
    checkLinks(blocks.map(({ block }) => block))
    for (const { block, changes: found } of blocks) {
      applyTo(ledger, { block, changes: found.map(({ change }) => change) })
      if (block.number > head.number - BigInt(ROOTS_KEPT)) roots.note(block, ledger)
      if (history && block.timestamp >= head.timestamp - history.keepSeconds)
        history.note(block, ledger.roots())
    }
    store.append(blocks)
  }

  async function readBlocks(numbers: readonly bigint[], head: BlockRef): Promise<BlockRef[]> {
    const read = async (number: bigint) => (number === head.number ? head : source.block(number))
    const blocks: BlockRef[] = []
    for (let at = 0; at < numbers.length; at += 16) {
      const batch = await Promise.all(numbers.slice(at, at + 16).map(read))
      batch.forEach((block, offset) => {
        if (!block) throw reorganised(numbers[at + offset]!)
        blocks.push(block)
      })
    }
    return blocks
  }

  function checkLinks(blocks: readonly BlockRef[]): void {
    let previous = store.last()
    for (const block of blocks) {
      const adjacent = previous && previous.number === block.number - 1n
      if (adjacent && previous!.hash !== block.parentHash) throw reorganised(block.number)
      previous = block
    }
  }

  async function compare(head: BlockRef): Promise<void> {
    const actual = await source.ledgerHash(head.number)
    if (actual.toLowerCase() === ledger.ledgerHash.toLowerCase()) return
    if ((await source.block(head.number))?.hash !== head.hash) throw reorganised(head.number)
    const detail = { block: head.number.toString(), expected: actual, actual: ledger.ledgerHash }
    throw new MembershipError("The changes read do not give the registry's ledger hash", {
      code: 'LEDGER_MISMATCH',
      ...detail,
    })
  }

  function startOver(): void {
    forget(-1n)
    ledger = deps.emptyLedger()
  }

  async function readTo(head: BlockRef): Promise<void> {
    if (snapshots?.damaged) ledger = rebuild()
    await rollBack(head)
    const last = store.last()
    for (let from = last ? last.number + 1n : deps.fromBlock; from <= head.number; from += deps.blockRange) {
      const to = from + deps.blockRange - 1n
      await readRange(from, to < head.number ? to : head.number, head)
    }
    await compare(head)
    if (!roots.newest) roots.note(head, ledger) // after a start without new blocks
    snapshots?.saveIfDue(ledger, head)
    store.pruneEmptyBelow(head.number - tailBlocks)
  }

  return {
    get state() {
      return snapshots?.damaged ? 'behind' : state
    },
    get ledger() {
      return ledger
    },
    rootsAfter: (blockHash) => (blockHash === undefined ? roots.newest : roots.after(blockHash)),
    rootStatus: (root) => ledger.rootStatus(root, ledger.block?.timestamp ?? 0),
    save() {
      const last = store.last()
      if (state === 'ready' && last && ledger.block?.number === last.number) snapshots?.save(ledger, last)
    },
    async sync(head) {
      try {
        await readTo(head)
        if (state !== 'ready')
          log.info({ block: Number(head.number), members: ledger.memberCount }, 'Knows all members')
        state = 'ready'
      } catch (err) {
        const mismatch = err instanceof LedgerError || isMismatch(err)
        if (mismatch) {
          state = 'mismatch'
          startOver()
        } else if (ledger.block?.number !== store.last()?.number) {
          ledger = rebuild()
        }
        throw mismatch ? asMismatch(err, head) : err
      }
    },
  }
}

function applyTo(ledger: MembershipLedger, { block, changes }: BlockWithChanges): void {
  const at = { number: block.number, timestamp: block.timestamp }
  ledger.advance(at)
  for (const change of changes) {
    if (change.kind === 'homeSet') ledger.setHome(change, at)
    else ledger.apply(change, at)
  }
}

function changesIn(block: BlockRef, changes: readonly ChangeAt[]): ChangeAt[] {
  const found = changes.filter(({ blockNumber }) => blockNumber === block.number)
  if (found.some(({ blockHash }) => blockHash !== block.hash)) throw reorganised(block.number)
  return found.sort((a, b) => a.logIndex - b.logIndex)
}

function reorganised(number: bigint): MembershipError {
  const detail = { code: 'REORGANISED', block: number.toString() } as const
  return new MembershipError(`Block ${number} was reorganised while it was read`, detail)
}

function isMismatch(err: unknown): boolean {
  return err instanceof MembershipError && err.detail.code === 'LEDGER_MISMATCH'
}

function asMismatch(err: unknown, head: BlockRef): unknown {
  if (!(err instanceof LedgerError)) return err
  const hash = err.detail.code === 'HASH_MISMATCH' ? err.detail : { expected: '', actual: '' }
  const detail = {
    code: 'LEDGER_MISMATCH',
    block: head.number.toString(),
    expected: hash.expected,
    actual: hash.actual,
  } as const
  return new MembershipError(err.message, detail, { cause: err })
}
