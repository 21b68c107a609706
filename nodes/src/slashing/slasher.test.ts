import { pino } from 'pino'
import type { Hex } from 'viem'
import { beforeEach, describe, expect, it } from 'vitest'
import { identityFromSecret, type Member } from '@teahouse/protocol/rln'
import type { BlockRef } from '../chain/head.ts'
import { openDatabase } from '../storage/index.ts'
import { caseStore, SLASHING_MIGRATIONS } from './case-store.ts'
import type { CommitmentRecord, SlashChain } from './slash-chain.ts'
import { createSlasher } from './slasher.ts'

const log = pino({ level: 'silent' })
const SECRET = 42n
const HOLDER = `0x${'aa'.repeat(20)}` as const
const OTHER_HOLDER = `0x${'bb'.repeat(20)}` as const
const REGISTRY = `0x${'cc'.repeat(20)}` as const
const SIGNAL = { nullifier: 1n, first: { x: 1n, y: SECRET + 3n }, second: { x: 2n, y: SECRET + 6n } }

const headAt = (number: number): BlockRef => ({
  number: BigInt(number),
  hash: '0x1',
  parentHash: '0x0',
  timestamp: number,
})

/** The registry as far as a slasher sees it. */
class FakeRegistry implements SlashChain {
  readonly slasher = `0x${'dd'.repeat(20)}` as const
  readonly minBlocks = 2n
  readonly maxAgeSeconds = 50
  readonly commitments = new Map<Hex, CommitmentRecord>()
  readonly holders = new Set<string>([HOLDER])
  readonly slashed: string[] = []
  block = 1
  broken = false
  /** Whether what stands is final. */
  final = true

  async slashable({ holder }: { holder: string }) {
    if (this.broken) throw new Error('away')
    return this.holders.has(holder) ? ('yes' as const) : ('no' as const)
  }
  async isOver({ holder }: { holder: string }) {
    return this.final && !this.holders.has(holder)
  }
  async commitmentOf(commitment: Hex) {
    return this.commitments.get(commitment)
  }
  async commit(commitment: Hex) {
    this.commitments.set(commitment, { blockNumber: BigInt(this.block), timestamp: this.block })
    return { blockNumber: BigInt(this.block) }
  }
  async reveal(_secret: bigint, holder: string) {
    this.holders.delete(holder)
    this.slashed.push(holder)
    return { hash: '0xdone' as const }
  }
}

let chain: FakeRegistry
let cases: ReturnType<typeof caseStore>
let now: number

beforeEach(() => {
  chain = new FakeRegistry()
  cases = caseStore(openDatabase(':memory:', SLASHING_MIGRATIONS))
  now = 0
})

const create = (holders: readonly `0x${string}`[] = [HOLDER]) =>
  createSlasher({
    cases,
    chain,
    commitmentInput: { chainId: 1, registry: REGISTRY },
    membership: () => ({
      membersOf: (commitment) =>
        commitment === identityFromSecret(SECRET).commitment
          ? holders.map((holder) => ({ holder }) as Member)
          : [],
    }),
    rememberSeconds: 100,
    now: () => now * 1_000,
    log,
  })

const states = () => cases.all().map(({ state }) => state)

describe('createSlasher', () => {
  it('knows the secret at once, commits, waits for the blocks, and reveals', async () => {
    const slasher = create()
    slasher.found(SIGNAL)
    slasher.found(SIGNAL)
    expect([...slasher.secrets()]).toEqual([SECRET])
    await slasher.step(headAt(1))
    expect(states()).toEqual(['committed'])
    await slasher.step(headAt(2))
    expect(chain.slashed).toEqual([])
    await slasher.step(headAt(3))
    expect(chain.slashed).toEqual([HOLDER])
    expect(cases.all()).toMatchObject([{ state: 'slashed', transactionHash: '0xdone' }])
    expect(chain.commitments.size).toBe(1)
  })

  it('slashes every membership under the secret', async () => {
    chain.holders.add(OTHER_HOLDER)
    const slasher = create([HOLDER, OTHER_HOLDER])
    slasher.found(SIGNAL)
    await slasher.step(headAt(1))
    await slasher.step(headAt(3))
    expect(chain.slashed.sort()).toEqual([HOLDER, OTHER_HOLDER])
  })

  it('closes the case when somebody was faster, before or after its own commitment', async () => {
    const slasher = create()
    slasher.found(SIGNAL)
    await slasher.step(headAt(1))
    chain.holders.clear()
    await slasher.step(headAt(3))
    expect(states()).toEqual(['closed'])
    expect(chain.slashed).toEqual([])
  })

  it('goes on after a restart with the commitment that it had sent', async () => {
    create().found(SIGNAL)
    await create().step(headAt(1))
    const again = create()
    expect([...again.secrets()]).toEqual([SECRET])
    await again.step(headAt(3))
    expect(states()).toEqual(['slashed'])
    expect(chain.commitments.size).toBe(1)
  })

  it('repeats no commitment that was sent just before a crash', async () => {
    const slasher = create()
    slasher.found(SIGNAL)
    const { commit } = chain
    chain.commit = async (commitment) => {
      await commit.call(chain, commitment)
      throw new Error('crashed')
    }
    await slasher.step(headAt(1))
    chain.commit = commit
    await create().step(headAt(2))
    expect(chain.commitments.size).toBe(1)
    expect(states()).toEqual(['committed'])
  })

  it.each([
    { given: 'was reorganised away', spoil: () => chain.commitments.clear(), block: 3 },
    { given: 'is void', spoil: () => undefined, block: 60 },
  ])('begins again when its commitment $given', async ({ spoil, block }) => {
    const slasher = create()
    slasher.found(SIGNAL)
    await slasher.step(headAt(1))
    spoil()
    await slasher.step(headAt(block))
    expect(states()).toEqual(['found'])
    chain.block = block
    await slasher.step(headAt(block))
    await slasher.step(headAt(block + 2))
    expect(states()).toEqual(['slashed'])
  })

  it.each([
    { given: 'its slash', slashed: true },
    { given: 'that of somebody faster', slashed: false },
  ])('slashes again when a reorganisation undid $given', async ({ slashed }) => {
    chain.final = false
    const slasher = create()
    slasher.found(SIGNAL)
    await slasher.step(headAt(1))
    if (!slashed) chain.holders.clear()
    await slasher.step(headAt(3))
    await slasher.step(headAt(4))
    expect(states()).toEqual([slashed ? 'slashed' : 'closed'])

    chain.holders.add(HOLDER)
    if (slashed) chain.commitments.clear() // undone as well
    chain.block = 5
    for (const block of [5, 6, 8]) await create().step(headAt(block))
    expect(states()).toEqual(['slashed'])
    expect(cases.open()).toHaveLength(1)

    chain.final = true
    await slasher.step(headAt(9))
    expect(cases.open()).toEqual([])
    expect(states()).toEqual(['slashed'])
  })

  it('tries again when the chain is away', async () => {
    const slasher = create()
    slasher.found(SIGNAL)
    chain.broken = true
    await slasher.step(headAt(1))
    expect(states()).toEqual(['found'])
    chain.broken = false
    await slasher.step(headAt(2))
    expect(states()).toEqual(['committed'])
  })

  it('forgets a secret when no root can carry it any more, but not while its case is open', async () => {
    const slasher = create()
    slasher.found(SIGNAL)
    now = 1_000
    await slasher.step(headAt(1))
    expect([...slasher.secrets()]).toEqual([SECRET])
    for (const block of [3, 4, 5]) await slasher.step(headAt(block))
    expect([...slasher.secrets()]).toEqual([])
  })
})
