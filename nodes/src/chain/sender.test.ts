import { createPublicClient, custom, encodeFunctionResult, keccak256, parseTransaction, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { abis } from '@teahouse/protocol/chain'
import { evmChain } from './client.ts'
import { createSender } from './sender.ts'

const log = pino({ level: 'silent' })
const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const CALL = {
  address: `0x${'22'.repeat(20)}` as const,
  abi: abis.Token,
  functionName: 'transfer',
  args: [`0x${'33'.repeat(20)}`, 1n],
}

/** A chain that mines every transaction at once; `fault` may throw before an answer is given. */
function fakeChain(
  fault: (method: string) => void = () => undefined,
  isMined: (hash: Hex, sent: readonly Hex[]) => boolean = () => true,
) {
  const sent: Hex[] = []
  const nonceNow = () => `0x${sent.length.toString(16)}`
  const answers: Record<string, (params: unknown[]) => unknown> = {
    eth_chainId: () => '0x1',
    eth_call: () => encodeFunctionResult({ abi: abis.Token, functionName: 'transfer', result: true }),
    eth_getTransactionCount: nonceNow,
    eth_estimateGas: () => '0x5208',
    eth_gasPrice: () => '0x1',
    eth_maxPriorityFeePerGas: () => '0x1',
    eth_blockNumber: () => '0x1',
    eth_getBlockByNumber: () => ({ number: '0x1', baseFeePerGas: '0x1', timestamp: '0x1', transactions: [] }),
    eth_sendRawTransaction: ([raw]) => {
      if (!sent.includes(raw as Hex)) sent.push(raw as Hex)
      fault('after eth_sendRawTransaction')
      return `0x${'44'.repeat(32)}`
    },
    eth_getTransactionReceipt: ([hash]) =>
      isMined(hash as Hex, sent)
        ? { transactionHash: hash, status: '0x1', blockNumber: '0x1', gasUsed: '0x1', logs: [] }
        : null,
  }
  const transport = custom(
    {
      async request({ method, params }: { method: string; params: unknown[] }) {
        fault(method)
        return answers[method]!(params)
      },
    },
    { retryCount: 0 },
  )
  const chain = evmChain(1)
  const client = createPublicClient({ chain, transport })
  const sender = createSender({
    account,
    chain,
    client,
    transport,
    receiptTimeoutMs: 2_000,
    replaceAfterMs: 20,
    log,
  })
  return { sender, sent }
}

describe('createSender', () => {
  it('sends one after the other, so that every transaction has a nonce of its own', async () => {
    const { sender, sent } = fakeChain()
    await Promise.all([sender.send(CALL), sender.send(CALL), sender.send(CALL)])
    expect(new Set(sent).size).toBe(3)
  })

  it('sends the same bytes again when the answer was lost', async () => {
    let losses = 1
    const { sender, sent } = fakeChain((method) => {
      if (method === 'after eth_sendRawTransaction' && losses-- > 0) throw new Error('connection lost')
    })
    await sender.send(CALL)
    expect(sent).toHaveLength(1)
  })

  it('offers more for the same transaction while it is not mined, and takes whichever is', async () => {
    const { sender, sent } = fakeChain(undefined, (_, all) => all.length >= 3)
    await sender.send(CALL)
    const offers = sent.map((raw) => parseTransaction(raw))
    expect(offers).toHaveLength(3)
    expect(new Set(offers.map(({ nonce, to, data, gas }) => `${nonce} ${to} ${data} ${gas}`)).size).toBe(1)
    const fees = offers.map(({ maxFeePerGas, maxPriorityFeePerGas }) => [maxFeePerGas, maxPriorityFeePerGas])
    for (const at of [1, 2]) {
      expect(fees[at]![0]! * 10n).toBeGreaterThanOrEqual(fees[at - 1]![0]! * 11n)
      expect(fees[at]![1]! * 10n).toBeGreaterThanOrEqual(fees[at - 1]![1]! * 11n)
    }
  })

  it('finds the first offer mined after it made a second one', async () => {
    const { sender, sent } = fakeChain(
      undefined,
      (hash, all) => all.length > 1 && hash === keccak256(all[0]!),
    )
    const { transactionHash } = await sender.send(CALL)
    expect(transactionHash).toBe(keccak256(sent[0]!))
  })

  it('sends nothing that the simulation refuses, and goes on with the next', async () => {
    let refusals = 1
    const { sender, sent } = fakeChain((method) => {
      if (method === 'eth_call' && refusals-- > 0) throw new Error('refused')
    })
    await expect(sender.send(CALL)).rejects.toThrow()
    await sender.send(CALL)
    expect(sent).toHaveLength(1)
  })

  it('refuses what comes after stop()', async () => {
    const { sender } = fakeChain()
    const last = sender.send(CALL)
    await sender.stop()
    await expect(last).resolves.toMatchObject({ status: 'success' })
    await expect(sender.send(CALL)).rejects.toMatchObject({ code: 'STOPPED' })
  })
})
