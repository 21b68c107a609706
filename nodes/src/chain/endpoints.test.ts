import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { rpcEndpoints, type Endpoints } from './endpoints.ts'
import { RawLogs } from './answers.ts'
import { testRpc, TestEvm, type TestRpc } from './test-rpc.ts'

const CONFIG = {
  pollMs: 5,
  timeoutMs: 1_000,
  retries: 0,
  quorum: undefined,
  maxLagBlocks: 3,
  setAsideMs: 20,
  setAsideMaxMs: 80,
}
let lines: { level: number; msg: string; rpc: string; reason?: string }[] = []
let running: TestRpc[] = []

afterEach(async () => {
  await Promise.all(running.map((rpc) => rpc.shut().catch(() => undefined)))
  running = []
  lines = []
})

interface Setup {
  readonly chain: TestEvm
  readonly rpcs: TestRpc[]
  readonly pool: Endpoints
  state(at: number): string
}

async function setUp(count = 3, over: Partial<typeof CONFIG> | { quorum: number } = {}): Promise<Setup> {
  const chain = new TestEvm().mine(10)
  const rpcs = await Promise.all(Array.from({ length: count }, () => testRpc(chain)))
  running.push(...rpcs)
  const sink = { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[0]) }
  const log = pino({ level: 'info' }, sink)
  const config = { ...CONFIG, ...over }
  const pool = rpcEndpoints({ chainId: 1, rpcUrls: rpcs.map(({ url }) => url), config, log })
  return { chain, rpcs, pool, state: (at) => pool.status()[at]!.state }
}

const headOf = async (pool: Endpoints) => Number((await pool.refresh()).number)
/** Asks until `probe` holds; the pool is asked as the follower would. */
async function refreshUntil(pool: Endpoints, probe: () => boolean): Promise<void> {
  const deadline = Date.now() + 15_000
  while (!probe()) {
    await pool.refresh().catch(() => undefined)
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(pool.status())}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('the head that a quorum agrees on', () => {
  it.each([
    { heads: [10, 10, 10], quorum: undefined, agreed: 10 },
    { heads: [10, 9, 8], quorum: undefined, agreed: 9 },
    { heads: [10, 9, 8], quorum: 3, agreed: 8 },
    { heads: [10, 9, 8], quorum: 1, agreed: 10 },
    { heads: [7], quorum: undefined, agreed: 7 },
    { heads: [10, 8], quorum: undefined, agreed: 8 },
  ])('of $heads with quorum $quorum is $agreed', async ({ heads, quorum, agreed }) => {
    const { rpcs, pool } = await setUp(heads.length, quorum === undefined ? {} : { quorum })
    rpcs.forEach((rpc, at) => (rpc.behind = 10 - heads[at]!))
    expect(await headOf(pool)).toBe(agreed)
    expect(pool.status().map(({ lag }) => lag)).toEqual(heads.map((head) => Math.max(0, agreed - head)))
    expect(lines).toEqual([])
  })

  it('lies below a fork at the tip that is not decided, and nobody is blamed for it', async () => {
    const { chain, rpcs, pool } = await setUp(2)
    rpcs[1]!.chain = chain.fork(9).mine(1, 'b')
    expect(await headOf(pool)).toBe(9)
    expect(lines).toEqual([])
  })

  it('does not step back when an endpoint that had it dies and another is behind', async () => {
    const { rpcs, pool, chain } = await setUp()
    rpcs[2]!.behind = 2
    expect(await headOf(pool)).toBe(10)
    await rpcs[0]!.shut()
    expect(await headOf(pool)).toBe(10)
    rpcs[2]!.behind = 0
    chain.mine()
    expect(await headOf(pool)).toBe(11)
  })
})

describe('an endpoint is set aside, with one line that names its host only,', () => {
  it.each([
    {
      given: 'tells of a fork that nobody else has',
      reason: 'contradicts',
      fault: (rpc: TestRpc, chain: TestEvm) => (rpc.chain = chain.fork(6).mine(4, 'lie')),
    },
    {
      given: 'tells of a fork that is much longer',
      reason: 'contradicts',
      fault: (rpc: TestRpc, chain: TestEvm) => (rpc.chain = chain.fork(6).mine(500, 'lie')),
    },
    {
      given: 'gives an agreed block another time',
      reason: 'contradicts',
      fault: (rpc: TestRpc) =>
        (rpc.alter = (method, [name], answer) =>
          method === 'eth_getBlockByNumber' && name !== '0x0'
            ? { ...(answer as object), timestamp: '0x1' }
            : answer),
    },
    { given: 'lags too far', reason: 'lagging', fault: (rpc: TestRpc) => (rpc.behind = 4) },
    {
      given: 'names another chain id',
      reason: 'wrong chain',
      fault: (rpc: TestRpc) => (rpc.chain = new TestEvm(2).mine(10)),
    },
    {
      given: 'has another block 0',
      reason: 'wrong chain',
      fault: (rpc: TestRpc) =>
        (rpc.chain = new TestEvm(1, [{ ...rpc.chain.blocks[0]!, hash: `0x${'99'.repeat(32)}` }]).mine(10)),
    },
    { given: 'is gone', reason: 'away', fault: (rpc: TestRpc) => rpc.shut() },
    { given: 'never answers', reason: 'away', fault: (rpc: TestRpc) => (rpc.mute = true) },
    { given: 'answers in HTML', reason: 'garbage', fault: (rpc: TestRpc) => (rpc.raw = '<html>busy</html>') },
    { given: 'answers a number', reason: 'garbage', fault: (rpc: TestRpc) => (rpc.alter = () => 42) },
    {
      given: 'answers a block without a hash',
      reason: 'garbage',
      fault: (rpc: TestRpc) => (rpc.alter = () => ({ number: '0x1' })),
    },
  ])('that $given: $reason', async ({ fault, reason }) => {
    const { rpcs, pool, chain } = await setUp()
    await fault(rpcs[1]!, chain)
    await refreshUntil(pool, () => pool.status()[1]!.state === reason)
    for (let n = 0; n < 5; n++) expect(await headOf(pool)).toBe(10)
    expect(pool.status().map(({ state }) => state)).toEqual(['ok', reason, 'ok'])
    expect(lines.map(({ msg, rpc, reason: why }) => [msg, rpc, why])).toEqual([
      ['Set an RPC endpoint aside', rpcs[1]!.host, reason],
    ])
    expect(JSON.stringify(lines)).not.toContain('secret-key')
  })

  it('and is taken back, in one line, once it agrees again', async () => {
    const { rpcs, pool, state } = await setUp()
    await rpcs[0]!.shut()
    await refreshUntil(pool, () => state(0) === 'away')
    await rpcs[0]!.open()
    await refreshUntil(pool, () => state(0) === 'ok')
    expect(lines.map(({ msg }) => msg)).toEqual(['Set an RPC endpoint aside', 'An RPC endpoint is back'])
  })

  it('for longer each time', async () => {
    const { rpcs, pool, state } = await setUp(3, { setAsideMaxMs: 10_000 })
    const heldMs: number[] = []
    for (let n = 0; n < 3; n++) {
      rpcs[0]!.raw = 'nonsense'
      await refreshUntil(pool, () => state(0) === 'garbage')
      rpcs[0]!.raw = undefined
      const since = performance.now()
      await refreshUntil(pool, () => state(0) === 'ok')
      heldMs.push(performance.now() - since)
    }
    expect(heldMs[1]).toBeGreaterThan(CONFIG.setAsideMs * 2 - 5)
    expect(heldMs[2]).toBeGreaterThan(CONFIG.setAsideMs * 4 - 5)
  })

  it('and asked less than the others', async () => {
    const { rpcs, pool } = await setUp(3, { setAsideMs: 60_000, setAsideMaxMs: 60_000 })
    rpcs[2]!.raw = 'nonsense'
    for (let n = 0; n < 10; n++) await pool.refresh()
    expect(rpcs[2]!.asked).toHaveLength(1)
    expect(rpcs[0]!.asked.length).toBeGreaterThanOrEqual(10)
  })
})

describe('a reorganisation', () => {
  it.each([
    { given: 'of the last block', keep: 9, mined: 1, head: 10 },
    { given: 'deeper than the lag allowed', keep: 2, mined: 9, head: 11 },
    { given: 'to a shorter chain', keep: 4, mined: 1, head: 5 },
  ])('$given that a quorum has is followed', async ({ keep, mined, head }) => {
    const { chain, rpcs, pool } = await setUp()
    expect(await headOf(pool)).toBe(10)
    const fork = chain.fork(keep).mine(mined, 'b')
    for (const rpc of rpcs.slice(1)) rpc.chain = fork
    const agreed = await pool.refresh()
    expect([Number(agreed.number), agreed.hash]).toEqual([head, fork.head.hash])
  })

  it('that one endpoint alone tells of is not', async () => {
    const { chain, rpcs, pool } = await setUp()
    await pool.refresh()
    rpcs[0]!.chain = chain.fork(2).mine(20, 'b')
    expect((await pool.refresh()).hash).toBe(chain.head.hash)
  })
})

describe('when there is no quorum', () => {
  it('says so, and comes back by itself', async () => {
    const { chain, rpcs, pool } = await setUp()
    await pool.refresh()
    await rpcs[0]!.shut()
    await rpcs[1]!.shut()
    await refreshUntil(pool, () => pool.status().filter(({ state }) => state === 'away').length === 2)
    await expect(pool.refresh()).rejects.toMatchObject({ code: 'NO_QUORUM' })
    await rpcs[1]!.open()
    chain.mine()
    expect(await headOf(pool)).toBe(11)
  })

  it('believes neither of two that contradict each other about everything', async () => {
    const { rpcs, pool } = await setUp(2)
    rpcs[1]!.chain = new TestEvm(1, [{ ...rpcs[0]!.chain.blocks[0]!, hash: `0x${'99'.repeat(32)}` }]).mine(10)
    await expect(pool.refresh()).rejects.toMatchObject({ code: 'NO_QUORUM' })
    expect(pool.genesisHash).toBeUndefined()
  })

  it('is told the chain id that too many others serve', async () => {
    const { rpcs, pool } = await setUp()
    rpcs[0]!.chain = rpcs[1]!.chain = new TestEvm(5).mine(10)
    await expect(pool.refresh()).rejects.toMatchObject({ code: 'NO_QUORUM' })
    expect(pool.foreignChain()).toBe(5)
  })

  it('a chain that stands still is no fault of anybody', async () => {
    const { pool } = await setUp()
    for (let n = 0; n < 20; n++) expect(await headOf(pool)).toBe(10)
    expect(pool.status().every(({ state }) => state === 'ok')).toBe(true)
    expect(lines).toEqual([])
  })
})

describe('what a quorum reads', () => {
  const request = (upTo: bigint) => ({
    method: 'eth_getLogs',
    params: [{ fromBlock: '0x0', toBlock: `0x${upTo.toString(16)}` }],
    schema: RawLogs,
    upTo,
  })

  it('is not asked of endpoints that do not have the block yet: they would leave logs out', async () => {
    const { chain, rpcs, pool } = await setUp()
    chain.mine(1, 'a', [{ address: `0x${'33'.repeat(20)}`, topics: [], data: '0x' }])
    rpcs[0]!.behind = 1
    await pool.refresh()
    for (let n = 0; n < 3; n++) expect(await pool.read(request(11n))).toHaveLength(1)
    expect(rpcs[0]!.asked).not.toContain('eth_getLogs')
    expect(lines).toEqual([])
  })

  it('takes one more when one is slow, without waiting for it', async () => {
    const { rpcs, pool, state } = await setUp(3, { pollMs: 60_000, timeoutMs: 8_000 })
    await pool.refresh()
    rpcs[0]!.mute = true
    await pool.read(request(10n))
    expect(rpcs[0]!.asked).toContain('eth_getLogs')
    expect(state(0)).toBe('ok') // its time is not over yet
  })
})
