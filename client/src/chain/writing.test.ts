import { abis, withGasMargin } from '@teahouse/protocol/chain'
import { createClient, custom, defineChain, parseTransaction, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { writing } from './writing.ts'

const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const TOKEN = `0x${'22'.repeat(20)}` as const
const nativeCurrency = { name: 'Ether', symbol: 'ETH', decimals: 18 }
const chain = defineChain({ id: 1, name: 'one', nativeCurrency, rpcUrls: { default: { http: [] } } })

/** A client of a chain by whose estimate 80,000 of gas suffice, and what it has sent. */
function clientOf80000() {
  const sent: Hex[] = []
  const answers: Record<string, (params: unknown[]) => unknown> = {
    eth_chainId: () => '0x1',
    eth_getTransactionCount: () => '0x0',
    eth_estimateGas: () => '0x13880',
    eth_maxPriorityFeePerGas: () => '0x1',
    eth_getBlockByNumber: () => ({ number: '0x1', baseFeePerGas: '0x1', timestamp: '0x1', transactions: [] }),
    eth_sendRawTransaction: ([raw]) => {
      sent.push(raw as Hex)
      return `0x${'44'.repeat(32)}`
    },
  }
  const transport = custom({
    request: ({ method, params }: { method: string; params: unknown[] }) =>
      Promise.resolve(answers[method]!(params)),
  })
  return { client: createClient({ account, chain, transport }), sent }
}

describe('a transaction of a contract', () => {
  it('is written with more gas than its estimate, since others may make it dearer before it is mined', async () => {
    const { client, sent } = clientOf80000()
    const call = { abi: abis.Token, functionName: 'transfer', args: [TOKEN, 1n] } as const
    await writing.writeContract(client, { address: TOKEN, ...call, account, chain })
    expect(parseTransaction(sent[0]!).gas).toBe(withGasMargin(80_000n))
  })

  it('that is recorded first, too', async () => {
    const { client } = clientOf80000()
    const wanted = { account, chain, to: TOKEN, data: '0x12', type: 'eip1559' } as const
    const { gas } = (await writing.prepareTransactionRequest(client, wanted)) as { gas: bigint }
    expect(gas).toBe(withGasMargin(80_000n))
  })
})
