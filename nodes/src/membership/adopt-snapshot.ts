import { readFile } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { numberToHex, type Address } from 'viem'
import type { Logger } from 'pino'
import {
  type HomeEntry,
  loadSnapshot,
  readSnapshot,
  type SignedRoots,
  SnapshotError,
  snapshotSize,
} from '@teahouse/protocol/rln'
import type { ChangeStore } from './change-store.ts'
import type { MembershipConfig } from './config.ts'
import { MembershipError } from './errors.ts'
import type { MembershipSource } from './follower.ts'
import { memberPeers, type MemberPeer, type MemberPeers } from './member-peers.ts'
import type { SnapshotFiles } from './snapshot-files.ts'

export interface AdoptDeps {
  readonly config: MembershipConfig
  readonly network: { readonly chainId: number; readonly registry: Address; readonly depth: number }
  readonly graceSeconds: number
  readonly source: MembershipSource
  readonly store: ChangeStore
  readonly files: SnapshotFiles
  /** From which block on, and in which ranges, to read who came to the home that is followed: a snapshot says nothing of homes. */
  readonly home?: { readonly fromBlock: bigint; readonly blockRange: bigint } | undefined
  readonly log: Logger
}

/** Other nodes that have to have signed the same roots before a snapshot's are believed unhashed. */
const WITNESSES = 2
const HASHES_A_TURN = 1_000

/**
 * Gives a node that knows nothing yet the snapshot that its configuration names, checked against the chain (block,
 * ledger hash of the whole list) and either against what two other nodes signed or by rehashing all of it.
 * Does nothing without one in the configuration, or if anything is stored. A snapshot that fails is logged and the
 * next source tried: the chain's events are always there to fall back on. @throws MembershipError BAD_PEER_ADDRESS.
 */
export async function adoptSnapshot(deps: AdoptDeps): Promise<void> {
  const { config, store, log, network } = deps
  const { snapshotFile, snapshotPeers } = config
  if (store.last() || (snapshotFile === undefined && snapshotPeers.length === 0)) return
  const others = await memberPeers(snapshotPeers, network, config.requestTimeoutMs)
  try {
    for (const { name, read, witnesses } of sourcesOf(config, others)) {
      try {
        await adopt(deps, await read(), witnesses)
        return
      } catch (err) {
        log.warn({ err, from: name }, 'Could not start from a snapshot')
      }
    }
  } finally {
    await others.stop()
  }
}

interface Source {
  readonly name: string
  readonly read: () => Promise<Uint8Array>
  readonly witnesses: readonly MemberPeer[]
}

function sourcesOf({ snapshotFile, maxSnapshotBytes }: MembershipConfig, { peers }: MemberPeers): Source[] {
  const fromPeers = peers.map((peer) => ({
    name: peer.address,
    read: () => peer.calls.snapshot(maxSnapshotBytes),
    witnesses: peers.filter((other) => other !== peer),
  }))
  if (snapshotFile === undefined) return fromPeers
  return [{ name: snapshotFile, read: () => readFile(snapshotFile), witnesses: peers }, ...fromPeers]
}

async function adopt(deps: AdoptDeps, bytes: Uint8Array, witnesses: readonly MemberPeer[]): Promise<void> {
  const { source, network, graceSeconds, files, store, log } = deps
  const snapshot = readSnapshot(bytes)
  const { header } = snapshot
  const block = await source.block(header.blockNumber)
  if (!block) {
    const detail = { code: 'REORGANISED', block: header.blockNumber.toString() } as const
    throw new MembershipError(`The chain has no block ${header.blockNumber} of the snapshot yet`, detail)
  }
  const ledgerHash = await source.ledgerHash(block.number)
  const expected = { ...network, blockHash: block.hash, timestamp: block.timestamp, ledgerHash, graceSeconds }
  const { state, check } = loadSnapshot(snapshot, expected)
  const roots = state.trees.map(({ root }) => numberToHex(root, { size: 32 }))
  const confirmed = await confirmations(witnesses, block.hash, roots, log)
  if (confirmed < WITNESSES) while (!check.step(HASHES_A_TURN)) await turn()
  const home = deps.home && (await homeEntries(deps, deps.home, block.number))
  files.save(header, bytes, 0)
  store.startFrom(block, home)
  const members = header.memberCount
  log.info(
    { block: Number(block.number), members, bytes: snapshotSize(header), confirmed },
    'Took over a snapshot',
  )
}

async function homeEntries(
  { source }: AdoptDeps,
  { fromBlock, blockRange }: NonNullable<AdoptDeps['home']>,
  until: bigint,
): Promise<HomeEntry[]> {
  const entries: HomeEntry[] = []
  for (let from = fromBlock; from <= until; from += blockRange) {
    const to = from + blockRange - 1n
    entries.push(...(await source.homes(from, to < until ? to : until)))
  }
  return entries
}

/** How many nodes signed these roots for this block. Throws SnapshotError WRONG_ROOT if one signed others. */
async function confirmations(
  witnesses: readonly MemberPeer[],
  blockHash: `0x${string}`,
  roots: readonly string[],
  log: Logger,
): Promise<number> {
  const answers = await Promise.all(
    witnesses.map(async ({ calls, address }): Promise<SignedRoots | undefined> => {
      try {
        return await calls.roots(blockHash)
      } catch (err) {
        log.debug({ err, address }, 'A node did not say its roots')
        return undefined
      }
    }),
  )
  const given = answers.filter((answer) => answer !== undefined)
  const other = given.find((answer) => answer.roots.join() !== roots.join())
  if (!other) return given.length
  const detail = { code: 'WRONG_ROOT', expected: other.roots.join(), actual: roots.join() } as const
  throw new SnapshotError(`The node ${other.node} signed other roots for the snapshot's block`, detail)
}
