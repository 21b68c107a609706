import {
  createPublicClient,
  custom,
  encodeFunctionResult,
  numberToHex,
  parseTransaction,
  TransactionReceiptNotFoundError,
  type Hex,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { abis, withGasMargin } from '@teahouse/protocol/chain'
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

/** A chain that mines every transaction at once; `fault` may throw before an answer is given. `former` is what an earlier run had sent. */
function fakeChain(
  fault: (method: string, params: unknown[]) => void = () => undefined,
  receiptTimeoutMs = 2_000,
  former = { sent: 0, mined: 0 },
) {
  const sent: Hex[] = []
  const nonceNow = ([, tag]: unknown[]) =>
    numberToHex(tag === 'latest' ? former.mined : former.sent + sent.length)
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
      fault('after eth_sendRawTransaction', [])
      return `0x${'44'.repeat(32)}`
    },
    eth_getTransactionReceipt: ([hash]) => ({
      transactionHash: hash,
      status: '0x1',
      blockNumber: '0x1',
      gasUsed: '0x1',
      logs: [],
    }),
  }
  const transport = custom(
    {
      async request({ method, params }: { method: string; params: unknown[] }) {
        fault(method, params)
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
    receiptTimeoutMs,
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

  it('sends nothing that the simulation refuses, and goes on with the next', async () => {
    let refusals = 1
    const { sender, sent } = fakeChain((method) => {
      if (method === 'eth_call' && refusals-- > 0) throw new Error('refused')
    })
    await expect(sender.send(CALL)).rejects.toThrow()
    await sender.send(CALL)
    expect(sent).toHaveLength(1)
  })

  it('leaves room in the gas for what others do meanwhile, but no more than it was told to use', async () => {
    const { sender, sent } = fakeChain()
    await sender.send(CALL)
    await sender.send(CALL, { gas: 50_000n })
    expect(sent.map((raw) => parseTransaction(raw).gas)).toEqual([withGasMargin(21_000n), 50_000n])
  })

  it('replaces what is not mined in time by the same call that pays more', async () => {
    let ready = 2
    const { sender, sent } = fakeChain((method) => {
      if (method === 'eth_getTransactionReceipt' && sent.length < ready)
        throw new TransactionReceiptNotFoundError({ hash: '0x' })
    }, 300)
    await sender.send(CALL)
    const [first, second, ...more] = sent.map((raw) => parseTransaction(raw))
    expect(more).toEqual([])
    expect(second).toMatchObject({ nonce: first!.nonce, data: first!.data, to: first!.to })
    expect(second!.maxFeePerGas! * 8n).toBeGreaterThanOrEqual(first!.maxFeePerGas! * 9n)
    ready = 0
    await sender.send(CALL)
    expect(sent).toHaveLength(3)
  })

  it('puts the next call in the place of one that was given up, for more', async () => {
    let isStuck = true
    const { sender, sent } = fakeChain((method) => {
      if (method === 'eth_getTransactionReceipt' && isStuck)
        throw new TransactionReceiptNotFoundError({ hash: '0x' })
    }, 100)
    await expect(sender.send(CALL)).rejects.toThrow('Timed out')
    const last = parseTransaction(sent.at(-1))
    isStuck = false
    await sender.send(CALL)
    const next = parseTransaction(sent.at(-1))
    expect(next.nonce).toBe(last.nonce)
    expect(next.maxFeePerGas! * 8n).toBeGreaterThanOrEqual(last.maxFeePerGas! * 9n)
  })

  it('takes the place of what a former run has left unmined, though it does not know what that pays', async () => {
    let asked = 1n
    const fault = (method: string, params: unknown[]) => {
      if (method !== 'eth_sendRawTransaction') return
      const { maxFeePerGas = 0n } = parseTransaction(params[0] as Hex)
      if (maxFeePerGas < 5n * asked) throw new Error('replacement transaction underpriced')
    }
    const { sender, sent } = fakeChain(fault, 100, { sent: 1, mined: 0 })
    await sender.send(CALL)
    expect(sent.map((raw) => parseTransaction(raw).nonce ?? 0)).toEqual([0])
    asked = 0n
    await sender.send(CALL)
    expect(parseTransaction(sent[1]!).nonce).toBe(2)
  })

  it('leaves alone what a former run has sent and is mined in time', async () => {
    const former = { sent: 1, mined: 0 }
    const { sender, sent } = fakeChain(undefined, 2_000, former)
    setTimeout(() => (former.mined = 1), 50)
    await sender.send(CALL)
    expect(sent.map((raw) => parseTransaction(raw).nonce)).toEqual([1])
  })

  it.each([
    { given: 'nobody tells the fees', fails: ['eth_gasPrice', 'eth_maxPriorityFeePerGas'] },
    { given: 'a replacement is not taken', fails: ['eth_sendRawTransaction'] },
  ])('goes on waiting for what it sent when $given', async ({ fails }) => {
    let failures = 0
    const { sender, sent } = fakeChain((method) => {
      if (method === 'eth_getTransactionReceipt' && failures === 0)
        throw new TransactionReceiptNotFoundError({ hash: '0x' })
      if (sent.length > 0 && fails.includes(method)) {
        failures++
        throw new Error('away')
      }
    }, 300)
    await expect(sender.send(CALL)).resolves.toMatchObject({ status: 'success' })
    expect(failures).toBeGreaterThan(0)
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
