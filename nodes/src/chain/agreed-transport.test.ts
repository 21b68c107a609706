import { keccak256, parseAbi, TransactionReceiptNotFoundError, type Hex, type PublicClient } from 'viem'
import { afterEach, describe, expect, it } from 'vitest'
import { pino } from 'pino'
import { agreedTransport } from './agreed-transport.ts'
import { publicClientOf } from './client.ts'
import { lacksQuorum } from './errors.ts'
import { rpcEndpoints, type Endpoints } from './endpoints.ts'
import { RpcFailure, testRpc, TestEvm, type TestRpc } from './test-rpc.ts'

const CONFIG = {
  pollMs: 5,
  timeoutMs: 3_000,
  retries: 0,
  quorum: undefined,
  maxLagBlocks: 3,
  setAsideMs: 60_000,
  setAsideMaxMs: 60_000,
}
const log = pino({ level: 'silent' })
const CONTRACT = `0x${'33'.repeat(20)}` as const
const ABI = parseAbi(['function balance() view returns (bytes32)', 'error Closed()'])
const BALANCE = { address: CONTRACT, abi: ABI, functionName: 'balance' } as const
const LOG = { address: CONTRACT, topics: [keccak256('0x01')], data: '0x' } as const
const RAW = '0x02f86b' as const

let running: TestRpc[] = []
afterEach(async () => {
  await Promise.all(running.map((rpc) => rpc.shut().catch(() => undefined)))
  running = []
})

interface Setup {
  readonly chain: TestEvm
  readonly rpcs: TestRpc[]
  readonly pool: Endpoints
  readonly client: PublicClient
}

async function setUp(count = 3): Promise<Setup> {
  const chain = new TestEvm().mine(8).mine(1, 'a', [LOG]).mine(1)
  const rpcs = await Promise.all(Array.from({ length: count }, () => testRpc(chain)))
  running.push(...rpcs)
  const pool = rpcEndpoints({ chainId: 1, rpcUrls: rpcs.map(({ url }) => url), config: CONFIG, log })
  return { chain, rpcs, pool, client: publicClientOf(1, agreedTransport(1, pool)) }
}

const logsOf = (client: PublicClient) => client.getLogs({ fromBlock: 0n, toBlock: 10n })

/** Changes what an endpoint says to one method. */
function lie(rpc: TestRpc, about: string, change: (answer: unknown) => unknown): void {
  rpc.alter = (method, _params, answer) => (method === about ? change(answer) : answer)
}

describe('reads', () => {
  it('are made under the hash of the block that is agreed on', async () => {
    const { chain, client } = await setUp()
    expect(await client.readContract(BALANCE)).toBe(chain.head.hash)
    expect(await client.readContract({ ...BALANCE, blockNumber: 7n })).toBe(chain.blocks[7]!.hash)
  })

  it('of the present find what was mined a moment ago, also while an older head is being read', async () => {
    const { chain, pool, client } = await setUp()
    const older = pool.refresh()
    chain.mine()
    expect(await client.readContract(BALANCE)).toBe(chain.head.hash)
    await older
  })

  it('are made by number at endpoints that know no block by its hash', async () => {
    const { chain, rpcs, client } = await setUp()
    for (const rpc of rpcs)
      rpc.alter = (method, params, answer) => {
        if (method === 'eth_call' && typeof params[1] !== 'string')
          throw new RpcFailure(-32_602, 'invalid argument 1')
        return answer
      }
    // An endpoint that knows no hash sees the number in its place.
    expect(await client.readContract({ ...BALANCE, blockNumber: 7n })).toBe(chain.blocks[7]!.hash)
  })

  it('find no block above the one agreed on, and throw when asked for state there', async () => {
    const { client } = await setUp()
    await expect(client.getBlock({ blockNumber: 11n })).rejects.toThrow('could not be found')
    await expect(client.readContract({ ...BALANCE, blockNumber: 11n })).rejects.toThrow('no block 11')
  })

  it('throw the refusal of a contract that a quorum tells, whatever words it uses', async () => {
    const { rpcs, client } = await setUp()
    rpcs.forEach((rpc, at) => {
      rpc.alter = (method, _params, answer) => {
        if (method === 'eth_call') throw new RpcFailure(3, `execution reverted (${at})`, '0x1cdde67b')
        return answer
      }
    })
    await expect(client.readContract(BALANCE)).rejects.toThrow('Closed()')
  })

  it.each([
    { given: 'a wrong balance', method: 'eth_call', change: () => `0x${'ff'.repeat(32)}` },
    {
      given: 'hidden logs',
      method: 'eth_getLogs',
      change: () => [],
    },
    {
      given: 'invented logs',
      method: 'eth_getLogs',
      change: (logs: unknown) => [...(logs as object[]), { ...(logs as object[])[0], logIndex: '0x1' }],
    },
    {
      given: 'altered logs',
      method: 'eth_getLogs',
      change: (logs: unknown) => (logs as object[]).map((one) => ({ ...one, data: '0x01' })),
    },
  ])('believe no single endpoint with $given, and set it aside', async ({ method, change }) => {
    const { chain, rpcs, pool, client } = await setUp()
    lie(rpcs[1]!, method, change)
    for (let n = 0; n < 3; n++) {
      expect(await client.readContract(BALANCE)).toBe(chain.head.hash)
      expect(await logsOf(client)).toMatchObject([{ address: CONTRACT, blockNumber: 9n, data: '0x' }])
    }
    await expect.poll(() => pool.status().map(({ state }) => state)).toEqual(['ok', 'contradicts', 'ok'])
  })

  it('go on when one lies and later another dies, as long as a quorum is left', async () => {
    const { chain, rpcs, client } = await setUp(4)
    lie(rpcs[0]!, 'eth_call', () => `0x${'ff'.repeat(32)}`)
    expect(await client.readContract(BALANCE)).toBe(chain.head.hash)
    await rpcs[0]!.shut()
    expect(await client.readContract(BALANCE)).toBe(chain.head.hash)
  })

  it('fail when two contradict each other: neither is believed, neither is blamed', async () => {
    const { rpcs, pool, client } = await setUp(2)
    lie(rpcs[0]!, 'eth_call', () => `0x${'ff'.repeat(32)}`)
    const failed: unknown = await client.readContract(BALANCE).catch((err: unknown) => err)
    expect(failed).toMatchObject({ message: expect.stringContaining('1 of 2') })
    expect(lacksQuorum(failed)).toBe(true)
    expect(pool.status().map(({ state }) => state)).toEqual(['ok', 'ok'])
  })

  it.each(['eth_fillTransaction', 'eth_getProof', 'toString', '__proto__'])(
    'of another kind are refused, not passed on: %s',
    async (method) => {
      const { rpcs, client } = await setUp()
      await expect(client.request({ method } as never)).rejects.toThrow(`"${method}" is not supported`)
      expect(rpcs[0]!.asked).not.toContain(method)
    },
  )
})

describe('transactions', () => {
  it('go to every endpoint, under the hash that we computed', async () => {
    const { rpcs, client } = await setUp()
    lie(rpcs[0]!, 'eth_sendRawTransaction', () => `0x${'ee'.repeat(32)}`)
    rpcs[1]!.alter = (method, _params, answer) => {
      if (method === 'eth_sendRawTransaction') throw new RpcFailure(-32_000, 'not today')
      return answer
    }
    expect(await client.sendRawTransaction({ serializedTransaction: RAW })).toBe(keccak256(RAW))
    expect(rpcs.map(({ sent }) => sent)).toEqual([[RAW], [RAW], [RAW]])
  })

  it('are refused with what an endpoint says if none takes them', async () => {
    const { rpcs, client } = await setUp()
    for (const rpc of rpcs)
      rpc.alter = (method, _params, answer) => {
        if (method === 'eth_sendRawTransaction') throw new RpcFailure(-32_000, 'already known')
        return answer
      }
    await expect(client.sendRawTransaction({ serializedTransaction: RAW })).rejects.toThrow('already known')
  })

  it('are mined once a quorum has the same receipt', async () => {
    const { rpcs, client } = await setUp()
    const hash = keccak256(RAW)
    expect(await client.getTransactionReceipt({ hash })).toMatchObject({ status: 'success' })
    const elsewhere = (other: Hex) => (receipt: unknown) => ({ ...(receipt as object), blockHash: other })
    lie(rpcs[0]!, 'eth_getTransactionReceipt', elsewhere(keccak256('0x01')))
    expect(await client.getTransactionReceipt({ hash })).toMatchObject({ status: 'success' })
    lie(rpcs[1]!, 'eth_getTransactionReceipt', () => null)
    await expect(client.getTransactionReceipt({ hash })).rejects.toThrow(TransactionReceiptNotFoundError)
  })

  it.each([
    { given: 'one that claims more', counts: [1_000, 4, 4], nonce: 4 },
    { given: 'one that claims less', counts: [0, 4, 4], nonce: 4 },
    { given: 'one whose pool is behind', counts: [5, 4, 5], nonce: 5 },
  ])('take the nonce that a quorum reaches: $given', async ({ counts, nonce }) => {
    const { rpcs, client } = await setUp()
    rpcs.forEach((rpc, at) => lie(rpc, 'eth_getTransactionCount', () => `0x${counts[at]!.toString(16)}`))
    expect(await client.getTransactionCount({ address: CONTRACT })).toBe(nonce)
  })
})
