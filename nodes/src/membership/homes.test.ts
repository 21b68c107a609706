import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { numberToHex } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { membershipLedger, type LedgerState } from '@teahouse/protocol/rln'
import { openDatabase } from '../storage/index.ts'
import { adoptSnapshot } from './adopt-snapshot.ts'
import { changeStore, MEMBERSHIP_MIGRATIONS, type ChangeStore } from './change-store.ts'
import { MembershipConfig } from './config.ts'
import { followMembership, type Follower } from './follower.ts'
import { snapshotFiles, type SnapshotFiles } from './snapshot-files.ts'
import { snapshotKeeper } from './snapshot-keeper.ts'
import { FakeChain } from './test-chain.ts'

const log = pino({ level: 'silent' })
const network = { chainId: 31337, registry: numberToHex(9, { size: 20 }), depth: 14 }
const TIMES = { graceSeconds: 100_000, rootWindowSeconds: 60 }
const HOME = 5
const OTHER = 6

let chain: FakeChain
let store: ChangeStore
let files: SnapshotFiles

beforeEach(() => {
  chain = new FakeChain()
  store = newStore()
  files = newFiles()
  chain.mine('a', [11n, 12n], [], HOME)
  chain.mine('a', [13n])
  chain.mine('a', [], [{ idCommitment: 13n, home: HOME }])
  chain.mine('a', [], [{ idCommitment: 11n, home: OTHER, previous: HOME }])
})

const newFiles = () => snapshotFiles(mkdtempSync(join(tmpdir(), 'teahouse-homes-')), log)

function newStore(home = HOME): ChangeStore {
  const made = changeStore(openDatabase(':memory:', MEMBERSHIP_MIGRATIONS))
  made.followHome(home)
  return made
}

function follow(): Follower {
  const newLedger = (start?: LedgerState) => {
    const ledger = membershipLedger({ ...TIMES, depth: network.depth, keepRecords: true }, start)
    ledger.followHome(HOME, start ? store.homeEntries(HOME, start.block.number) : [])
    return ledger
  }
  const snapshots = snapshotKeeper({
    ...{ files, store, network, newLedger, log },
    ...{ ...TIMES, everyChanges: 100, now: () => 1_000_000 },
  })
  const range = { fromBlock: 0n, blockRange: 2n, tailBlocks: 100n }
  return followMembership({ source: chain, store, emptyLedger: newLedger, snapshots, ...range, log })
}

async function followed(): Promise<Follower> {
  const follower = follow()
  await follower.sync(chain.head)
  return follower
}

const home = ({ ledger }: Follower) => ({ roots: ledger.home!.roots(), count: ledger.home!.count })

/** The same events, read by somebody who knew nothing. */
async function fresh() {
  const [before, kept] = [store, files]
  ;[store, files] = [newStore(), newFiles()]
  const found = home(await followed())
  ;[store, files] = [before, kept]
  return found
}

describe('the members of the home that a node follows', () => {
  it('are those who name it, and no others', async () => {
    const { ledger } = await followed()
    expect([0, 1, 2].map((index) => ledger.home!.has(index))).toEqual([false, true, true])
  })

  it('are the same after a restart from the stored changes', async () => {
    const before = home(await followed())
    expect(home(follow())).toEqual(before)
  })

  it('are the same after a restart from a snapshot, and go on from there', async () => {
    const first = await followed()
    first.save()
    chain.mine('a', [14n], [{ idCommitment: 12n, home: 0, previous: HOME }], HOME)
    await first.sync(chain.head)
    const second = follow()
    expect(second.ledger.block?.number).toBe(4n)
    expect(home(second)).toEqual(home(first))
    expect(home(second)).toEqual(await fresh())
  })

  it.each([1, 2, 3])(
    'are those of the other branch after a reorganisation that leaves %s blocks',
    async (keep) => {
      const follower = await followed()
      follower.save()
      chain.blocks = chain.blocks.slice(0, keep)
      chain.mine('b', [31n], [{ idCommitment: 12n, home: OTHER, previous: HOME }], HOME)
      for (let n = 0; n < 6; n++) chain.mine('b')
      await follower.sync(chain.head)
      expect(home(follower)).toEqual(await fresh())
      expect(home(follow())).toEqual(home(follower))
    },
  )

  it('are known behind a snapshot of another node, which says nothing of homes', async () => {
    const giver = await followed()
    giver.save()
    const bytes = files.chunk(files.list()[0]!, 0, 1 << 20)
    const known = home(giver)
    ;[store, files] = [newStore(), newFiles()]
    const folder = mkdtempSync(join(tmpdir(), 'teahouse-homes-'))
    const snapshotFile = join(folder, 'snapshot')
    writeFileSync(snapshotFile, bytes)
    await adoptSnapshot({
      config: MembershipConfig.parse({ snapshotFile }),
      ...{ network, graceSeconds: TIMES.graceSeconds, source: chain, store, files, log },
      home: { fromBlock: 0n, blockRange: 2n },
    })
    const taker = follow()
    expect(taker.ledger.block?.number).toBe(3n)
    expect(home(taker)).toEqual(known)
    chain.mine('a', [], [{ idCommitment: 13n, home: 0, previous: HOME }])
    await taker.sync(chain.head)
    expect(home(taker)).toEqual(await fresh())
    expect(home(follow())).toEqual(home(taker))
  })

  it('are read again from the first block when it is another home', async () => {
    await followed()
    store.followHome(HOME)
    expect(store.last()).toBeDefined()
    store.followHome(0) // from now on nobody writes down who leaves
    expect(store.last()).toBeDefined()
    store.followHome(HOME)
    expect(store.last()).toBeUndefined()
  })
})
