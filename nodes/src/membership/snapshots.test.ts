import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { numberToHex } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { membershipLedger, SNAPSHOT_HEADER_BYTES, type LedgerState } from '@teahouse/protocol/rln'
import { openDatabase } from '../storage/index.ts'
import { adoptSnapshot } from './adopt-snapshot.ts'
import { changeStore, MEMBERSHIP_MIGRATIONS } from './change-store.ts'
import { MembershipConfig } from './config.ts'
import { followMembership } from './follower.ts'
import { snapshotFiles } from './snapshot-files.ts'
import { snapshotKeeper } from './snapshot-keeper.ts'
import { FakeChain } from './test-chain.ts'

const log = pino({ level: 'silent' })
const network = { chainId: 31337, registry: numberToHex(9, { size: 20 }), depth: 14 }
const GRACE = 100_000
const WINDOW = 60

let chain: FakeChain
let store: ReturnType<typeof changeStore>
let folder: string
/** Seconds since 1970: blocks are one second apart, from 0. */
let now: number
let replayed: number

/** A store of which it is counted how many blocks are replayed. */
function newStore(): ReturnType<typeof changeStore> {
  const real = changeStore(openDatabase(':memory:', MEMBERSHIP_MIGRATIONS))
  return Object.create(real, {
    after: {
      *value(number: bigint) {
        for (const block of real.after(number)) {
          replayed++
          yield block
        }
      },
    },
  }) as typeof real
}

beforeEach(() => {
  chain = new FakeChain()
  store = newStore()
  folder = mkdtempSync(join(tmpdir(), 'teahouse-snapshots-'))
  now = 1_000
  for (let block = 0; block < 20; block++) chain.mine('a', block % 2 ? [BigInt(100 + block)] : [])
})

const files = () => snapshotFiles(folder, log)
const names = () => readdirSync(folder).sort()

function follow({ everyChanges = 5 } = {}) {
  const newLedger = (start?: LedgerState) => {
    const config = { graceSeconds: GRACE, rootWindowSeconds: WINDOW, depth: network.depth, keepRecords: true }
    return membershipLedger(config, start)
  }
  const snapshots = snapshotKeeper({
    files: files(),
    store,
    network,
    graceSeconds: GRACE,
    rootWindowSeconds: WINDOW,
    everyChanges,
    newLedger,
    now: () => now * 1_000,
    log,
  })
  replayed = 0
  const follower = followMembership({
    source: chain,
    store,
    emptyLedger: newLedger,
    snapshots,
    fromBlock: 0n,
    blockRange: 1_000n,
    tailBlocks: 100n,
    log,
  })
  return { follower, snapshots }
}

async function expectRight(follower: ReturnType<typeof follow>['follower']): Promise<void> {
  await follower.sync(chain.head)
  expect(follower.ledger.ledgerHash).toBe(chain.hashAt(chain.blocks.length - 1))
  const fresh = membershipLedger({ graceSeconds: GRACE, rootWindowSeconds: WINDOW, depth: network.depth })
  for (const { changes, ...block } of chain.blocks) for (const change of changes) fresh.apply(change, block)
  expect(follower.ledger.root).toBe(fresh.root)
}

describe('a follower with snapshots', () => {
  it('starts from the newest and replays only what came after', async () => {
    const first = follow()
    await expectRight(first.follower)
    expect(names()).toEqual(['19.snapshot'])
    for (let block = 0; block < 3; block++) chain.mine('a', [BigInt(500 + block)])
    await first.follower.sync(chain.head)
    const second = follow()
    expect(replayed).toBe(3)
    await expectRight(second.follower)
  })

  it('writes one when it is told to, unless nothing has changed', async () => {
    const { follower } = follow({ everyChanges: 1_000 })
    await follower.sync(chain.head)
    expect(() => names()).not.toThrow()
    expect(names()).toEqual([])
    follower.save()
    expect(names()).toEqual(['19.snapshot'])
    chain.mine('a')
    await follower.sync(chain.head)
    follower.save()
    expect(names()).toEqual(['19.snapshot'])
  })

  it('keeps one from before the root window, and starts from that: a young one lacks replaced roots', async () => {
    const { follower } = follow()
    await follower.sync(chain.head)
    for (let block = 0; block < 10; block++) chain.mine('a', [BigInt(500 + block)])
    now = 20 + WINDOW + 2
    await follower.sync(chain.head)
    expect(names()).toEqual(['19.snapshot', '29.snapshot'])
    const before = follower.ledger.root
    const second = follow()
    expect(replayed).toBe(10)
    expect(second.follower.ledger.root).toBe(before)
  })

  it('remembers what the membership was after each block', async () => {
    const { follower } = follow()
    await follower.sync(chain.head)
    expect(follower.rootsAfter()).toMatchObject({ blockNumber: 19n, memberCount: 10 })
    expect(follower.rootsAfter(chain.blocks[7]!.hash)).toMatchObject({ blockNumber: 7n, memberCount: 4 })
    expect(follower.rootsAfter(numberToHex(1, { size: 32 }))).toBeUndefined()
  })

  it('discards what a reorganisation undid', async () => {
    const { follower } = follow()
    await follower.sync(chain.head)
    const undone = chain.blocks[12]!.hash
    chain.blocks = chain.blocks.slice(0, 10)
    for (let block = 0; block < 12; block++) chain.mine('b', [BigInt(700 + block)])
    await expectRight(follower)
    expect(names()).toEqual(['21.snapshot'])
    expect(follower.rootsAfter(undone)).toBeUndefined()
    await expectRight(follow().follower)
  })
})

describe('a damaged snapshot', () => {
  const NODES = SNAPSHOT_HEADER_BYTES + 10 * 64

  async function damaged(at: number): Promise<void> {
    await follow().follower.sync(chain.head)
    const path = join(folder, '19.snapshot')
    const bytes = readFileSync(path)
    bytes[at]! ^= 1
    writeFileSync(path, bytes)
  }

  it.each([
    { given: 'in its header', at: 3 },
    { given: 'in its changes', at: SNAPSHOT_HEADER_BYTES + 100 },
    { given: 'in a leaf', at: NODES + 5 },
    { given: 'in an inner node', at: NODES + 12 * 32 + 5 },
  ])('$given is put away, and everything replayed', async ({ at }) => {
    await damaged(at)
    const { follower } = follow()
    expect(replayed).toBe(20)
    expect(names()).toEqual([])
    await expectRight(follower)
  })

  it(
    'of many members is found out while it is in use, and the tree built anew',
    { timeout: 60_000 },
    async () => {
      const many = Array.from({ length: 5_000 }, (_, at) => BigInt(10_000 + at))
      chain.mine('a', many)
      await follow().follower.sync(chain.head)
      const path = join(folder, '20.snapshot')
      const bytes = readFileSync(path)
      bytes[bytes.length - 32 * 4]! ^= 1 // near the root, beside what the next members rehash
      writeFileSync(path, bytes)
      const { follower, snapshots } = follow()
      await follower.sync(chain.head)
      expect(snapshots.checking).toBe(true)
      chain.mine('a', [7n])
      await follower.sync(chain.head)
      await snapshots.checked()
      expect(snapshots.damaged).toBe(true)
      expect(follower.state).toBe('behind')
      chain.mine('a')
      await expectRight(follower)
      expect(follower.state).toBe('ready')
      expect(readdirSync(folder)).not.toContain('20.snapshot')
    },
  )
})

describe('a snapshot from elsewhere', () => {
  const adopt = (snapshotFile: string) =>
    adoptSnapshot({
      config: MembershipConfig.parse({ snapshotFile }),
      network,
      graceSeconds: GRACE,
      source: chain,
      store,
      files: files(),
      log,
    })

  /** A node that knows nothing, and the file of another. */
  async function newcomer(): Promise<string> {
    await follow().follower.sync(chain.head)
    const path = join(mkdtempSync(join(tmpdir(), 'teahouse-other-')), 'members.snapshot')
    writeFileSync(path, readFileSync(join(folder, '19.snapshot')))
    folder = mkdtempSync(join(tmpdir(), 'teahouse-snapshots-'))
    store = newStore()
    return path
  }

  it('is enough to start with; the changes after it come from the chain', async () => {
    const path = await newcomer()
    await adopt(path)
    expect(store.base).toBe(19n)
    chain.mine('a', [900n])
    const { follower } = follow()
    expect(follower.ledger.memberCount).toBe(10)
    await expectRight(follower)
  })

  it('is forgotten when the chain reorganises below it: then all is read from the chain', async () => {
    const path = await newcomer()
    await adopt(path)
    const { follower } = follow()
    await follower.sync(chain.head)
    chain.blocks = chain.blocks.slice(0, 10)
    for (let block = 0; block < 15; block++) chain.mine('b', [BigInt(700 + block)])
    await expectRight(follower)
    expect(store.base).toBeUndefined()
  })

  it.each([
    { given: 'a changed leaf', change: (bytes: Uint8Array) => (bytes[SNAPSHOT_HEADER_BYTES + 645]! ^= 1) },
    { given: 'a changed root', change: (bytes: Uint8Array) => (bytes[bytes.length - 5]! ^= 1) },
    {
      given: 'another member',
      change: (bytes: Uint8Array) => (bytes[SNAPSHOT_HEADER_BYTES + 64 + 50]! ^= 1),
    },
  ])('is not taken over with $given', async ({ change }) => {
    const path = await newcomer()
    const bytes = readFileSync(path)
    change(bytes)
    writeFileSync(path, bytes)
    await adopt(path)
    expect(store.last()).toBeUndefined()
    await expectRight(follow().follower)
  })

  it('is not taken over when the chain is another, or by a node that knows members', async () => {
    const path = await newcomer()
    chain.blocks = chain.blocks.slice(0, 10)
    for (let block = 0; block < 15; block++) chain.mine('b')
    await adopt(path)
    expect(store.last()).toBeUndefined()
    await follow().follower.sync(chain.head)
    await adopt(path)
    expect(store.base).toBeUndefined()
  })
})
