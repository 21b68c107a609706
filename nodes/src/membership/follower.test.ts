import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import { membershipLedger } from '@teahouse/protocol/rln'
import { openDatabase } from '../storage/index.ts'
import { changeStore, MEMBERSHIP_MIGRATIONS } from './change-store.ts'
import { followMembership } from './follower.ts'
import { rootHistory, type RootHistory } from './root-history.ts'
import { FakeChain } from './test-chain.ts'

const log = pino({ level: 'silent' })
let chain: FakeChain
let store: ReturnType<typeof changeStore>

beforeEach(() => {
  chain = new FakeChain()
  store = changeStore(openDatabase(':memory:', MEMBERSHIP_MIGRATIONS))
  for (const members of [[], [11n], [], [12n, 13n], []]) chain.mine('a', members)
})

const follow = (options: { blockRange?: bigint; tailBlocks?: bigint; history?: RootHistory } = {}) =>
  followMembership({
    source: chain,
    store,
    emptyLedger: () => membershipLedger({ graceSeconds: 10, rootWindowSeconds: 60, depth: 4 }),
    fromBlock: 0n,
    blockRange: 1_000n,
    tailBlocks: 100n,
    log,
    ...options,
  })

describe('followMembership', () => {
  it.each([1n, 2n, 1_000n])('reads all members in ranges of %s blocks', async (blockRange) => {
    const follower = follow({ blockRange })
    expect(follower.state).toBe('behind')
    await follower.sync(chain.head)
    expect(follower).toMatchObject({
      state: 'ready',
      ledger: { memberCount: 3, ledgerHash: chain.hashAt(4) },
    })
  })

  it('goes on where it stopped, with the same root, after a restart', async () => {
    const first = follow()
    await first.sync(chain.head)
    const second = follow()
    expect(second.ledger.root).toBe(first.ledger.root)
    chain.mine('a', [14n])
    chain.reads = 0
    await second.sync(chain.head)
    expect(second.ledger.memberCount).toBe(4)
    expect(chain.reads).toBe(1)
  })

  it('gives the same root from events alone as from every block', async () => {
    const all = follow()
    await all.sync(chain.head)
    store = changeStore(openDatabase(':memory:', MEMBERSHIP_MIGRATIONS))
    const sparse = follow({ tailBlocks: 1n })
    await sparse.sync(chain.head)
    expect(sparse.ledger.root).toBe(all.ledger.root)
  })

  it.each([
    { given: 'the last block', keep: 4 },
    { given: 'blocks with members', keep: 2 },
    { given: 'everything', keep: 0 },
  ])('rolls back a reorganisation of $given', async ({ keep }) => {
    const follower = follow()
    await follower.sync(chain.head)
    chain.blocks = chain.blocks.slice(0, keep)
    for (let n = 0; n < 6; n++) chain.mine('b', n === 3 ? [21n] : [])
    await follower.sync(chain.head)
    expect(follower).toMatchObject({
      state: 'ready',
      ledger: { memberCount: chain.memberCount, ledgerHash: chain.hashAt(99) },
    })
    expect(follow().ledger.root).toBe(follower.ledger.root)
  })

  it('rolls back to a shorter chain', async () => {
    const follower = follow()
    await follower.sync(chain.head)
    chain.blocks = chain.blocks.slice(0, 2)
    await follower.sync(chain.head)
    expect(follower.ledger.memberCount).toBe(1)
  })

  it('lets a replaced root expire by the time of blocks, so not while the chain stands still', async () => {
    const follower = follow()
    await follower.sync(chain.head)
    const before = follower.ledger.root
    chain.mine('a', [14n]) // replaces the root in second 5
    await follower.sync(chain.head)
    expect(follower.rootStatus(follower.ledger.root)).toBe('current')
    for (let n = 0; n < 60; n++) chain.mine('a')
    await follower.sync(chain.head)
    expect(follower.rootStatus(before)).toBe('recent') // however long ago that block was
    chain.mine('a')
    await follower.sync(chain.head)
    expect(follower.rootStatus(before)).toBe('expired')
    expect(follower.rootStatus(12_345n)).toBe('unknown')
  })

  it('zeroes the leaf of a member by the first block after expiry and grace', async () => {
    const follower = follow()
    await follower.sync(chain.head)
    const before = follower.ledger.root
    chain.blocks.push({
      ...chain.head,
      number: 5n,
      hash: '0x55',
      parentHash: chain.head.hash,
      timestamp: 10_011,
      changes: [],
      homes: [],
    })
    await follower.sync(chain.head)
    expect(follower.ledger.root).not.toBe(before)
    expect(follower.ledger.member(0)).toMatchObject({ active: false })
  })
})

describe('its history of roots', () => {
  const HOUR = 3_600
  const open = () => {
    const db = openDatabase(':memory:', MEMBERSHIP_MIGRATIONS)
    store = changeStore(db)
    return rootHistory(db, { keepSeconds: 24 * HOUR, windowSeconds: 60 })
  }

  it('has the roots of blocks that came while nobody read, also after a restart', async () => {
    const history = open()
    const first = follow({ history })
    await first.sync(chain.head)
    const roots = [first.ledger.root]
    const times = [chain.head.timestamp]
    for (const member of [14n, 15n]) {
      chain.mine('a', [member])
      // Another node that reads each block says which root it has.
      const other = followAlone()
      await other.sync(chain.head)
      roots.push(other.ledger.root)
      times.push(chain.head.timestamp)
    }
    chain.mine('a', [16n])
    await follow({ history }).sync(chain.head)
    expect(roots.map((root, at) => history.wasValid(root, times[at]!))).toEqual([true, true, true])
    expect(roots.map((root) => history.wasValid(root, times[0]! + HOUR))).toEqual([false, false, false])
  })

  it('knows nothing of roots that were reorganised away', async () => {
    const history = open()
    const follower = follow({ history })
    await follower.sync(chain.head)
    const gone = follower.ledger.root
    chain.blocks = chain.blocks.slice(0, 3)
    chain.mine('b', [21n])
    await follower.sync(chain.head)
    expect(history.wasValid(gone, chain.head.timestamp)).toBeUndefined()
    expect(history.wasValid(follower.ledger.root, chain.head.timestamp)).toBe(true)
  })
})

/** A follower with a store of its own. */
function followAlone() {
  const kept = store
  store = changeStore(openDatabase(':memory:', MEMBERSHIP_MIGRATIONS))
  const follower = follow()
  store = kept
  return follower
}

describe('when it must refuse', () => {
  it.each([
    { given: 'a change in between', block: 1 },
    { given: 'the last change', block: 3 },
  ])(
    'does not serve while $given is withheld: LEDGER_MISMATCH, and recovers by itself',
    async ({ block }) => {
      const follower = follow()
      chain.withheld.add(block)
      await expect(follower.sync(chain.head)).rejects.toMatchObject({ code: 'LEDGER_MISMATCH' })
      expect(follower.state).toBe('mismatch')
      chain.withheld.clear()
      await follower.sync(chain.head)
      expect(follower).toMatchObject({ state: 'ready', ledger: { memberCount: 3 } })
    },
  )

  it('tries again when the chain moves while it reads: REORGANISED', async () => {
    const follower = follow()
    const { block } = chain
    chain.block = async (number) => ({ ...(await block.call(chain, number))!, hash: '0x99' })
    await expect(follower.sync(chain.head)).rejects.toMatchObject({ code: 'REORGANISED' })
    chain.block = block
    await follower.sync(chain.head)
    expect(follower.state).toBe('ready')
  })

  it('keeps what it has when the source fails half-way', async () => {
    const follower = follow({ blockRange: 2n })
    const { changes } = chain
    chain.changes = async (from, to) => {
      if (from >= 2n) throw new Error('away')
      return await changes.call(chain, from, to)
    }
    await expect(follower.sync(chain.head)).rejects.toThrow('away')
    expect(follower.ledger.memberCount).toBe(1)
    chain.changes = changes
    await follower.sync(chain.head)
    expect(follower.ledger.memberCount).toBe(3)
  })
})
