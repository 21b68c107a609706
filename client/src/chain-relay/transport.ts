import { CONTENTS, MAX_LOG_BLOCKS } from '@teahouse/protocol/chain-relay'
import {
  custom,
  MethodNotSupportedRpcError,
  numberToHex,
  RpcRequestError,
  zeroAddress,
  type Address,
  type Hex,
} from 'viem'
import { isTooLarge, type AgreedBlock, type ChainAgreement } from './agreement.ts'
import { ChainNodesError } from './errors.ts'

type Params = readonly unknown[]
type BlockTag = Hex | 'latest' | 'pending' | 'safe' | 'finalized' | 'earliest' | undefined
interface LogFilter {
  readonly address?: Address | readonly Address[]
  readonly topics?: readonly (Hex | readonly Hex[] | null)[]
  readonly fromBlock?: BlockTag
  readonly toBlock?: BlockTag
  readonly blockHash?: Hex
}

/**
 * viem's way to the chain without an RPC endpoint: reads become questions to operators, and what they agree on is answered. Every tag means the newest
 * block that they agree on. Blocks have number, hash and time only. What sends, estimates or traces is refused: UNSUPPORTED.
 */
export function nodesTransport(chainId: number, agreement: ChainAgreement) {
  const { head, ask } = agreement

  async function at(tag: BlockTag): Promise<AgreedBlock> {
    if (tag === 'earliest') return await agreement.block(0n)
    return tag?.startsWith('0x') ? await agreement.block(BigInt(tag)) : await head()
  }

  async function block([tag]: Params): Promise<unknown> {
    const wanted = tag as BlockTag
    if (wanted?.startsWith('0x') && BigInt(wanted) > (await head()).number) return null
    const { number, hash, timestamp } = await at(wanted)
    return { number: numberToHex(number), hash, timestamp: numberToHex(timestamp), transactions: [] }
  }

  async function call([transaction, tag, overrides]: Params): Promise<Hex> {
    const { to, data, ...others } = transaction as { to?: Address; data?: Hex; from?: Address; value?: Hex }
    // Who calls, and with what coins, is no part of the question.
    const isMore = Object.values(others).some((value) => value !== undefined)
    if (!to || isMore || overrides !== undefined) throw unsupported('eth_call')
    const answer = await ask({ kind: 'call', to, data: data ?? '0x' }, await at(tag as BlockTag))
    const { ok, data: result } = CONTENTS.call.decode(answer)
    if (ok) return result
    const error = { code: 3, message: 'execution reverted', data: result }
    throw new RpcRequestError({ body: { method: 'eth_call' }, url: 'the nodes', error })
  }

  async function logs([filter]: Params): Promise<unknown[]> {
    const { address = [], topics = [], fromBlock, toBlock, blockHash } = filter as LogFilter
    if (blockHash !== undefined) throw unsupported('eth_getLogs')
    const newest = await head()
    const numberOf = (tag: BlockTag): bigint =>
      tag === 'earliest' ? 0n : tag?.startsWith('0x') ? BigInt(tag) : newest.number
    const last = numberOf(toBlock) < newest.number ? numberOf(toBlock) : newest.number
    const wanted = topics.map((topic) =>
      topic === null ? [] : typeof topic === 'string' ? [topic] : [...topic],
    )
    const found = []
    for (const contract of typeof address === 'string' ? [address] : address)
      for (let from = numberOf(fromBlock); from <= last; from += MAX_LOG_BLOCKS) {
        const end = from + MAX_LOG_BLOCKS - 1n < last ? from + MAX_LOG_BLOCKS - 1n : last
        found.push(...(await range({ address: contract, topics: wanted, at: newest }, from, end)))
      }
    return found
  }

  async function range(
    filter: { readonly address: Address; readonly topics: Hex[][]; readonly at: AgreedBlock },
    fromBlock: bigint,
    toBlock: bigint,
  ): Promise<unknown[]> {
    const { address, topics } = filter
    try {
      const answer = await ask({ kind: 'logs', address, topics, fromBlock, toBlock }, filter.at)
      return CONTENTS.logs.decode(answer).map((log) => ({
        ...log,
        address,
        blockNumber: numberToHex(log.blockNumber),
        transactionIndex: numberToHex(log.transactionIndex),
        logIndex: numberToHex(log.logIndex),
        removed: false,
      }))
    } catch (error) {
      if (!isTooLarge(error) || fromBlock === toBlock) throw error
      const middle = (fromBlock + toBlock) / 2n
      const first = await range(filter, fromBlock, middle)
      return [...first, ...(await range(filter, middle + 1n, toBlock))]
    }
  }

  async function receipt([hash]: Params): Promise<unknown> {
    const found = CONTENTS.receipt.decode(await ask({ kind: 'receipt', hash: hash as Hex }))
    if (!found) return null
    const { success, to, ...fields } = found
    return {
      ...fields,
      transactionHash: hash,
      to: to === zeroAddress ? null : to,
      status: success ? '0x1' : '0x0',
      blockNumber: numberToHex(found.blockNumber),
      transactionIndex: numberToHex(found.transactionIndex),
      gasUsed: numberToHex(found.gasUsed),
      logs: [],
    }
  }

  async function balance([address, tag]: Params): Promise<Hex> {
    const answer = await ask({ kind: 'balance', address: address as Address }, await at(tag as BlockTag))
    return numberToHex(CONTENTS.balance.decode(answer))
  }

  const handlers: Readonly<Record<string, (params: Params) => Promise<unknown>>> = {
    // Nodes of another chain sign for another one: their answers do not count.
    eth_chainId: async () => numberToHex(chainId),
    eth_blockNumber: async () => numberToHex((await head()).number),
    eth_getBlockByNumber: block,
    eth_call: call,
    eth_getLogs: logs,
    eth_getTransactionReceipt: receipt,
    eth_getBalance: balance,
  }

  return custom(
    {
      async request({ method, params = [] }: { method: string; params?: Params }): Promise<unknown> {
        const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined
        if (!handler) throw unsupported(method)
        return await handler(params)
      },
    },
    { retryCount: 0 },
  )
}

function unsupported(method: string): MethodNotSupportedRpcError {
  const message = `${method} is not asked of nodes`
  return new MethodNotSupportedRpcError(new ChainNodesError(message, { code: 'UNSUPPORTED', method }), {
    method,
  })
}
