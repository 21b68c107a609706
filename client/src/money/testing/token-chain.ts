import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { abis, type LocalNetwork } from '@teahouse/protocol/chain'
import {
  decodeFunctionData,
  encodeAbiParameters,
  encodeEventTopics,
  encodeFunctionResult,
  erc20Abi,
  getAddress,
  keccak256,
  numberToHex,
  parseTransaction,
  recoverTransactionAddress,
  type Abi,
  type Address,
  type Hex,
  type TransactionSerializedEIP1559,
} from 'viem'

export const TOKEN: Address = getAddress(`0x${'70'.repeat(20)}`)
const CHAIN_ID = 31_337
const BLOCK_HASH: Hex = `0x${'b0'.repeat(32)}`
const NO_BLOOM: Hex = `0x${'00'.repeat(256)}`

interface Mined {
  readonly hash: Hex
  readonly block: number
  readonly from: Address
  readonly to: Address
  readonly value: bigint
}

/** A JSON-RPC endpoint over one token and nothing else: each transaction it takes is a block. */
export async function tokenChain() {
  const mined: Mined[] = []
  const waiting: (() => void)[] = []
  const nonces = new Map<Address, number>()
  const balances = new Map<Address, bigint>()
  const state = {
    /** Takes a transaction, and gives no answer. */
    answersLost: false,
    /** Takes no transaction. */
    down: false,
    /** Keeps transactions until `mineAll`. */
    held: false,
    /** Blocks that came after the last transaction. */
    empty: 0,
    /** How often the chain was asked about a transaction, or for events. */
    looks: 0,
    /** How many times a transaction was handed in. */
    sent: 0,
  }
  const has = (address: Address): bigint => balances.get(address) ?? 0n

  async function take(raw: Hex): Promise<Hex> {
    state.sent++
    if (state.down) throw new Error('nobody takes it')
    const serializedTransaction = raw as TransactionSerializedEIP1559
    const { nonce = 0, data } = parseTransaction(serializedTransaction)
    const from = await recoverTransactionAddress({ serializedTransaction })
    const hash = keccak256(raw)
    const isNext = (): boolean => (nonces.get(from) ?? 0) === nonce
    if (!isNext()) throw new Error('nonce too low')
    const mine = (): void => {
      if (!isNext()) return
      nonces.set(from, nonce + 1)
      const { args } = decodeFunctionData({ abi: erc20Abi, data: data! })
      const [to, value] = args as readonly [Address, bigint]
      balances.set(from, has(from) - value)
      balances.set(to, has(to) + value)
      mined.push({ hash, block: mined.length + 1, from, to, value })
    }
    if (state.held) waiting.push(mine)
    else mine()
    if (state.answersLost) throw new Error('the answer is lost')
    return hash
  }

  function call({ data }: { data: Hex }): Hex {
    const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data })
    const results: Readonly<Record<string, unknown>> = {
      decimals: 6,
      symbol: 'TEA',
      balanceOf: has(getAddress((args as readonly Address[] | undefined)?.[0] ?? TOKEN)),
    }
    const abi: Abi = erc20Abi
    return encodeFunctionResult({ abi, functionName, result: results[functionName] })
  }

  function logs(filter: { topics: (Hex | Hex[] | null)[]; fromBlock: Hex; toBlock?: Hex }): unknown[] {
    const end = filter.toBlock?.startsWith('0x') ? Number(filter.toBlock) : Infinity
    return mined
      .filter(({ block }) => block >= Number(filter.fromBlock) && block <= end)
      .map(({ hash, block, from, to, value }) => ({
        ...{ address: TOKEN, transactionHash: hash, blockHash: BLOCK_HASH, logIndex: '0x0' },
        ...{ transactionIndex: '0x0', blockNumber: numberToHex(block), removed: false },
        topics: encodeEventTopics({ abi: erc20Abi, eventName: 'Transfer', args: { from, to } }),
        data: encodeAbiParameters([{ type: 'uint256' }], [value]),
      }))
      .filter(({ topics }) =>
        filter.topics.every((wanted, at) => wanted === null || [wanted].flat().includes(topics[at] as Hex)),
      )
  }

  function receipt(hash: Hex): unknown {
    const found = mined.find((one) => one.hash === hash)
    return (
      found && {
        ...{ transactionHash: hash, blockHash: BLOCK_HASH, blockNumber: numberToHex(found.block) },
        ...{ from: found.from, to: TOKEN, status: '0x1', type: '0x2', transactionIndex: '0x0' },
        ...{ gasUsed: '0xc350', cumulativeGasUsed: '0xc350', effectiveGasPrice: '0x1', logs: [] },
        ...{ contractAddress: null, logsBloom: NO_BLOOM },
      }
    )
  }

  const block = (number: Hex) => ({
    ...{ number, hash: BLOCK_HASH, parentHash: BLOCK_HASH, timestamp: '0x65000000', transactions: [] },
    ...{ baseFeePerGas: '0x1', gasLimit: '0x1c9c380', gasUsed: '0x0', logsBloom: NO_BLOOM },
  })

  async function answer(method: string, params: readonly never[]): Promise<unknown> {
    const latest = numberToHex(mined.length + state.empty)
    const [first] = params
    switch (method) {
      case 'eth_chainId':
        return numberToHex(CHAIN_ID)
      case 'eth_blockNumber':
        return latest
      case 'eth_getBlockByNumber':
        return block(String(first).startsWith('0x') ? first! : latest)
      case 'eth_getBalance':
        return '0xde0b6b3a7640000'
      case 'eth_getTransactionCount':
        return numberToHex(nonces.get(getAddress(first!)) ?? 0)
      case 'eth_estimateGas':
        return '0xea60'
      case 'eth_maxPriorityFeePerGas':
        return '0x1'
      case 'eth_call':
        return call(first!)
      case 'eth_getLogs':
        state.looks++
        return logs(first!)
      case 'eth_getTransactionReceipt':
        state.looks++
        return receipt(first!) ?? null
      case 'eth_sendRawTransaction':
        return await take(first!)
      default:
        throw new Error(`No ${method} here`)
    }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString()) as {
        id: number
        method: string
        params: readonly never[]
      }
      answer(method, params ?? []).then(
        (result) => response.end(JSON.stringify({ jsonrpc: '2.0', id, result })),
        (error: Error) =>
          response.end(
            JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_000, message: error.message } }),
          ),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const contracts = Object.fromEntries(
    Object.keys(abis).map((name, at) => [name, getAddress(numberToHex(at + 1, { size: 20 }))]),
  ) as LocalNetwork['contracts']
  const network: LocalNetwork = {
    ...{ rpcUrl: `http://127.0.0.1:${port}`, chainId: CHAIN_ID, clusterId: 1, shards: 1, nodes: [] },
    contracts: { ...contracts, Token: TOKEN },
  }

  return {
    network,
    state,
    mined: mined as readonly Mined[],
    has,
    give: (address: Address, amount: bigint): void => void balances.set(address, amount),
    /** The last transaction is in no block any more. */
    undo: (): void => {
      const { from, to, value } = mined.pop()!
      balances.set(from, has(from) + value)
      balances.set(to, has(to) - value)
    },
    mineAll: (): void => {
      for (const mine of waiting.splice(0)) mine()
    },
    stop: (): Promise<void> => new Promise((resolve) => void server.close(() => resolve())),
  }
}
