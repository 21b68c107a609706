import { getAddress, type PublicClient } from 'viem'
import { describe, expect, it } from 'vitest'
import { CONTENTS } from '@teahouse/protocol/chain-relay'
import { evaluator, requestsOf } from './evaluate.ts'

const CONTRACT = getAddress(`0x${'11'.repeat(20)}`)

function world(logRequests: number) {
  const asked: unknown[] = []
  const client = {
    request: async ({ params: [filter] }: { params: [{ fromBlock: string; toBlock: string }] }) => {
      asked.push([Number(filter.fromBlock), Number(filter.toBlock)])
      return []
    },
  } as unknown as PublicClient
  return { asked, evaluate: evaluator({ client, contracts: [CONTRACT], blockRange: 100, logRequests }) }
}

const question = (fromBlock: bigint, toBlock: bigint) =>
  ({ kind: 'logs', address: CONTRACT, topics: [], fromBlock, toBlock }) as const

describe('a question about events', () => {
  it('takes a request for each range of blocks', async () => {
    const { evaluate, asked } = world(3)
    expect(CONTENTS.logs.decode(await evaluate(question(1n, 250n), 1_000n))).toEqual([])
    const ranges = [
      [1, 100],
      [101, 200],
      [201, 250],
    ]
    expect(asked).toEqual(ranges)
    expect(requestsOf(question(1n, 250n), 100)).toBe(3)
  })

  it('is refused before anything is asked when it takes more than it may, and told what it may', async () => {
    const { evaluate, asked } = world(3)
    const refused = evaluate(question(1n, 301n), 1_000n)
    await expect(refused).rejects.toMatchObject({ detail: { status: 413 } })
    await expect(refused).rejects.toThrow('at most 300 blocks')
    expect(asked).toEqual([])
  })
})
