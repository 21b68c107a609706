import { ContractFunctionZeroDataError } from 'viem'
import { describe, expect, it } from 'vitest'
import { readFinal } from './final.ts'

const clientAt = (head: bigint) => ({ getBlockNumber: async () => head })

describe('readFinal', () => {
  it.each([
    { head: 12n, read: 0n },
    { head: 20n, read: 8n },
    { head: 11n, read: undefined },
  ])('reads 12 blocks behind the head: at $head, block $read', async ({ head, read }) => {
    expect(await readFinal(clientAt(head), 12, async (block) => block)).toBe(read)
  })

  it('finds nothing where there was no contract yet, and hides no other failure', async () => {
    const fail = (error: Error) => readFinal(clientAt(20n), 12, () => Promise.reject(error))
    expect(await fail(new ContractFunctionZeroDataError({ functionName: 'account' }))).toBeUndefined()
    await expect(fail(new Error('away'))).rejects.toThrow('away')
  })
})
